"""A kit for tests of your own deploy code: many disturbed worlds, and laws that hold in each.

from lambda_states_mock.testing import check_deployer

def test_the_deployer():
    check_deployer(deploy, expect="orders")

`worlds` needs Hypothesis, which the extra ``testing`` brings; all else does not.
"""

from __future__ import annotations

from lambda_states_mock.chaos.drawing import drawn_world
from lambda_states_mock.chaos.entries import (
    AnotherDeploys,
    AnotherDoes,
    AnswerLost,
    Disconnected,
    Disturbance,
    Fails,
    Hangs,
    LateReaders,
    LeftAlone,
    Refused,
    RoleLate,
    Takes,
    Throttled,
)
from lambda_states_mock.chaos.world import ChaosWorld
from lambda_states_mock.testing.checking import check_deployer
from lambda_states_mock.testing.deployments import Deployment
from lambda_states_mock.testing.laws import (
    CONVERGES,
    ENDS_AS_WANTED,
    LAWS,
    LEAVES_NOTHING,
    NEVER_WHILE_REFUSED,
    WAITS_FOR_SOMETHING,
    Finding,
    Law,
)
from lambda_states_mock.testing.report import BrokenLawError, NotRepeatableError
from lambda_states_mock.testing.strategies import worlds

__all__ = [
    "CONVERGES",
    "ENDS_AS_WANTED",
    "LAWS",
    "LEAVES_NOTHING",
    "NEVER_WHILE_REFUSED",
    "WAITS_FOR_SOMETHING",
    "AnotherDeploys",
    "AnotherDoes",
    "AnswerLost",
    "BrokenLawError",
    "ChaosWorld",
    "Deployment",
    "Disconnected",
    "Disturbance",
    "Fails",
    "Finding",
    "Hangs",
    "LateReaders",
    "Law",
    "LeftAlone",
    "NotRepeatableError",
    "Refused",
    "RoleLate",
    "Takes",
    "Throttled",
    "check_deployer",
    "drawn_world",
    "worlds",
]
