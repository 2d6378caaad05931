"""How a function's runtime is kept up to date can be read and set (runtimes-update.html)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, answering, create, error_of

RUNTIME = "arn:aws:lambda:us-east-1::runtime:" + "0" * 64
INVALID = "InvalidParameterValueException"


@pytest.fixture(autouse=True)
def orders(client: Any, mock: LambdaMock) -> None:
    """A function that is Active, with version 1."""
    create(client, Publish=True)
    mock.clock.run_until_idle()


def got(client: Any, **params: Any) -> dict[str, Any]:
    """Return the settings of ``orders``."""
    answer: dict[str, Any] = client.get_runtime_management_config(FunctionName="orders", **params)
    del answer["ResponseMetadata"]
    return answer


@pytest.mark.parametrize(("params", "number"), [({}, "$LATEST"), ({"Qualifier": "1"}, "1")])
def test_runtimes_are_updated_by_themselves_unless_told_otherwise(
    client: Any, params: dict[str, str], number: str
) -> None:
    assert got(client, **params) == {"UpdateRuntimeOn": "Auto", "FunctionArn": f"{ARN}orders:{number}"}


def test_a_chosen_runtime_version_is_what_the_function_then_shows(client: Any) -> None:
    put = client.put_runtime_management_config(
        FunctionName="orders", UpdateRuntimeOn="Manual", RuntimeVersionArn=RUNTIME
    )

    assert put["RuntimeVersionArn"] == RUNTIME
    assert got(client) == {
        "UpdateRuntimeOn": "Manual",
        "FunctionArn": ARN + "orders:$LATEST",
        "RuntimeVersionArn": RUNTIME,
    }
    shown = client.get_function_configuration(FunctionName="orders")["RuntimeVersionConfig"]
    assert shown == {"RuntimeVersionArn": RUNTIME}


def test_each_version_has_its_own(client: Any) -> None:
    client.put_runtime_management_config(FunctionName="orders", Qualifier="1", UpdateRuntimeOn="FunctionUpdate")

    assert got(client)["UpdateRuntimeOn"] == "Auto"
    assert got(client, Qualifier="1")["UpdateRuntimeOn"] == "FunctionUpdate"


def test_manual_needs_a_runtime_version_and_the_others_take_none(client: Any) -> None:
    put = client.put_runtime_management_config

    assert error_of(put, FunctionName="orders", UpdateRuntimeOn="Manual")[:2] == (400, INVALID)
    refusal = error_of(put, FunctionName="orders", UpdateRuntimeOn="Auto", RuntimeVersionArn=RUNTIME)
    assert refusal[:2] == (400, INVALID)
    assert error_of(put, FunctionName="nobody", UpdateRuntimeOn="Manual")[:2] == (400, INVALID)  # before that


def test_it_cannot_be_set_while_an_update_is_in_progress(client: Any) -> None:
    client.update_function_code(FunctionName="orders", ZipFile=answering("other"))

    refusal = error_of(client.put_runtime_management_config, FunctionName="orders", UpdateRuntimeOn="FunctionUpdate")
    assert refusal[:2] == (409, "ResourceConflictException")


@pytest.mark.parametrize("params", [{"FunctionName": "nobody"}, {"FunctionName": "orders", "Qualifier": "7"}])
def test_what_is_not_there_has_none(client: Any, params: dict[str, str]) -> None:
    arn = ARN + ":".join(params.values())
    refusal = (404, "ResourceNotFoundException", f"Function not found: {arn}")

    assert error_of(client.get_runtime_management_config, **params) == refusal
    assert error_of(client.put_runtime_management_config, **params, UpdateRuntimeOn="Auto") == refusal
