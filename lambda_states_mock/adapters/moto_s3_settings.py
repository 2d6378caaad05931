"""Notifications of moto's S3, when they are configured: S3 reads ARNs of functions, and asks for a permission."""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import sys
from typing import Any, NoReturn
from xml.sax.saxutils import escape, unescape

from lambda_states_mock.adapters import active_mocks, moto_lambda
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.event_sources.pushes import Pusher
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import function_reference


def install(patches: Patches) -> None:
    """Let S3 ask until *patches* are restored."""
    responses: Any = sys.modules["moto.s3.responses"].S3Response
    read = responses._notification_config_from_body

    def _notification_config_from_body(self: Any) -> Any:
        if active_mocks.innermost() is not None:
            _check_arns(self.body)
        configuration = read(self)
        if active_mocks.innermost() is not None and self.headers.get(_SKIP, "").lower() != "true":
            for one in (configuration or {}).get("CloudFunctionConfiguration") or ():
                _check(one["CloudFunction"], f"arn:aws:s3:::{self.bucket_name}", str(self.current_account))
        return configuration

    patches.set(responses, "_notification_config_from_body", _notification_config_from_body)


_SKIP = "x-amz-skip-destination-validation"


def _check_arns(body: bytes | str) -> None:
    """Raise what S3 answers to what is no ARN of a function, also where it validates no destinations (recorded)."""
    for text in _FUNCTION.findall(body if isinstance(body, str) else body.decode()):
        arn = unescape(text)
        named = function_reference(arn)
        if named is None or not arn.startswith("arn:") or named.account is None or named.region is None:
            _refuse(_UNPARSABLE, arn)


_FUNCTION = compile_later(r"<CloudFunction>([^<]*)</CloudFunction>")


def _check(function_arn: str, bucket_arn: str, account: str) -> None:
    """Raise what S3 answers where it may not invoke the function (recorded), if sources need a permission."""
    if not moto_lambda.may_invoke(Pusher("S3", "s3.amazonaws.com", bucket_arn, account), function_arn):
        _refuse(_NOT_AUTHORIZED, function_arn)


def _refuse(answer: str, function_arn: str) -> NoReturn:
    # moto's own errors cannot say which argument is wrong: this is the whole answer.
    bad_request: Any = sys.modules["werkzeug.exceptions"].BadRequest
    refusal: Any = type("Refusal", (bad_request,), {"get_body": lambda error, *_: error.description})
    raise refusal(answer.format(arn=escape(function_arn)))


_UNPARSABLE = (
    "<Error><Code>InvalidArgument</Code><Message>The ARN could not be parsed</Message>"
    "<ArgumentName>CloudFunction</ArgumentName><ArgumentValue>{arn}</ArgumentValue></Error>"
)
_NOT_AUTHORIZED = (
    "<Error><Code>InvalidArgument</Code>"
    "<Message>Unable to validate the following destination configurations</Message>"
    "<ArgumentName1>{arn}, null</ArgumentName1>"
    "<ArgumentValue1>Not authorized to invoke function [{arn}]</ArgumentValue1></Error>"
)
