"""What many operations check in the same way: that something is there, that nobody changed it, that its tags fit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.service import Call, Params
from lambda_states_mock.service_errors import ErrorTemplate, ServiceError

R = TypeVar("R")


def found(record: R | None, missing: ErrorTemplate, **facts: object) -> R:
    """Return *record*. Raises *missing*, filled with *facts*, where there is none."""
    if record is None:
        raise missing.error(**facts)
    return record


def check_revision(params: Params, *current: str, stale: ErrorTemplate = texts.STALE_REVISION) -> None:
    """Raise *stale*, a PreconditionFailedException, for a RevisionId that is none of *current*."""
    if params.get("RevisionId") and params["RevisionId"] not in current:
        raise stale.error()


def tags_of(call: Call, params: Params) -> Mapping[str, str]:
    """Return the tags that something is created with. Raises InvalidParameterValueException for too many."""
    tags = dict(params.get("Tags") or {})
    if len(tags) > call.service.limits.tags:
        raise texts.TOO_MANY_TAGS.error()
    return MappingProxyType(tags)


def neighbour_refusal(error: NeighbourError) -> ServiceError:
    """Return AWS's answer where EC2 does not describe the subnets or security groups that are named."""
    groups = error.operation == "DescribeSecurityGroups"
    text = texts.SECURITY_GROUPS_NOT_DESCRIBED if groups else texts.SUBNETS_NOT_DESCRIBED
    return text.error(code=error.code, message=error.message)
