"""Notifications of moto's S3, when they are configured: S3 asks whether it may invoke the function."""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import sys
from typing import Any
from xml.sax.saxutils import escape

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.pushes import Pusher


def install(patches: Patches) -> None:
    """Let S3 ask until *patches* are restored."""
    responses: Any = sys.modules["moto.s3.responses"].S3Response
    read = responses._notification_config_from_body

    def _notification_config_from_body(self: Any) -> Any:
        configuration = read(self)
        if active_mocks.innermost() is not None and self.headers.get(_SKIP, "").lower() != "true":
            for one in (configuration or {}).get("CloudFunctionConfiguration") or ():
                _check(one["CloudFunction"], f"arn:aws:s3:::{self.bucket_name}", str(self.current_account))
        return configuration

    patches.set(responses, "_notification_config_from_body", _notification_config_from_body)


_SKIP = "x-amz-skip-destination-validation"


def _check(function_arn: str, bucket_arn: str, account: str) -> None:
    """Raise what S3 answers where it may not invoke the function (recorded), if sources need a permission."""
    if moto_lambda.may_invoke(Pusher("S3", "s3.amazonaws.com", bucket_arn, account), function_arn):
        return
    # moto's own errors cannot say which argument is wrong: this is the whole answer.
    bad_request: Any = sys.modules["werkzeug.exceptions"].BadRequest
    refusal: Any = type("Refusal", (bad_request,), {"get_body": lambda error, *_: error.description})
    raise refusal(_REFUSAL.format(arn=escape(function_arn)))


_REFUSAL = (
    "<Error><Code>InvalidArgument</Code>"
    "<Message>Unable to validate the following destination configurations</Message>"
    "<ArgumentName1>{arn}, null</ArgumentName1>"
    "<ArgumentValue1>Not authorized to invoke function [{arn}]</ArgumentValue1></Error>"
)
