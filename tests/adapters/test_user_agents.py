"""botocore's User-Agent: the same with and without a mock, only built less often."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.useragent
import pytest
from botocore.config import Config
from botocore.useragent import UserAgentString

from lambda_states_mock.adapters import activation, user_agents
from lambda_states_mock.adapters.patching import Patches
from tests.adapters.conftest import MakeWorld

KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}


def client(**config: Any) -> Any:
    make: Any = boto3.client
    return make("lambda", config=Config(**config), **KEYS)


def parts(header: str) -> set[str]:
    """Return the parts of a User-Agent; the features in it are in no order."""
    return {feature for part in header.split(" ") for feature in (part.split(",") if part[:2] == "m/" else [part])}


def sent(made: Any) -> set[str]:
    """Return what the next call sends, as a handler of the user's sees it."""
    seen: list[str] = []

    def look(request: Any, **_: Any) -> None:
        header = request.headers["User-Agent"]
        seen.append(header.decode() if isinstance(header, bytes) else header)

    made.meta.events.register_first("before-send.lambda.ListFunctions", look)
    made.list_functions()
    made.meta.events.unregister("before-send.lambda.ListFunctions", look)
    return {part.removeprefix("m/") for part in parts(seen[0])}


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whose headers botocore has built itself."""
    built: list[Any] = []
    original = UserAgentString.to_string

    def to_string(self: Any) -> str:
        built.append(self)
        return str(original(self))

    monkeypatch.setattr(UserAgentString, "to_string", to_string)
    return built


@pytest.mark.needs("botocore>=1.38")  # with an older one it is built for each call
def test_the_header_is_built_once_for_equal_calls(unbuilt: list[Any], enter: MakeWorld) -> None:
    made = client()
    enter()
    sent(made)
    unbuilt.clear()
    sent(made)
    assert unbuilt == []


@pytest.mark.parametrize(
    "config", [{}, {"user_agent_extra": "ours/1"}, {"user_agent_appid": "app"}, {"user_agent": "whole/1"}]
)
def test_it_is_what_botocore_would_send(config: dict[str, Any], enter: MakeWorld) -> None:
    made = client(**config)
    enter()
    for _ in range(2):
        remembered = sent(made)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(user_agents, "_made_of", lambda _user_agent: None)
            assert sent(made) == remembered


def test_what_is_added_to_a_clients_configuration_later_is_sent(enter: MakeWorld) -> None:
    made = client()
    enter()
    before = sent(made)
    made.meta.config.user_agent_extra = "later/1"
    assert sent(made) - before == {"later/1"}


@pytest.mark.needs("botocore>=1.37")
def test_a_feature_that_a_call_uses_is_sent_with_it_alone(enter: MakeWorld) -> None:
    made = client()
    enter()
    before = sent(made)

    def use(**_: Any) -> None:
        botocore.useragent.register_feature_id("WAITER")

    made.meta.events.register("before-call.lambda.ListFunctions", use)
    assert len(sent(made) - before) == 1
    made.meta.events.unregister("before-call.lambda.ListFunctions", use)
    assert sent(made) == before


def test_another_version_of_botocore_builds_it_each_time(unbuilt: list[Any]) -> None:
    patches = Patches()
    user_agents.install(patches)
    try:
        of_another: Any = UserAgentString.from_environment()
        of_another.unheard_of = object()
        of_another.to_string()
        of_another.to_string()
        assert unbuilt == [of_another, of_another]
    finally:
        patches.restore()


def test_nothing_stays_patched(enter: MakeWorld) -> None:
    before = vars(botocore.useragent.UserAgentString)["to_string"]
    activation.leave(enter())
    assert vars(botocore.useragent.UserAgentString)["to_string"] is before
