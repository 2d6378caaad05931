"""The endpoints of botocore's rules: the same with and without a mock, only resolved less often."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import botocore.regions
import pytest
from botocore.config import Config

from lambda_states_mock.adapters import activation
from tests.adapters.conftest import MakeWorld

RESOLVER: Any = botocore.regions.EndpointRulesetResolver
KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}


def client(*, service: str = "lambda", config: dict[str, Any] | None = None, **options: Any) -> Any:
    make: Any = boto3.client
    return make(service, config=Config(**(config or {})), **KEYS, **options)


def asked(made: Any) -> tuple[str, Any]:
    """Return where a call of *made* is to go, and with which signature; a hook of the user's answers it."""
    seen: list[Any] = []

    def look(params: dict[str, Any], **_: Any) -> Any:
        seen.append((params["url"], params["context"].get("signing")))
        return SimpleNamespace(status_code=200), {}

    made.meta.events.register("before-call.lambda.ListFunctions", look)
    made.list_functions()
    made.meta.events.unregister("before-call.lambda.ListFunctions", look)
    url, signing = seen[0]
    return url, signing


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations for which botocore has gathered the parameters itself."""
    names: list[str] = []
    original = RESOLVER._get_provider_params

    def gather(self: Any, operation_model: Any, *call: Any) -> Any:
        names.append(operation_model.name)
        return original(self, operation_model, *call)

    monkeypatch.setattr(RESOLVER, "_get_provider_params", gather)
    return names


def test_they_are_gathered_once_for_all_calls_of_a_client(gathered: list[str], enter: MakeWorld) -> None:
    enter()
    made = client()
    made.list_functions()
    made.list_functions()
    made.get_function_configuration(FunctionName="orders")
    assert gathered == ["ListFunctions"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"config": {"use_fips_endpoint": True}},
        {"config": {"use_dualstack_endpoint": True}},
        {"endpoint_url": "https://elsewhere.example:4566/under"},
        {"use_ssl": False},
    ],
    ids=["usual", "fips", "dual stack", "address", "no TLS"],
)
def test_the_endpoint_is_what_botocore_would_ask(options: dict[str, Any], enter: MakeWorld) -> None:
    expected = asked(client(**options))
    enter()
    made = client(**options)
    assert [asked(made), asked(made)] == [expected, expected]


def test_a_hook_that_chooses_the_endpoint_is_asked_at_each_call(gathered: list[str], enter: MakeWorld) -> None:
    enter()
    made = client()
    before = asked(made)
    regions = iter(["eu-central-1", "eu-north-1"])

    def choose(builtins: dict[Any, Any], **_: Any) -> None:
        builtins["AWS::Region"] = next(regions)

    made.meta.events.register("before-endpoint-resolution.lambda", choose)
    assert [asked(made)[0].split(".")[1] for _ in range(2)] == ["eu-central-1", "eu-north-1"]
    made.meta.events.unregister("before-endpoint-resolution.lambda", choose)
    assert asked(made) == before


def test_a_value_of_the_clients_that_changes_counts(enter: MakeWorld) -> None:
    enter()
    made = client()
    asked(made)
    made._ruleset_resolver._builtins["AWS::Region"] = "eu-north-1"
    assert asked(made)[0].split(".")[1] == "eu-north-1"


def test_nothing_stays_patched(enter: MakeWorld) -> None:
    before = vars(RESOLVER)["construct_endpoint"]
    activation.leave(enter())
    assert vars(RESOLVER)["construct_endpoint"] is before
