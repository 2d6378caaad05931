"""Code that AWS Signer has signed: what is refused, and what answers show of it (configuration-codesigning.html)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock, UnknownNameError
from tests.deploying import create, error_of, zip_of

PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/orders/abcdefghij"
OTHER = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/others/abcdefghij"
IN_S3 = {"S3Bucket": "code", "S3Key": "orders.zip"}
OBJECT = "s3://code/orders.zip"
NOT_VERIFIED = (400, "CodeVerificationFailedException")


def signing(client: Any, policy: str) -> str:
    """Return the ARN of a new code signing configuration with *policy*, which accepts `PROFILE` alone."""
    made = client.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
    )
    return str(made["CodeSigningConfig"]["CodeSigningConfigArn"])


@pytest.mark.parametrize("policy", ["Warn", "Enforce"])
def test_a_function_shows_who_has_signed_its_code(client: Any, mock: LambdaMock, policy: str) -> None:
    mock.world.objects[OBJECT].sign(PROFILE)

    made = create(client, Code=IN_S3, CodeSigningConfigArn=signing(client, policy))

    assert made["SigningProfileVersionArn"] == PROFILE
    assert made["SigningJobArn"].startswith("arn:aws:signer:us-east-1:123456789012:/signing-jobs/")
    mock.clock.run_until_idle()
    for found in (
        client.get_function_configuration(FunctionName="orders"),
        client.list_functions()["Functions"][0],
    ):
        assert (found["SigningProfileVersionArn"], found["SigningJobArn"]) == (PROFILE, made["SigningJobArn"])


def test_a_layer_shows_who_has_signed_it_and_so_does_a_function_with_it(client: Any, mock: LambdaMock) -> None:
    mock.world.objects[OBJECT].sign(PROFILE)
    layer = client.publish_layer_version(LayerName="tools", Content=IN_S3)
    signed = {member: layer["Content"][member] for member in ("SigningProfileVersionArn", "SigningJobArn")}
    assert signed["SigningProfileVersionArn"] == PROFILE
    found = client.get_layer_version(LayerName="tools", VersionNumber=1)
    assert {**found["Content"], **signed} == found["Content"]

    made = create(client, Layers=[layer["LayerVersionArn"]])

    (shown,) = made["Layers"]
    assert {member: shown[member] for member in signed} == signed
    assert "SigningJobArn" not in made


def test_code_in_the_request_has_no_signature(client: Any) -> None:
    assert not create(client).keys() & {"SigningProfileVersionArn", "SigningJobArn"}


@pytest.mark.parametrize(
    ("profile", "flaw", "word"),
    [(OTHER, None, "mismatch"), (PROFILE, "expired", "expired"), (PROFILE, "revoked", "revoked")],
)
def test_a_flaw_is_refused_where_the_configuration_enforces(
    client: Any, mock: LambdaMock, profile: str, flaw: str | None, word: str
) -> None:
    mock.world.objects[OBJECT].sign(profile, flaw=flaw)

    answer = error_of(create, client=client, Code=IN_S3, CodeSigningConfigArn=signing(client, "Enforce"))

    assert (answer[:2], answer[2].endswith(f"Check the provided signature for {word}.")) == (NOT_VERIFIED, True)
    create(client, Code=IN_S3, CodeSigningConfigArn=signing(client, "Warn"))


@pytest.mark.parametrize("policy", ["Warn", "Enforce"])
def test_what_was_altered_after_it_was_signed_is_always_refused(client: Any, mock: LambdaMock, policy: str) -> None:
    mock.world.objects[OBJECT].sign(PROFILE, flaw="altered")
    config = signing(client, policy)
    refused = (400, "InvalidCodeSignatureException")

    assert error_of(create, client=client, Code=IN_S3, CodeSigningConfigArn=config)[:2] == refused
    layer = client.publish_layer_version(LayerName="tools", Content=IN_S3)["LayerVersionArn"]
    create(client, CodeSigningConfigArn=config if policy == "Warn" else None)
    mock.clock.run_until_idle()
    client.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn=config)
    for change, params in (
        (client.update_function_code, IN_S3),
        (client.update_function_configuration, {"Layers": [layer]}),
    ):
        assert error_of(change, FunctionName="orders", **params)[:2] == refused


def test_without_a_configuration_nobody_looks(client: Any, mock: LambdaMock) -> None:
    mock.world.objects[OBJECT].sign(PROFILE, flaw="altered")

    assert create(client, Code=IN_S3)["SigningProfileVersionArn"] == PROFILE


def test_code_that_is_replaced_takes_its_signature_along(client: Any, mock: LambdaMock) -> None:
    mock.world.objects[OBJECT].sign(PROFILE)
    create(client, Code=IN_S3)
    mock.clock.run_until_idle()

    assert "SigningJobArn" not in client.update_function_code(FunctionName="orders", ZipFile=zip_of())


def test_a_signature_has_no_other_flaws(mock: LambdaMock) -> None:
    with pytest.raises(UnknownNameError, match="altered, expired, revoked, or good"):
        mock.world.objects[OBJECT].sign(PROFILE, flaw="smudged")
    with pytest.raises(TypeError, match="the ARN of a version of a signing profile"):
        mock.world.objects[OBJECT].sign(7)  # type: ignore[arg-type]
