"""What answers have in place of something that Lambda, or the caller, cannot get at: an error code and a message.

(I) The codes and texts, but for those of a key: ``Lambda was unable to decrypt your environment variables ...`` with a
code of KMS stands in public reports.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.failure_modes import FailureMode
from lambda_states_mock.resources.code import Code
from lambda_states_mock.resources.function import Configuration, Version
from lambda_states_mock.service import Call, View
from lambda_states_mock.service_errors import ServiceError

_OF_KMS = {
    failure_modes.KEY_DISABLED.what: "DisabledException",
    failure_modes.KEY_GONE.what: "NotFoundException",
    failure_modes.KEY_PENDING_DELETION.what: "KMSInvalidStateException",
}
"""The codes of KMS itself. A key that is denied to the function's role is not denied to the caller."""


def completed(call: Call, version: Version, view: View) -> View:
    """Return *view*, a FunctionConfiguration of *version*, with what cannot be had withheld.

    A function on a capacity provider has a ``ConfigSha256``, too: (I) none was recorded for others.
    """
    configuration = version.configuration
    undecryptable = _of_key(call, configuration.kms_key_arn)
    if undecryptable is not None:
        for member in ("Environment", "ImageConfigResponse"):
            if member in view:
                view[member] = {"Error": undecryptable}
    pinned = configuration.runtime_version_arn
    if "RuntimeVersionConfig" in view and call.service.world.runtime_versions.failure_mode(pinned) is not None:
        text = f"Lambda was unable to retrieve the runtime version {pinned}."
        view["RuntimeVersionConfig"] = {"Error": {"ErrorCode": "RuntimeVersionNotFoundException", "Message": text}}
    if configuration.capacity_provider is not None:
        view["ConfigSha256"] = _digest(configuration)
    return view


def code_error(call: Call, code: Code) -> View | None:
    """Return why *code* cannot be fetched, or None."""
    lost = call.service.world.objects.failure_mode(code.referenced_object)
    if lost is None:
        return _of_key(call, code.source_kms_key_arn)
    denied = lost is failure_modes.OBJECT_DENIED
    return {
        "ErrorCode": "AccessDenied" if denied else "NoSuchKey",
        "Message": f"Lambda was unable to retrieve the deployment package: {lost.what}.",
    }


def tags_error(call: Call, version: Version) -> View | None:
    """Return why the caller may not see the tags of a function (``lambda:ListTags``), or None."""
    try:
        call.service.world.permissions.check("ListTags", version.place.function_arn(version.name), version.name)
    except ServiceError as error:
        return {"ErrorCode": error.code, "Message": error.message}
    return None


def filters_error(call: Call, key_arn: str | None) -> View | None:
    """Return why the filters of an event source mapping cannot be decrypted, or None."""
    return _of_key(call, key_arn)


def _of_key(call: Call, key_arn: str | None) -> View | None:
    if not key_arn:
        return None
    failure_mode: FailureMode | None = call.service.preconditions.neighbours.key_failure_mode(key_arn)
    if failure_mode is None or failure_mode.what not in _OF_KMS or failure_mode.invoke is None:
        return None
    code = _OF_KMS[failure_mode.what]
    text = (failure_mode.invoke.text or "").replace("the environment variables", "your environment variables")
    return {"ErrorCode": code, "Message": f"{text} KMS Exception: {code}"}


def _digest(configuration: Configuration) -> str:
    """Return the hash of all that *configuration* says, in the form of ``CodeSha256`` (I)."""
    said: Any = {name: getattr(configuration, name) for name in configuration.__dataclass_fields__}
    text = json.dumps(
        said, sort_keys=True, default=lambda value: dict(value) if hasattr(value, "keys") else repr(value)
    )
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
