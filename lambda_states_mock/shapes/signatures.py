"""Whether code may be deployed to a function that has a code signing configuration."""

from __future__ import annotations

from lambda_states_mock.resources.code import Code
from lambda_states_mock.resources.code_signing_config import CodeSigningConfig, is_signed
from lambda_states_mock.resources.function import Configuration
from lambda_states_mock.service import Call
from lambda_states_mock.service_errors import CODE_NOT_SIGNED, NO_CODE_SIGNING_CONFIG
from lambda_states_mock.shapes.checks import found


def config_for_function(call: Call, arn: str) -> CodeSigningConfig:
    """Return the configuration that a function is to have. Raises CodeSigningConfigNotFoundException."""
    return found(call.partition.code_signing_configs.get(arn), NO_CODE_SIGNING_CONFIG, arn=arn)


def check_signatures(call: Call, arn: str | None, configuration: Configuration, code: Code) -> None:
    """Raise CodeVerificationFailedException if *code* or a layer is unsigned and the configuration *arn* enforces.

    What a signature says is not looked into: a zip that AWS Signer has signed passes, and so does an image.
    """
    if arn is None or config_for_function(call, arn).policy != "Enforce":
        return
    contents = (code.zip, *(layer.content for layer in configuration.layers))
    if not all(is_signed(content) for content in contents if content is not None):
        raise CODE_NOT_SIGNED.error()
