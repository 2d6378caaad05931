"""From an HTTP request to the name of the operation it asks for.

Routes are the model's templates. Literal query parts (``?find=LayerVersion``, ``?List=ALL``) belong to
the route: of two operations on one path, the one whose literals are all there wins. A trailing slash is tolerated,
because older SDKs send one (``/functions/``, ``/invoke-async/``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from lambda_states_mock.api_model import ApiModel, ModelledOperation, lambda_model
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire.http import HttpRequest

_LABEL = compile_later(r"\{(\w+)\}")


class Route(NamedTuple):
    """One operation's place: its segments (None for a label) and the query parts that must be there."""

    segments: tuple[str | None, ...]
    literals: frozenset[tuple[str, str]]
    operation: str

    def matches(self, segments: list[str], query: frozenset[tuple[str, str]]) -> bool:
        """Tell whether a path and query of the right method and length belong to this route."""
        return self.literals <= query and all(
            ours == theirs if ours is not None else theirs != ""
            for ours, theirs in zip(self.segments, segments, strict=True)
        )


Table = dict[tuple[str, int], list[Route]]


def route(request: HttpRequest) -> str:
    """Return the name of the operation that *request* asks for.

    Errors: ServiceError with what AWS answers when method and path name no operation.
    """
    return route_in(_table(), request)


def route_in(table: Table, request: HttpRequest) -> str:
    """Return the operation of *table* that *request* asks for; ServiceError when there is none."""
    segments = _segments(request.path)
    query = frozenset(parse_qsl(request.query, keep_blank_values=True)) if request.query else frozenset()
    for candidate in table.get((request.method, len(segments)), ()):
        if candidate.matches(segments, query):
            return candidate.operation
    raise nowhere()


def nowhere() -> ServiceError:
    """Return AWS's answer to a method and path that no operation has (I: seen in many public reports)."""
    return ServiceError(
        "AccessDeniedException",
        "Unable to determine service/operation name to be authorized",
        type=None,
        status=403,
    )


def route_table(service: ApiModel) -> Table:
    """Return the routes of *service*, the most particular first within each method and length."""
    table: Table = defaultdict(list)
    for name in service.operation_names:
        operation = service.operation(name)
        path, _, query = operation.uri.partition("?")
        segments = tuple(None if _LABEL.fullmatch(part) else part for part in _segments(path))
        found = Route(segments, frozenset(parse_qsl(query, keep_blank_values=True)), name)
        table[operation.method, len(segments)].append(found)
    for routes in table.values():
        routes.sort(key=lambda each: (-len(each.literals), each.segments.count(None), each.operation))
    return dict(table)


@cache
def _table() -> Table:
    return route_table(lambda_model())


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").removesuffix("/").split("/")


def label_pattern(operation: ModelledOperation) -> Callable[[str], re.Match[str] | None]:
    """Return what matches a path of *operation*, with a group for each of its labels, still percent-encoded."""
    literals = _LABEL.split(operation.uri.partition("?")[0])[::2]
    pattern = "([^/]+)".join(re.escape(part) for part in literals)
    return re.compile(f"{pattern.removesuffix('/')}/?").fullmatch


def label_names(operation: ModelledOperation) -> tuple[str, ...]:
    """Return the names of the labels in the path of *operation*, in order."""
    return tuple(_LABEL.findall(operation.uri))
