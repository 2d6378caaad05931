"""Random calls, faults and moves of the clock over several functions, each step compared with the model.

What must always hold: an Active function answers Invoke; RevisionId changes when it should and only then; what is
refused changes nothing; the timeline, replayed, gives the present; time never goes back.

The same 10,000 steps each time; ``LAMBDA_STATES_MOCK_EXAMPLES=5000`` tries others.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lambda_states_mock import mock_lambda
from lambda_states_mock.service_errors import ServiceError
from tests.budget import sized
from tests.properties.model import SECONDS, Expected, Fault, Function, FunctionLifecycle, Model
from tests.scenarios.deploying import IMAGE_URI, START, arn_of, client, create, package

CHOSEN = os.environ.get("LAMBDA_STATES_MOCK_EXAMPLES")
PARTS = 4
"""Tests among which the steps are divided, so that several workers can share them."""
KINDS = {"ada": "zip", "bob": "vpc", "cyd": "image"}
NAMES = st.sampled_from(sorted(KINDS))
CODES = st.integers(1, 3)
MEMORY = st.sampled_from([128, 256, 512])
TYPES = st.sampled_from(["RequestResponse", "RequestResponse", "RequestResponse", "Event", "DryRun"])
STRIDES = st.sampled_from([0, 0.5, 3, 6, 10, 60, 300, 361, 361, 86_400, 14 * 86_400])
REASONS = st.sampled_from(
    ["InternalError", "InvalidSubnet", "InvalidImage", "SubnetOutOfIPAddresses", "InsufficientRolePermissions"]
)
FATES = st.sampled_from(["well"] * 4 + ["InvalidImage", "InvalidSubnet", "SubnetOutOfIPAddresses", "hangs", "hangs"])
BREAKABLE = st.sampled_from(["UpdateFunctionCode", "Invoke", "PublishVersion", "DeleteFunction", "TagResource"])


Target = tuple[str, "int | None"]
"""A function's name, and the number of a version of it or None."""


def targets(world: Any) -> st.SearchStrategy[Target]:
    """Return a choice among what there is; now and then what there is not."""
    functions: dict[str, Function] = world.model.functions
    there: list[Target] = []
    for name in sorted(functions):
        there += [(name, None), (name, None)]
        there += [(name, number) for number in sorted(functions[name].versions)]
    return st.sampled_from([*there, *there, ("nobody", None), ("bob", 9)])


TARGETS = st.runner().flatmap(targets)
PHASES = st.sampled_from(["create", "update", "update", "restore", "restore"])


def image(code: int) -> str:
    return IMAGE_URI.replace(":1", f":{code}")


def code_sha256(kind: str, code: int) -> str:
    if kind == "image":
        return hashlib.sha256(image(code).encode()).hexdigest()
    return b64encode(hashlib.sha256(package(code)).digest()).decode()


class RandomLives(RuleBasedStateMachine):
    """One world and its model."""

    def __init__(self) -> None:
        super().__init__()
        self.activation = mock_lambda(start=START, seed=1)
        self.m = self.activation.start()
        for phase, seconds in SECONDS.items():
            self.m.timings[phase] = seconds
        self.m.handler("cyd", returns="image")
        self.model = Model()
        self.began = self.m.clock.now
        self.last = self.m.clock.now
        self.revisions: dict[tuple[int, int], str] = {}  # which one each life had by its count of changes
        self.lives: list[FunctionLifecycle] = []  # kept, so that no two have the same id
        self.broken: list[str] = []  # operations whose next call is scripted to fail
        self.hanging: list[tuple[Fault, Any]] = []  # in the model and in the mock
        self.replayed: dict[tuple[str, str], str | None] = {}
        self.read = 0
        self.permissions = 0

    def teardown(self) -> None:
        self.activation.stop()

    # -- how a step is taken, and what must hold of it

    def keep_up(self) -> None:
        """Bring the model to where the clock stands."""
        self.model.advance((self.m.clock.now - self.began).total_seconds())

    def ask(self, operation: str, **params: Any) -> Any:
        """Look without a client, which takes a tenth of the time; None for what is not there."""
        try:
            return self.m.backend.call(operation, params)
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise
            return None

    def world(self) -> str:
        """Return all that can be seen of the account."""
        functions = self.ask("ListFunctions", FunctionVersion="ALL")["Functions"]
        names = sorted({function["FunctionName"] for function in functions})
        seen = [
            functions,
            [self.ask("GetPolicy", FunctionName=name) for name in names],
            [self.ask("ListTags", Resource=arn_of(name)) for name in names],
            [self.ask("GetFunction", FunctionName=one["FunctionName"], Qualifier=one["Version"]) for one in functions],
        ]
        return json.dumps(seen, default=str, sort_keys=True)

    def call(self, operation: str, asked: Callable[[], Any], judge: Callable[[], Expected]) -> Any:
        """Make a call and compare its answer with the model's; what is refused must have changed nothing."""
        if operation in self.broken:
            self.broken.remove(operation)
            expected = Expected("TooManyRequestsException")
        else:
            expected = judge()
        if expected.error is None:
            return asked()
        before = self.world()
        with pytest.raises(ClientError) as caught:
            asked()
        assert caught.value.response["Error"]["Code"] == expected.error
        assert (self.world() == before) is not expected.moves
        return None

    # -- calls

    @initialize(memory=MEMORY, code=CODES)
    def begin_with_three_functions(self, memory: int, code: int) -> None:
        for name in KINDS:
            self.create(name, memory, code, publish=False, fate="well")
        self.m.clock.run_until_idle()

    @rule(name=NAMES, memory=MEMORY, code=CODES, publish=st.booleans(), fate=FATES)
    def create(self, name: str, memory: int, code: int, publish: bool, fate: str) -> None:
        if name not in self.model.functions:
            self.script(name, "create", fate)
        kind = KINDS[name]
        members: dict[str, Any] = {"MemorySize": memory, "Publish": publish}
        members["Code"] = {"ZipFile": package(code)}
        if kind == "image":
            members |= {"PackageType": "Image", "Code": {"ImageUri": image(code)}}
        if kind == "vpc":
            members["VpcConfig"] = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
        answer = self.call(
            "CreateFunction",
            lambda: create(name, **members),
            lambda: self.model.create(name, kind, (memory, code), publish=publish),
        )
        if answer is not None:
            assert answer["State"] == "Pending"
            assert answer["Version"] == ("1" if publish else "$LATEST")

    @rule(chosen=TARGETS, code=CODES, publish=st.booleans(), fate=FATES)
    def update_code(self, chosen: Target, code: int, publish: bool, fate: str) -> None:
        name, _ = chosen
        self.script(name, "update", fate)
        source = {"ImageUri": image(code)} if KINDS.get(name) == "image" else {"ZipFile": package(code)}
        self.call(
            "UpdateFunctionCode",
            lambda: client().update_function_code(FunctionName=name, Publish=publish, **source),
            lambda: self.model.update(name, code=code, publish=publish),
        )

    @rule(chosen=TARGETS, memory=MEMORY)
    def configure(self, chosen: Target, memory: int) -> None:
        name, _ = chosen
        answer = self.call(
            "UpdateFunctionConfiguration",
            lambda: client().update_function_configuration(FunctionName=name, MemorySize=memory),
            lambda: self.model.update(name, memory=memory),
        )
        if answer is not None:
            assert (answer["MemorySize"], answer["LastUpdateStatus"]) == (memory, "InProgress")

    @rule(chosen=TARGETS)
    def publish(self, chosen: Target) -> None:
        name, _ = chosen
        answer = self.call(
            "PublishVersion",
            lambda: client().publish_version(FunctionName=name),
            lambda: self.model.publish(name),
        )
        if answer is not None:
            assert int(answer["Version"]) == max(self.model.functions[name].versions)

    @rule(chosen=TARGETS, invocation_type=TYPES, fate=FATES)
    def invoke(self, chosen: Target, invocation_type: str, fate: str) -> None:
        name, number = chosen
        self.script(name, "restore", fate)
        qualifier = "$LATEST" if number is None else str(number)
        answer = self.call(
            "Invoke",
            lambda: client().invoke(FunctionName=name, Qualifier=qualifier, InvocationType=invocation_type),
            lambda: self.model.invoke(name, number, invocation_type),
        )
        if answer is None:
            return
        assert answer["StatusCode"] == {"RequestResponse": 200, "Event": 202, "DryRun": 204}[invocation_type]
        if invocation_type == "RequestResponse":
            life = self.model.functions[name].life(number)
            assert life is not None
            assert json.loads(answer["Payload"].read()) == ("image" if name == "cyd" else life.live[1])

    @rule(chosen=TARGETS, sure=st.sampled_from([False, False, True]))
    def delete(self, chosen: Target, sure: bool) -> None:
        name, number = chosen
        if number is None and not sure:
            return  # whole functions more rarely, or there would be too few
        which = {} if number is None else {"Qualifier": str(number)}
        self.call(
            "DeleteFunction",
            lambda: client().delete_function(FunctionName=name, **which),
            lambda: self.model.delete(name, number),
        )

    @rule(chosen=TARGETS, value=st.sampled_from(["x", "y"]))
    def tag(self, chosen: Target, value: str) -> None:
        name, _ = chosen
        self.call(
            "TagResource",
            lambda: client().tag_resource(Resource=arn_of(name), Tags={"team": value}),
            lambda: self.model.tag(name, "team", value),
        )

    @rule(chosen=TARGETS)
    def permit(self, chosen: Target) -> None:
        name, _ = chosen
        self.permissions += 1
        statement = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
        self.call(
            "AddPermission",
            lambda: client().add_permission(FunctionName=name, StatementId=f"s{self.permissions}", **statement),
            lambda: self.model.permit(name),
        )

    # -- the clock

    @rule(stride=STRIDES)
    def advance(self, stride: float) -> None:
        self.m.clock.advance(stride)

    @precondition(lambda self: self.stuck())
    @rule(data=st.data())
    def change_what_is_stuck(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.stuck()))
        self.m.clock.advance(361)
        self.keep_up()
        self.configure((name, None), memory=1024)

    def stuck(self) -> list[str]:
        """Return the functions that will be Pending for ever."""
        functions = self.model.functions.items()
        latest = {name: function.latest for name, function in functions if function.latest.state == "Pending"}
        return sorted(name for name, life in latest.items() if life.timer is not None and life.timer.due is None)

    @rule()
    def run_until_idle(self) -> None:
        self.m.clock.run_until_idle()
        self.m.clock.advance(0)

    @rule(chosen=TARGETS)
    def idle(self, chosen: Target) -> None:
        name, number = chosen
        function = self.model.functions.get(name)
        life = function.life(number) if function is not None else None
        if life is not None and life.state == "Active":
            self.model.fall_idle(life)
            view = self.m.function(name)
            (view if number is None else view.version(number)).idle()

    # -- faults

    def script(self, name: str, phase: str, fate: str, *, seconds: float | None = None) -> None:
        """Say how the next *phase* of *name* goes: well, or it hangs, takes *seconds*, or fails for a reason."""
        if fate == "well":
            return
        where = self.m.faults.on_phase(phase, function=name)
        if fate == "hangs":
            fault = Fault(name, phase, None, None)
            self.hanging.append((fault, where.hang(times=1, required=False)))
        elif fate == "takes":
            fault = Fault(name, phase, seconds or 0, None)
            where.take(seconds or 0, times=1, required=False)
        else:
            fault = Fault(name, phase, SECONDS[phase], fate)
            where.fail(fate, times=1, required=False)
        self.model.faults.append(fault)

    @rule(name=NAMES, phase=PHASES, code=REASONS)
    def let_a_phase_fail(self, name: str, phase: str, code: str) -> None:
        self.script(name, phase, code)

    @rule(name=NAMES, phase=PHASES, seconds=st.sampled_from([0, 1, 400]))
    def let_a_phase_take(self, name: str, phase: str, seconds: float) -> None:
        self.script(name, phase, "takes", seconds=seconds)

    @precondition(lambda self: self.hanging)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        fault, scripted = self.hanging.pop(data.draw(st.integers(0, len(self.hanging) - 1)))
        self.model.release(fault)
        scripted.release()

    @rule(operation=BREAKABLE)
    def break_a_call(self, operation: str) -> None:
        if operation not in self.broken:
            self.broken.append(operation)
            self.m.faults.on_call(operation).error("TooManyRequestsException", times=1, required=False)

    # -- what always holds

    @invariant()
    def time_never_goes_back(self) -> None:
        now = self.m.clock.now
        assert now >= self.last
        assert all(timer.due >= now for timer in self.m.clock.pending)
        self.last = now

    @invariant()
    def get_shows_what_the_rules_say(self) -> None:
        self.keep_up()
        assert {one["FunctionName"] for one in self.ask("ListFunctions")["Functions"]} == {*self.model.functions}
        for name, function in self.model.functions.items():
            published = self.ask("ListVersionsByFunction", FunctionName=name)["Versions"]
            assert [one["Version"] for one in published] == ["$LATEST", *map(str, sorted(function.versions))]
            assert self.compare(name, "$LATEST", function.latest).get("Tags", {}) == function.tags
            for number, version in function.versions.items():
                self.compare(name, str(number), version)

    def compare(self, name: str, number: str, life: FunctionLifecycle) -> Any:
        """Compare a version with the model's; return what GetFunction says of it."""
        answer = self.ask("GetFunction", FunctionName=name, Qualifier=number)
        found = answer["Configuration"]
        expected = self.model.look(life)
        assert {member: found.get(member) for member in expected} == expected
        assert found["CodeSha256"] == code_sha256(KINDS[name], life.content[1])
        if life not in self.lives:
            self.lives.append(life)
        revision = self.revisions.setdefault((id(life), life.revision), found["RevisionId"])
        assert found["RevisionId"] == revision  # it does not change unless it should
        return answer

    @invariant()
    def a_revision_is_never_used_again(self) -> None:
        assert len(set(self.revisions.values())) == len(self.revisions)

    @invariant()
    def the_timeline_replayed_gives_the_present(self) -> None:
        self.keep_up()
        for transition in self.m.timeline[self.read :]:
            subject, machine = transition.subject, transition.machine
            if machine == "State" and transition.before is None:
                self.replayed.pop((subject, "LastUpdateStatus"), None)  # it went with the one before
            assert self.replayed.get((subject, machine)) == transition.before
            self.replayed[subject, machine] = transition.after
        self.read = len(self.m.timeline)
        present = {subject for (subject, machine), state in self.replayed.items() if machine == "State" and state}
        expected = set()
        for name, function in self.model.functions.items():
            expected |= {name, *(f"{name}:{number}" for number in function.versions)}
            assert self.replayed[name, "State"] == function.latest.state
            assert self.replayed.get((name, "LastUpdateStatus")) == function.latest.update
            for number, version in function.versions.items():
                assert self.replayed[f"{name}:{number}", "State"] == version.state
        assert present == expected


@pytest.mark.parametrize("part", range(PARTS))
def test_random_lives_are_those_of_the_model(part: int) -> None:
    machine = type(f"{RandomLives.__name__}{part}", (RandomLives,), {})
    if CHOSEN is None:
        machine = seed(part)(machine)
    how = settings(
        max_examples=-(-int(CHOSEN or sized(24, 200)) // PARTS),
        stateful_step_count=50,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=how)
