"""Which runtimes a function can have, and until when (lambda-runtimes.html; recorded)."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import boto3
import pytest

from lambda_states_mock import ClockError, LambdaMock, UnknownNameError, mock_lambda
from lambda_states_mock.api_model import botocore_version, enum_of, model_date
from lambda_states_mock.api_model.runtimes import LISTED_RUNTIMES, REFUSED_RUNTIMES
from lambda_states_mock.resources.runtime import Family, family_of, supports_snap_start
from tests.deploying import answering, create, error_of

INVALID = "InvalidParameterValueException"
ACCEPTED = sorted(enum_of("Runtime") - REFUSED_RUNTIMES - {"custom"})  # which comes with a RuntimeConfig


def retired(runtime: str) -> tuple[int, str, str]:
    return (
        400,
        INVALID,
        f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions.",
    )


def unknown(runtime: str, listed: tuple[str, ...] = LISTED_RUNTIMES) -> tuple[int, str, str]:
    return (
        400,
        INVALID,
        f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
        f"[{', '.join(listed)}] or be a valid ARN",
    )


@pytest.mark.parametrize("start", ["2015-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2040-01-01T00:00:00Z"])
def test_every_runtime_of_the_model_is_accepted_at_any_date_but_those_recorded_as_refused(start: str) -> None:
    with mock_lambda(start=start) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client, Runtime="python3.13")
        m.clock.run_until_idle()
        for number, runtime in enumerate(ACCEPTED):
            assert create(client, f"function-{number}", Runtime=runtime)["Runtime"] == runtime
            assert client.update_function_configuration(FunctionName="orders", Runtime=runtime)["Runtime"] == runtime
            m.clock.run_until_idle()


def test_the_newest_runtimes_are_among_them() -> None:
    assert {"python3.15", "nodejs26.x", "ruby4.0", "java17.al2023"} <= {*ACCEPTED}


@pytest.mark.parametrize("runtime", sorted(REFUSED_RUNTIMES))
def test_a_runtime_that_aws_was_recorded_to_refuse_is_refused(client: Any, mock: LambdaMock, runtime: str) -> None:
    assert error_of(create, client=client, Runtime=runtime) == retired(runtime)
    create(client)
    mock.clock.run_until_idle()
    assert error_of(client.update_function_configuration, FunctionName="orders", Runtime=runtime) == retired(runtime)


def test_a_runtime_that_the_model_does_not_know_is_a_validation_error_with_a_hint(
    client: Any, mock: LambdaMock
) -> None:
    assert error_of(create, client=client, Runtime="nodejs20x") == unknown("nodejs20x")
    assert error_of(create, client=client, Runtime="cobol") == unknown("cobol")

    close, far = mock.hints
    assert close == (
        f'Runtime="nodejs20x" was refused: lambda_states_mock\'s API model (of botocore {botocore_version()}, '
        f'{model_date()}) knows no such runtime. Did you mean "nodejs20.x"?\n'
        '  If AWS has it by now:  m.world.runtimes["nodejs20x"].allow()'
    )
    assert "Did you mean" not in far


def test_a_runtime_that_is_allowed_is_accepted_everywhere(client: Any, mock: LambdaMock) -> None:
    mock.world.runtimes["python3.99"].allow()

    assert create(client, Runtime="python3.99")["Runtime"] == "python3.99"
    mock.clock.run_until_idle()
    client.update_function_code(FunctionName="orders", ZipFile=answering("new"))
    client.publish_layer_version(
        LayerName="tools", Content={"ZipFile": answering("x")}, CompatibleRuntimes=["python3.99", "python3.13"]
    )
    (layer,) = client.list_layers(CompatibleRuntime="python3.99")["Layers"]
    assert layer["LatestMatchingVersion"]["CompatibleRuntimes"] == ["python3.99", "python3.13"]
    assert mock.hints == ()


def test_what_is_refused_otherwise_can_be_allowed(client: Any, mock: LambdaMock) -> None:
    mock.world.runtimes["python3.7"].allow()
    assert create(client, Runtime="python3.7")["Runtime"] == "python3.7"

    mock.world.runtimes["python3.7"].restore()
    assert error_of(create, client=client, name="other", Runtime="python3.7") == retired("python3.7")


def test_the_list_of_a_refusal_has_what_the_test_has_said(client: Any, mock: LambdaMock) -> None:
    mock.world.runtimes["python3.99"].allow()
    mock.world.runtimes["python3.9"].retire()
    mock.world.runtimes["python3.10"].retire(create="2030-01-01")

    message = error_of(create, client=client, Runtime="cobol")[2]

    listed = message.partition("[")[2].partition("]")[0].split(", ")
    assert [one for one in listed if one != "python3.99"] == [one for one in LISTED_RUNTIMES if one != "python3.9"]
    assert "python3.99" in listed


def test_a_runtime_is_retired_on_two_dates(client: Any, mock: LambdaMock) -> None:
    create(client, Runtime="nodejs20.x")
    mock.world.runtimes["nodejs20.x"].retire(create="2026-04-30", update="2026-06-01")
    code = {"FunctionName": "orders", "ZipFile": answering("new")}

    mock.clock.advance_to("2026-04-29T23:59:59Z")
    create(client, "last", Runtime="nodejs20.x")
    mock.clock.advance_to("2026-04-30T00:00:00Z")
    assert error_of(create, client=client, name="late", Runtime="nodejs20.x") == retired("nodejs20.x")
    client.update_function_code(**code)
    mock.clock.run_until_idle()
    client.update_function_configuration(FunctionName="orders", Timeout=4)

    mock.clock.advance_to("2026-06-01T00:00:00Z")
    assert error_of(client.update_function_code, **code) == retired("nodejs20.x")
    change = client.update_function_configuration
    assert error_of(change, FunctionName="orders", Timeout=5) == retired("nodejs20.x")
    assert change(FunctionName="orders", Runtime="nodejs22.x")["Runtime"] == "nodejs22.x"


def test_without_dates_a_runtime_is_retired_at_once(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.clock.run_until_idle()
    mock.world.runtimes["python3.13"].retire()

    assert error_of(create, client=client, name="other") == retired("python3.13")
    assert error_of(client.update_function_configuration, FunctionName="orders", Timeout=5) == retired("python3.13")
    mock.world.runtimes["python3.13"].restore()
    create(client, "other")


def test_a_function_can_be_updated_for_ever_where_only_creation_has_a_date(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.world.runtimes["python3.13"].retire(create=date(2026, 1, 2))
    mock.clock.advance_to("2030-01-01T00:00:00Z")

    client.update_function_configuration(FunctionName="orders", Timeout=5)
    assert error_of(create, client=client, name="other") == retired("python3.13")


@pytest.mark.parametrize(
    "moment", ["2026-04-30", date(2026, 4, 30), datetime(2026, 4, 30, tzinfo=timezone.utc), "2026-04-30T02:00:00+02:00"]
)
def test_a_date_can_be_given_in_many_ways(mock: LambdaMock, moment: Any) -> None:
    runtime = mock.world.runtimes["python3.13"]
    runtime.retire(create=moment)

    assert runtime.create_until == datetime(2026, 4, 30, tzinfo=timezone.utc)
    assert repr(runtime) == "<runtime python3.13: functions are created with it until 2026-04-30>"


def test_dates_in_the_wrong_order_are_refused(mock: LambdaMock) -> None:
    with pytest.raises(ClockError, match="AWS refuses new functions first, and updates later"):
        mock.world.runtimes["python3.13"].retire(create="2026-06-01", update="2026-05-01")
    with pytest.raises(ClockError, match="not a time: 'soon'"):
        mock.world.runtimes["python3.13"].retire(create="soon")


def test_a_runtime_that_nobody_knows_cannot_be_retired(mock: LambdaMock) -> None:
    with pytest.raises(UnknownNameError, match=r'knows no runtime "node20.x": did you mean "nodejs20.x"\?'):
        mock.world.runtimes["node20.x"].retire()
    mock.world.runtimes["node20.x"].allow()
    mock.world.runtimes["node20.x"].retire()


@pytest.mark.parametrize("name", ["Python3.13", "python 3.13", "", 3.13, None])
def test_what_is_no_identifier_is_refused(mock: LambdaMock, name: Any) -> None:
    with pytest.raises(UnknownNameError, match="Give an identifier"):
        mock.world.runtimes[name]


@pytest.mark.parametrize(
    ("runtime", "family"),
    [
        ("python3.13", ("python", (3, 13))),
        ("nodejs22.x", ("nodejs", (22,))),
        ("nodejs4.3-edge", ("nodejs", (4, 3))),
        ("nodejs", ("nodejs", ())),
        ("dotnetcore3.1", ("dotnet", (3, 1))),
        ("java8.al2", ("java", (8,))),
        ("java17.al2023", ("java", (17,))),
        ("go1.x", ("go", (1,))),
        ("provided.al2023", ("provided", ())),
        ("custom", ("custom", ())),
        ("Python!", ("", ())),
    ],
)
def test_a_runtime_has_a_language_and_a_version(runtime: str, family: tuple[str, tuple[int, ...]]) -> None:
    assert family_of(runtime) == Family(*family)


def test_snap_start_comes_with_the_newer_versions_of_three_languages() -> None:
    supported = {runtime for runtime in ACCEPTED if supports_snap_start(runtime)}

    assert supported == {
        "java11", "java11.al2023", "java17", "java17.al2023", "java21", "java25", "dotnet8", "dotnet10",
        "python3.12", "python3.13", "python3.14", "python3.15",
    }  # fmt: skip
