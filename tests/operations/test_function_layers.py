"""What the ``Layers`` of a function may name, and what they bring to it (configuration-layers.html; recorded)."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of, zip_of
from tests.operations.test_layer import LAYER, publish

INVALID = "InvalidParameterValueException"
CODE_THAT_USES_IT = "import tools\n\ndef handler(event, context):\n    return tools.ANSWER\n"


def test_a_function_shows_its_layers_with_their_sizes_in_the_order_given(client: Any, mock: LambdaMock) -> None:
    sizes = {name: publish(client, name)["Content"]["CodeSize"] for name in ("zebra", "ape")}
    arns = [LAYER.replace("tools", name) + ":1" for name in sizes]
    expected = [{"Arn": arn, "CodeSize": size} for arn, size in zip(arns, sizes.values(), strict=True)]

    assert create(client, Layers=arns)["Layers"] == expected
    mock.clock.run_until_idle()
    assert client.update_function_configuration(FunctionName="orders", Layers=arns[:1])["Layers"] == expected[:1]
    mock.clock.run_until_idle()
    assert "Layers" not in client.update_function_configuration(FunctionName="orders", Layers=[])


def test_code_imports_what_a_layer_has_also_when_the_layer_is_deleted(client: Any, mock: LambdaMock) -> None:
    publish(client, Content={"ZipFile": zip_of({"python/tools.py": "ANSWER = 42\n"})})
    create(client, Layers=[f"{LAYER}:1"], Code={"ZipFile": zip_of(CODE_THAT_USES_IT)})
    client.delete_layer_version(LayerName="tools", VersionNumber=1)
    mock.clock.run_until_idle()

    assert json.loads(client.invoke(FunctionName="orders")["Payload"].read()) == 42


def test_a_sixth_layer_is_refused_and_nothing_is_created(client: Any) -> None:
    names = [f"layer{number}" for number in range(6)]
    for name in names:
        publish(client, name)

    with pytest.raises(
        client.exceptions.InvalidParameterValueException, match=r"Cannot reference more than 5 layers\."
    ):
        create(client, Layers=[LAYER.replace("tools", name) + ":1" for name in names])
    assert client.list_functions()["Functions"] == []


def test_a_version_of_our_own_that_is_not_there_is_refused(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.clock.run_until_idle()

    refusal = error_of(client.update_function_configuration, FunctionName="orders", Layers=[f"{LAYER}:1"])
    assert refusal == (400, INVALID, f"Layer version {LAYER}:1 does not exist.")


@pytest.mark.parametrize("second", [1, 2])
def test_a_layer_can_be_named_only_once(client: Any, second: int) -> None:
    publish(client)
    publish(client)

    with pytest.raises(client.exceptions.InvalidParameterValueException, match="Two different versions of the same"):
        create(client, Layers=[f"{LAYER}:1", f"{LAYER}:{second}"])


def test_a_layer_of_another_account_is_taken_on_trust(client: Any) -> None:
    arn = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:7"

    assert create(client, Layers=[arn])["Layers"] == [{"Arn": arn, "CodeSize": 0}]


def test_a_layer_has_to_be_in_the_functions_region(client: Any) -> None:
    publish(boto3.client("lambda", region_name="eu-west-1"))

    with pytest.raises(client.exceptions.InvalidParameterValueException, match="expected to be in region us-east-1"):
        create(client, Layers=[f"{LAYER}:1".replace("us-east-1", "eu-west-1")])


def test_code_and_layers_together_are_limited_once_unpacked(client: Any, mock: LambdaMock) -> None:
    content = zip_of({"big.txt": "x" * 600})
    publish(client, Content={"ZipFile": content})
    mock.backend.limits.unzipped_bytes = 1_000

    text = "Function code combined with layers exceeds the maximum allowed size of 1000 bytes. "
    with pytest.raises(client.exceptions.InvalidParameterValueException) as raised:
        create(client, Layers=[f"{LAYER}:1"], Code={"ZipFile": content})
    assert raised.value.response["Error"]["Message"] == text + "The actual size is 1200 bytes."


def test_an_update_of_the_code_is_measured_with_its_layers_too(client: Any, mock: LambdaMock) -> None:
    content = zip_of({"big.txt": "x" * 600})
    publish(client, Content={"ZipFile": content})
    create(client, Layers=[f"{LAYER}:1"])
    mock.clock.run_until_idle()
    mock.backend.limits.unzipped_bytes = 1_000

    refusal = error_of(client.update_function_code, FunctionName="orders", ZipFile=content)
    assert refusal[:2] == (400, INVALID)
    assert refusal[2].endswith("The actual size is 1200 bytes.")
