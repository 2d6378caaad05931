"""Deployers, as teams write them with boto3: naive ones, each with one mistake, and one that has none.

They know nothing of any mock. The number in the name of each naive one is that of a failure of public deploy tools, as
the table of `test_checking` lists them.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.deploying import ROLE, answering

NAME = "orders"
CODE = answering("new")
SHA = base64.b64encode(hashlib.sha256(CODE).digest()).decode()
MEMORY = 256
FUNCTION: Mapping[str, Any] = {"FunctionName": NAME, "Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}
WANTED = {NAME: {"CodeSha256": SHA}}


@cache
def lambda_client() -> Any:
    """Return a client, made once: it is older than the mocks that answer it."""
    return boto3.client("lambda", region_name="us-east-1")


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def exists(client: Any) -> bool:
    try:
        client.get_function(FunctionName=NAME)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def create(client: Any, **more: Any) -> str:
    return str(client.create_function(**FUNCTION, Code={"ZipFile": CODE}, **more)["LastModified"])


def created(client: Any) -> None:
    """Create the function unless it is there, and wait as AWS's waiters do."""
    if not exists(client):
        create(client)
    client.get_waiter("function_active_v2").wait(FunctionName=NAME)


def updated(client: Any) -> None:
    client.get_waiter("function_updated_v2").wait(FunctionName=NAME)


def update_code(client: Any) -> str:
    return str(client.update_function_code(FunctionName=NAME, ZipFile=CODE)["LastModified"])


def configure(client: Any) -> str:
    return str(client.update_function_configuration(FunctionName=NAME, MemorySize=MEMORY)["LastModified"])


def polled(client: Any, is_done: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """Look every five seconds until what is seen is done."""
    while True:
        seen: Mapping[str, Any] = client.get_function_configuration(FunctionName=NAME)
        if is_done(seen):
            return seen
        time.sleep(5)


# -- naive ones


def invokes_at_once_1() -> None:
    client = lambda_client()
    create(client)
    client.invoke(FunctionName=NAME)


def configures_at_once_2() -> None:
    client = lambda_client()
    create(client)
    configure(client)


def publishes_at_once_3() -> None:
    client = lambda_client()
    create(client)
    client.publish_version(FunctionName=NAME)


def takes_a_pending_version_for_ready_3() -> None:
    create(lambda_client(), Publish=True)


def takes_an_accepted_call_for_readiness_4() -> None:
    client = lambda_client()
    create(client)
    client.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=5)  # is accepted while Pending
    configure(client)


def configures_while_code_is_updated_5() -> None:
    client = lambda_client()
    created(client)
    update_code(client)
    configure(client)


def updates_code_while_it_is_configured_6() -> None:
    client = lambda_client()
    created(client)
    configure(client)
    update_code(client)


def publishes_while_code_is_updated_7() -> None:
    client = lambda_client()
    created(client)
    update_code(client)
    client.publish_version(FunctionName=NAME)


def tags_while_code_is_updated_8() -> None:
    client = lambda_client()
    created(client)
    update_code(client)
    arn = client.get_function_configuration(FunctionName=NAME)["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"deployed": "yes"})


def tests_the_old_code_8() -> None:
    client = lambda_client()
    created(client)
    update_code(client)
    client.invoke(FunctionName=NAME)  # the old code answers


# -- one that does everything right


class DeploymentError(Exception):
    """The deployment has failed; the text says what was seen last."""


class Deployer:
    """Creates or updates a function, publishes a version and moves an alias to it."""

    patience = 900.0
    longest_pause = 12.0
    role_attempts = 20
    role_pause = 3

    def __init__(self, client: Any) -> None:
        self.client = client
        self._changed = ""

    def deploy(self) -> None:
        self._create_or_mend()
        self._update({"CodeSha256": SHA}, update_code)
        self._update({"MemorySize": MEMORY}, configure)
        self._move_alias(self._published())
        self._ready({"CodeSha256": SHA, "MemorySize": MEMORY})

    def _look(self, qualifier: str | None = None) -> Mapping[str, Any] | None:
        which = {"Qualifier": qualifier} if qualifier else {}
        try:
            seen: Mapping[str, Any] = self.client.get_function_configuration(FunctionName=NAME, **which)
        except self.client.exceptions.ResourceNotFoundException:
            return None
        is_old = qualifier is None and seen["LastModified"] < self._changed  # this reader is late
        return None if is_old else seen

    def _settled(
        self, wanted: Mapping[str, Any], qualifier: str | None = None, *, looks: int = 8
    ) -> Mapping[str, Any] | None:
        """Wait until nothing is in progress, and return what is seen: None where nothing is.

        Readers may be late: so it looks again, for a while, where it does not see what is *wanted*.
        """
        pause, waited, unlike = 1.0, 0.0, 0
        while True:
            seen = self._look(qualifier)
            if seen is not None and self._is_in_progress(seen):
                if waited > self.patience:
                    self._give_up(seen, waited)
                unlike = 0
            elif (seen is not None and (has_failed(seen) or has(seen, wanted))) or (unlike := unlike + 1) >= looks:
                return seen
            time.sleep(pause)
            waited += pause
            pause = min(pause * 1.6, self.longest_pause) if not unlike else 1.5

    def _is_in_progress(self, seen: Mapping[str, Any]) -> bool:
        return is_in_progress(seen)

    def _is_good(self, seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        return has(seen, wanted) and not has_failed(seen)

    def _sleeps_badly(self, seen: Mapping[str, Any]) -> bool:
        return seen["State"] == "Inactive" and seen.get("StateReasonCode") != "Idle"

    def _give_up(self, seen: Mapping[str, Any], waited: float) -> None:
        raise DeploymentError(f"is not done after {waited:g} s: {seen}")

    def _ready(self, wanted: Mapping[str, Any], qualifier: str | None = None) -> None:
        seen = self._settled(wanted, qualifier)
        if seen is None or not self._is_good(seen, wanted):
            raise DeploymentError(f"wanted {wanted}, and saw {seen}")

    def _create_or_mend(self) -> None:
        """Create the function, unless it is there and can be used."""
        if self._look() is None and self._create():
            return self._ready({})
        seen = self._settled({})
        if seen is not None and seen["State"] == "Failed":
            return self._mend(seen)
        if seen is not None and self._sleeps_badly(seen):
            with suppress(ClientError):  # an Invoke wakes it, and is refused
                self.client.invoke(FunctionName=NAME)
            seen = self._settled({})
            if seen is None or self._sleeps_badly(seen):
                raise DeploymentError(f"cannot be woken: {seen}")
        return None

    def _mend(self, _failed: Mapping[str, Any]) -> None:
        self.client.delete_function(FunctionName=NAME)  # it can only be created anew
        self._create()
        self._ready({})

    def _is_for_the_role(self, error: ClientError) -> bool:
        return "cannot be assumed by Lambda" in str(error)

    def _create(self) -> bool:
        """Create the function; return False where somebody else has."""
        for attempt in range(self.role_attempts):
            try:
                self._changed = create(self.client)
            except self.client.exceptions.ResourceConflictException:
                return False
            except self.client.exceptions.InvalidParameterValueException as error:
                if not self._is_for_the_role(error) or attempt + 1 == self.role_attempts:
                    raise
                time.sleep(self.role_pause)
            else:
                return True
        raise AssertionError

    def _update(self, wanted: Mapping[str, Any], update: Callable[[Any], str]) -> None:
        for _ in range(5):
            seen = self._settled(wanted, looks=1)
            if seen is not None and self._is_good(seen, wanted):
                return None
            try:
                self._changed = update(self.client)
            except self.client.exceptions.ResourceConflictException:
                time.sleep(3)  # another deployer was quicker
            else:
                return self._ready(wanted)
        raise DeploymentError("another deployer is at work all the time")

    def _published(self) -> str:
        for _ in range(5):
            self._ready({"CodeSha256": SHA, "MemorySize": MEMORY})
            try:
                version = str(self.client.publish_version(FunctionName=NAME, CodeSha256=SHA)["Version"])
            except self.client.exceptions.ResourceConflictException:
                time.sleep(3)
            else:
                self._ready({"CodeSha256": SHA}, version)
                return version
        raise DeploymentError("another deployer is at work all the time")

    def _move_alias(self, version: str) -> None:
        alias = {"FunctionName": NAME, "Name": "live", "FunctionVersion": version}
        try:
            self.client.update_alias(**alias)
        except self.client.exceptions.ResourceNotFoundException:
            try:
                self.client.create_alias(**alias)
            except self.client.exceptions.ResourceConflictException:
                self.client.update_alias(**alias)


def is_in_progress(seen: Mapping[str, Any]) -> bool:
    return seen["State"] == "Pending" or seen.get("LastUpdateStatus") == "InProgress"


def has_failed(seen: Mapping[str, Any]) -> bool:
    is_asleep = seen["State"] == "Inactive" and seen.get("StateReasonCode") != "Idle"
    return is_asleep or seen["State"] == "Failed" or seen.get("LastUpdateStatus") == "Failed"


def has(seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(seen.get(member) == value for member, value in wanted.items())


def deploys_right() -> None:
    Deployer(lambda_client()).deploy()


# -- naive ones, right in all but one thing


class OverlooksFailedUpdates(Deployer):
    def _ready(self, wanted: Mapping[str, Any], qualifier: str | None = None) -> None:
        seen = self._settled(wanted, qualifier)
        if seen is None or seen["State"] == "Failed":
            raise DeploymentError(f"wanted {wanted}, and saw {seen}")


class GoesOnAfterFailedCreation(Deployer):
    def _mend(self, _failed: Mapping[str, Any]) -> None:
        """Go on as if it could be updated."""


class WaitsForFailedCreation(Deployer):
    longest_pause = 120.0  # it waits in vain, so the fewer times the better

    def _is_in_progress(self, seen: Mapping[str, Any]) -> bool:
        return is_in_progress(seen) or seen["State"] == "Failed"

    def _give_up(self, seen: Mapping[str, Any], waited: float) -> None:
        """Wait on."""


class GoesOnWhenItTakesLong(Deployer):
    patience = 300.0

    def _give_up(self, seen: Mapping[str, Any], waited: float) -> None:
        raise _TooLongError

    def deploy(self) -> None:
        with suppress(_TooLongError):  # it will be ready some time
            super().deploy()


class _TooLongError(Exception):
    pass


class InvokesOnce(Deployer):
    def deploy(self) -> None:
        super().deploy()
        self.client.invoke(FunctionName=NAME)  # a smoke test


class WaitsUntilActive(Deployer):
    def _update(self, wanted: Mapping[str, Any], update: Callable[[Any], str]) -> None:
        waiting = {"Delay": 15, "MaxAttempts": 20}  # as long as AWS's waiters do, with fewer looks
        self.client.get_waiter("function_active_v2").wait(FunctionName=NAME, WaiterConfig=waiting)
        super()._update(wanted, update)


class OverlooksThatItSleepsOn(Deployer):
    def deploy(self) -> None:
        super().deploy()
        try:
            self.client.invoke(FunctionName=NAME)  # wakes it, if it is idle
        except ClientError:
            if self._settled({}) is None:
                raise


class TakesAnyInactiveForReady(Deployer):
    def _sleeps_badly(self, seen: Mapping[str, Any]) -> bool:
        return False

    def _is_good(self, seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        return seen["State"] == "Inactive" or super()._is_good(seen, wanted)


class DoesNotWaitForRole(Deployer):
    def _create(self) -> bool:
        try:
            create(self.client)
        except self.client.exceptions.ResourceConflictException:
            return False
        return True


class WaitsForRoleWithoutEnd(Deployer):
    role_attempts = 1_000_000
    role_pause = 120  # in vain, too


class RepeatsWhatIsWrongForGood(Deployer):
    role_attempts = 60

    def _is_for_the_role(self, error: ClientError) -> bool:
        return True


class DoesNotSeeAnother(Deployer):
    def deploy(self) -> None:
        self._create_or_mend()
        self._update({"MemorySize": MEMORY}, configure)
        self._update({"CodeSha256": SHA}, update_code)
        self._move_alias(str(self.client.publish_version(FunctionName=NAME)["Version"]))  # of whatever is there
        if self._settled({}) is None:
            raise DeploymentError("somebody has deleted it")


class TriesTwice(Deployer):
    def _update(self, wanted: Mapping[str, Any], update: Callable[[Any], str]) -> None:
        for _ in range(2):
            seen = self._settled(wanted, looks=1)
            if seen is not None and self._is_good(seen, wanted):
                return
            try:
                self._changed = update(self.client)
            except self.client.exceptions.ResourceConflictException:
                time.sleep(3)
            else:
                self._ready(wanted)
                return

    def deploy(self) -> None:
        self._create_or_mend()
        self._update({"MemorySize": MEMORY}, configure)


def naive(kind: type[Deployer]) -> Callable[[], None]:
    """Return what deploys with *kind*."""

    def deploy() -> None:
        kind(lambda_client()).deploy()

    deploy.__name__ = deploy.__qualname__ = kind.__name__
    return deploy


overlooks_a_failed_update_9 = naive(OverlooksFailedUpdates)
goes_on_after_a_failed_creation_10 = naive(GoesOnAfterFailedCreation)
waits_for_a_failed_creation_10 = naive(WaitsForFailedCreation)
goes_on_when_the_waiter_gives_up_11 = naive(GoesOnWhenItTakesLong)
invokes_what_is_idle_once_12 = naive(InvokesOnce)
waits_until_what_is_idle_is_active_13 = naive(WaitsUntilActive)
overlooks_that_it_could_not_be_woken_14 = naive(OverlooksThatItSleepsOn)
takes_whatever_is_inactive_for_ready_15 = naive(TakesAnyInactiveForReady)
does_not_wait_for_the_role_16 = naive(DoesNotWaitForRole)
waits_for_a_role_that_never_comes_16 = naive(WaitsForRoleWithoutEnd)
repeats_what_is_wrong_for_good_17 = naive(RepeatsWhatIsWrongForGood)
does_not_see_another_deployer_18 = naive(DoesNotSeeAnother)
tries_twice_and_goes_on_18 = naive(TriesTwice)


def updates_code_again_and_again() -> None:
    """A second deployer that is quick: it looks each second, and changes the code once more as soon as it may."""
    client = lambda_client()
    for build in range(4):
        client.update_function_code(FunctionName=NAME, ZipFile=answering(f"build {build}"))
        while client.get_function_configuration(FunctionName=NAME)["LastUpdateStatus"] == "InProgress":
            time.sleep(1)
