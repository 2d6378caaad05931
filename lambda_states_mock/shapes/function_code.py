"""From the code parameters of CreateFunction and UpdateFunctionCode to the code itself, checked as AWS checks it."""

from __future__ import annotations

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.failure_modes import IMAGE_NOT_ACCESSIBLE
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.resources.code import (
    Code,
    Signature,
    code_of_image,
    code_of_zip,
    is_empty_zip,
    unzipped_size,
)
from lambda_states_mock.resources.code_signing_config import CodeSigningConfig, is_signed
from lambda_states_mock.resources.function import Configuration
from lambda_states_mock.service import Call, Params
from lambda_states_mock.shapes.checks import found

_IN_S3 = ("S3Bucket", "S3Key", "S3ObjectVersion")


def code_from(call: Call, source: Params, package_type: str) -> Code:
    """Return the code that *source* (ZipFile, S3Bucket and S3Key, or ImageUri) gives to a *package_type* function.

    Raises InvalidParameterValueException or RequestEntityTooLargeException; nothing is unpacked to find out.
    """
    image_uri = source.get("ImageUri")
    doing = "creating" if call.operation == "CreateFunction" else "updating"
    if package_type == "Image":
        if not image_uri:
            raise texts.IMAGE_URI_WANTED.error(doing=doing)
        return _image(call, image_uri)
    if image_uri:
        raise texts.ZIP_WANTED.error(doing=doing)
    if source.get("ZipFile") is not None:
        if any(source.get(member) for member in _IN_S3):
            raise texts.CODE_TWICE.error()
        return _zip(call, source["ZipFile"], source, None)
    if source.get("S3Bucket") and source.get("S3Key"):
        return _zip(call, _s3_object(call, source), source, f"s3://{source['S3Bucket']}/{source['S3Key']}")
    raise texts.CODE_WANTED.error()


def check_package(call: Call, configuration: Configuration, code: Code, code_signing_config_arn: str | None) -> None:
    """Raise AWS's answer if *code* and the layers of *configuration* are too large together, or unsigned.

    *code_signing_config_arn*: what says whether they have to be signed. Raises InvalidParameterValueException,
    CodeSigningConfigNotFoundException, CodeVerificationFailedException.
    """
    _check_unzipped_total(call, configuration, code)
    _check_signatures(call, code_signing_config_arn, configuration, code)


def _check_unzipped_total(call: Call, configuration: Configuration, code: Code) -> None:
    """Raise InvalidParameterValueException if *code* and its layers together unpack to more than is allowed."""
    contents = [layer.content for layer in configuration.layers if layer.content is not None]
    if code.zip is None or not contents:
        return
    limit = call.service.limits.unzipped_bytes
    size = sum(unzipped_size(content) or 0 for content in (code.zip, *contents))
    if size > limit:
        raise texts.UNZIPPED_WITH_LAYERS_TOO_LARGE.error(limit=limit, size=size)


def config_for_function(call: Call, arn: str) -> CodeSigningConfig:
    """Return the configuration that a function is to have. Raises CodeSigningConfigNotFoundException."""
    return found(call.partition.code_signing_configs.get(arn), texts.NO_CODE_SIGNING_CONFIG, arn=arn)


def _check_signatures(call: Call, arn: str | None, configuration: Configuration, code: Code) -> None:
    """Raise AWS's answer if *code* or a layer has not the signature that the code signing configuration *arn* asks for.

    That is InvalidCodeSignatureException for what was altered, always; CodeVerificationFailedException for any other
    flaw, where the configuration enforces (configuration-codesigning.html). A zip that AWS Signer has signed, but that
    no test has named, passes, and so does an image.
    """
    if arn is None:
        return
    config = config_for_function(call, arn)
    signed = [(code.zip, code.signature), *((layer.content, layer.signature) for layer in configuration.layers)]
    flaws = [_flaw(config, content, signature) for content, signature in signed]
    if "altered" in flaws:
        raise texts.CODE_ALTERED.error()
    flaw = next(filter(None, flaws), None)
    if flaw is not None and config.policy == "Enforce":
        raise texts.CODE_NOT_VERIFIED.error(flaw=flaw)


def _flaw(config: CodeSigningConfig, content: bytes | None, signature: Signature | None) -> str | None:
    """Return what is wrong with the *signature* of *content*, or None."""
    if signature is None:
        return "unsigned" if content is not None and not is_signed(content) else None
    if signature.flaw is None and signature.profile_version_arn not in config.profile_version_arns:
        return "mismatch"
    return signature.flaw


def _image(call: Call, uri: str) -> Code:
    try:
        digest = call.service.neighbours.image_digest(call.place, uri)
    except NeighbourError as error:
        if "AccessDenied" in error.code:
            raise IMAGE_NOT_ACCESSIBLE.error() from None
        raise texts.NO_SUCH_IMAGE.error(uri=uri) from None
    return code_of_image(uri, digest)


def _s3_object(call: Call, source: Params) -> bytes:
    try:
        return call.service.neighbours.s3_object(
            call.place, source["S3Bucket"], source["S3Key"], source.get("S3ObjectVersion")
        )
    except NeighbourError as error:
        raise texts.OBJECT_NOT_FETCHED.error(code=error.code, message=error.message) from None


def _zip(call: Call, content: bytes, source: Params, stored: str | None) -> Code:
    """Return the code that *content* is; *stored*, the object that it comes from, or None: it was in the request."""
    limits = call.service.limits
    if stored is None and len(content) > limits.zipped_bytes:
        raise texts.ZIPPED_TOO_LARGE.error(limit=limits.zipped_bytes)
    if is_empty_zip(content):
        raise texts.EMPTY_ZIP.error()
    size = unzipped_size(content)
    if size is None:
        raise texts.NOT_A_ZIP.error()
    if size >= limits.unzipped_bytes:
        raise texts.UNZIPPED_TOO_LARGE.error(limit=limits.unzipped_bytes)
    kept_there = stored is not None and source.get("S3ObjectStorageMode") == "REFERENCE"
    signatures = [thing.signature for thing in call.service.world.objects.meant_by(stored)]
    return code_of_zip(
        content,
        source_kms_key_arn=source.get("SourceKMSKeyArn"),
        referenced_object=stored if kept_there else None,
        referenced_version=source.get("S3ObjectVersion") if kept_there else None,
        signature=next((one for one in signatures if one is not None), None),
    )
