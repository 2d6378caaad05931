"""What the tests of this folder play on: a clock, handlers, an invoker, and functions made of a few lines."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from datetime import timedelta
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.timeline import Changes
from lambda_states_mock.engine.timings import FunctionTimings, Timings
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.environment_record import EnvironmentRecord
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.extensions import Extensions
from lambda_states_mock.execution.handlers import Handlers
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.execution.runtimes.in_process.runtime import InProcessRuntimes
from lambda_states_mock.invocation.requests import parse_client_context, parse_event
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.resources.code import Code, code_of_zip
from lambda_states_mock.resources.function import Configuration, Layer, Logging, Version
from lambda_states_mock.states.execution_environment import InitializationType

ACCOUNT, REGION = "123456789012", "eu-west-1"
PLACE = Place(ACCOUNT, REGION)
IDLE_LIFETIME = timedelta(minutes=10)  # how long an environment is kept without work
REQUEST_ID = "8f3a1b52-5b8e-4f7d-9a0a-6d7a4c1e2b3f"
START = "2026-01-01T00:00:00Z"


def zip_of(**files: str) -> bytes:
    """Return a zip file; ``app`` becomes ``app.py``, ``lib__db`` becomes ``lib/db.py``."""
    return zip_files({f"{name.replace('__', '/')}.py": textwrap.dedent(text) for name, text in files.items()})


def zip_files(files: dict[str, str]) -> bytes:
    """Return a zip file of these paths and contents; the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            # Made by its name alone, an entry would carry the time of day, and an environment is bound to its code.
            archive.writestr(zipfile.ZipInfo(path), text)
    return buffer.getvalue()


CONFIGURED = (
    "runtime",
    "handler",
    "package_type",
    "memory_size",
    "timeout",
    "environment",
    "role",
    "ephemeral_storage",
)


def spec(code: bytes | str | None = None, **changes: Any) -> EnvironmentSpec:
    """Return a function; *code* as text is the file ``app.py``, whose ``handler`` is called."""
    name = changes.get("name", "orders")
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    content = zip_of(app=code) if isinstance(code, str) else code
    configuration = Configuration(
        **{
            "runtime": "python3.13",
            "handler": "app.handler",
            "role": "",
            **{name: changes[name] for name in CONFIGURED if name in changes},
        },
        layers=tuple(
            Layer(f"layer {number}", content=one) for number, one in enumerate(changes.get("layers_code", ()))
        ),
        logging=Logging(
            f"/aws/lambda/{name}",
            changes.get("log_format", "Text"),
            changes.get("application_log_level"),
            changes.get("system_log_level"),
        ),
    )
    deployed = Code("", 0) if content is None else code_of_zip(content)
    version = Version(
        place=Place(changes.get("account", ACCOUNT), changes.get("region", REGION)),
        name=name,
        number=changes.get("version", LATEST),
        configuration=configuration,
        code=deployed,
        live_configuration=configuration,
        live_code=deployed,
        revision_id="",
        last_modified=VirtualClock(START).now,
    )
    initialization_type = InitializationType(changes.get("initialization_type", "on-demand"))
    return EnvironmentSpec(version, changes.get("invoked_arn", arn), changes.get("qualifier"), initialization_type)


class Stage:
    """One world."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.handlers = Handlers()
        self.extensions = Extensions()
        self.timings = Timings()
        chance = Chance(7)
        self.faults = Faults(
            chance,
            self.clock,
            state_codes=list,
            update_codes=list,
            errors_of=lambda _operation: (),
            params_of=lambda _operation: (),
            members_of=lambda _code: (),
            is_service_fault=lambda _code: False,
        )
        self.pool = EnvironmentPool(
            driver=Driver(self.clock, Changes(), self.faults),
            chance=chance,
            handlers=self.handlers,
            runtimes=InProcessRuntimes(self.clock, RoleSessions(chance)),
            hang_guard=HangGuard(self.clock, None),
            extensions=self.extensions,
            timings=FunctionTimings(self.timings),
        )

    def invoke(self, function: EnvironmentSpec, event: Any = None, **options: Any) -> Outcome:
        """Invoke with *event*, or without a payload."""
        return self.send(function, b"" if event is None else json.dumps(event).encode(), **options)

    def send(
        self, function: EnvironmentSpec, payload: bytes, *, client_context: str | None = None, **options: Any
    ) -> Outcome:
        """Invoke with the bytes of an event, and the client context as the API has it."""
        event, context = parse_event(payload), parse_client_context(client_context, 3_583)
        options = {"request_id": REQUEST_ID, "client_context": context, **options}
        return self.pool.begin(function, self.pool.ready(function), event, payload=payload, **options)()

    def result(self, function: EnvironmentSpec, event: Any = None) -> Any:
        """Invoke, and return the payload as Python has it."""
        return json.loads(self.invoke(function, event).payload)

    def records(self, function: EnvironmentSpec) -> tuple[EnvironmentRecord, ...]:
        """Return what is known of the environments of *function*."""
        version = function.version
        return self.pool.records(version.place, version.name, version.number)

    def phases(self, function: EnvironmentSpec, number: int = 0) -> list[str | None]:
        """Return the states that its first environment, or another one, has been in so far."""
        return [move.after for move in self.records(function)[number].history]

    def sleep(self, seconds: float) -> None:
        """What ``time.sleep`` is while a mock is active."""
        sleeping.sleep(self.clock, seconds)

    @property
    def elapsed(self) -> timedelta:
        """How far the clock has come."""
        return self.clock.now - VirtualClock(START).now
