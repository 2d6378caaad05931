"""Hides private names one after the other, and prints what happens. Run as a program.

The libraries are imported here once; each name is then hidden before the package touches it. What the package has
imported meanwhile is forgotten before the next one is hidden, or each is hidden in a fork, which takes longer.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from functools import lru_cache, partial
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

LONGEST = 60  # real seconds for one name alone, or for all in turn
FEW = 10  # names, for which it does not pay to import beforehand what knows none of them
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
CODE = {"Role": "arn:aws:iam::123456789012:role/r", "Runtime": "python3.12", "Handler": "a.b"}


class HiddenFromUs:
    """In place of an attribute: the library finds it, modules of this package do not.

    Parameters: *name*, of the attribute; *there*, what a class has for it, if it is no attribute of instances alone.
    """

    def __init__(self, name: str, there: Any) -> None:
        self._name = name
        self._there = there

    def __get__(self, instance: Any, owner: type) -> Any:
        if str(sys._getframe(1).f_globals["__name__"]).startswith("lambda_states_mock"):
            raise AttributeError(self._name)
        if instance is not None and self._name in vars(instance):
            return vars(instance)[self._name]
        if self._there is None:
            raise AttributeError(self._name)
        return self._there.__get__(instance, owner) if hasattr(self._there, "__get__") else self._there

    def __set__(self, instance: Any, value: Any) -> None:
        if hasattr(self._there, "__set__"):
            self._there.__set__(instance, value)
        else:
            vars(instance)[self._name] = value


def hide(path: str) -> ExitStack:
    """Hide all names of *path* from this package; return what shows them again."""
    undo = ExitStack()
    for one in path.split("|"):
        module_name, _, expression = one.partition(":")
        *owners, name = expression.split(".")
        if not name:
            undo.callback(_put_back, module_name, sys.modules.get(module_name))
            sys.modules[module_name] = None  # type: ignore[assignment]
            continue
        try:
            owner: Any = import_module(module_name)
            for step in owners:
                owner = getattr(owner, step)
        except (ImportError, AttributeError):
            continue  # the other spelling of an older version
        if isinstance(owner, type):
            there = next((vars(one)[name] for one in owner.__mro__ if name in vars(one)), None)
            if name in vars(owner):
                undo.callback(setattr, owner, name, there)
            else:
                undo.callback(delattr, owner, name)
            setattr(owner, name, HiddenFromUs(name, there))
        else:  # a module finds it itself, since its code does not ask the module
            kind = type(owner)
            undo.callback(setattr, owner, "__class__", kind)
            owner.__class__ = type(kind.__name__, (kind,), {name: HiddenFromUs(name, None)})
    return undo


def _put_back(name: str, module: ModuleType | None) -> None:
    if module is None:
        del sys.modules[name]
    else:
        sys.modules[name] = module


# -- ways to use the libraries


def client_of(service: str, **options: Any) -> Any:
    """Return a client of boto3."""
    import boto3

    make: Any = boto3.client
    return make(service, **KEYS, **options)


def call_lambda() -> None:
    from lambda_states_mock import mock_lambda

    # Where sleeping is replaced, all modules are searched for it; most of Python's names are looked for in any case.
    with mock_lambda(timings="instant", sleep="real") as m:
        client = client_of("lambda")
        client.create_function(FunctionName="orders", Code={"ImageUri": "x"}, PackageType="Image", Role=CODE["Role"])
        m.handler("orders", returns={"ok": True})
        for _ in range(2):  # what happens a second time is read in another way
            assert client.invoke(FunctionName="orders")["StatusCode"] == 200
            assert client.list_functions()["Functions"]


def use_aiobotocore() -> None:
    from aiobotocore.session import get_session

    from lambda_states_mock import mock_lambda

    async def call() -> None:
        session: Any = get_session()
        with mock_lambda():
            async with session.create_client("lambda", **KEYS) as client:
                assert (await client.list_functions())["Functions"] == []

    asyncio.run(call())


def use_aiohttp() -> None:
    import aiohttp

    from lambda_states_mock import mock_lambda

    async def call() -> None:
        url = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions"
        with mock_lambda():
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                assert response.status == 200

    asyncio.run(call())


def with_a_function(m: Any) -> Any:
    """Return a client of Lambda where moto's IAM has the role of a function."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Statement": [trust]})
    role = client_of("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    client = client_of("lambda")
    client.create_function(FunctionName="orders", Code={"ImageUri": "x"}, PackageType="Image", Role=role)
    m.clock.advance(60)
    m.handler("orders", returns={"ok": True})
    return client


def use_moto() -> None:
    import moto

    from lambda_states_mock import mock_lambda

    with mock_lambda(timings="instant", sleep="real") as m, moto.mock_aws():
        with_a_function(m).invoke(FunctionName="orders")


def call_moto_from_a_function() -> None:
    import boto3
    import moto

    from lambda_states_mock import mock_lambda

    with mock_lambda(timings="instant", sleep="real") as m, moto.mock_aws():
        client = with_a_function(m)

        @m.handler("orders")
        def orders(_event: Any, _context: Any) -> str:
            make: Any = boto3.client
            return str(make("sts", region_name="us-east-1").get_caller_identity()["Arn"])

        assert "FunctionError" not in client.invoke(FunctionName="orders")


def poll_a_queue() -> None:
    import moto

    from lambda_states_mock import mock_lambda

    with mock_lambda(timings="instant", sleep="real") as m, moto.mock_aws():
        client, sqs = with_a_function(m), client_of("sqs")
        queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
        arn = "arn:aws:sqs:us-east-1:123456789012:jobs"
        client.create_event_source_mapping(FunctionName="orders", EventSourceArn=arn)
        sqs.send_message(QueueUrl=queue, MessageBody="one")
        m.clock.advance(60)


def use_stacks() -> None:
    import moto

    from lambda_states_mock import mock_lambda

    properties = {**CODE, "FunctionName": "orders", "Code": {"ZipFile": "def handler(event, context): pass"}}
    template = {"Resources": {"Orders": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    with mock_lambda(sleep="real"), moto.mock_aws():
        stacks = client_of("cloudformation")
        stacks.create_stack(StackName="stack", TemplateBody=json.dumps(template))


def use_freezegun() -> None:
    from freezegun import freeze_time

    from lambda_states_mock import mock_lambda

    with freeze_time("2026-01-01"), mock_lambda() as m:
        m.clock.advance(5)


def freeze() -> None:
    from lambda_states_mock import mock_lambda

    with mock_lambda(freeze=True) as m:
        m.clock.advance(5)


def use_time_machine() -> None:
    import time_machine

    from lambda_states_mock import mock_lambda

    with time_machine.travel("2026-01-01T00:00:00+00:00"), mock_lambda() as m:
        m.clock.advance(5)


def adaptive_retries() -> None:
    from botocore.config import Config
    from botocore.retries.bucket import TokenBucket

    from lambda_states_mock import mock_lambda

    begin: Any = TokenBucket.__init__
    begin.__defaults__ = (1_000,)  # calls in a second, at least: without a name, they are waited for in real time
    with mock_lambda() as m:
        for mode in ("legacy", "standard", "adaptive"):
            m.faults.on_call("ListFunctions").error("TooManyRequestsException", times=1)
            client = client_of("lambda", config=Config(retries={"mode": mode, "max_attempts": 2}))
            client.list_functions()


def sleep_in_a_loop() -> None:
    from lambda_states_mock import mock_lambda

    with mock_lambda(sleep="waits"):
        asyncio.run(asyncio.sleep(5))


USES: dict[str, Callable[[], None]] = {
    "aiobotocore": use_aiobotocore,
    "aiohttp": use_aiohttp,
    "moto": use_moto,
    "freezegun": use_freezegun,
    "time-machine": use_time_machine,
    "pytest": freeze,
    "adapters.async_sleeping": sleep_in_a_loop,
    "adapters.frozen_modules": freeze,
    "adapters.loop_waits": sleep_in_a_loop,
    "adapters.moto_role_sessions": call_moto_from_a_function,
    "adapters.moto_sources": poll_a_queue,
    "adapters.moto_stacks": use_stacks,
    "adapters.retries": adaptive_retries,
}
"""By the library, or by the module of ours."""

BY_LIBRARY = {
    "aiobotocore": ("aiobotocore.session", "aiobotocore.retries.bucket"),
    "aiohttp": ("aiohttp",),
    "responses": ("responses",),
    "moto": (
        *(
            "moto",
            "moto.core.botocore_stubber",
            "moto.backends",
            "moto.awslambda.utils",
            "moto.s3.notifications",
            "moto.s3.responses",
        ),
        *(
            f"moto.{service}.models"
            for service in ("cloudformation", "events", "iam", "kinesis", "logs", "ses", "sns", "sqs", "sts")
        ),
        *("moto.cloudformation.parsing", "moto.dynamodb.models.table"),
    ),
    "freezegun": ("freezegun",),
    "time-machine": ("time_machine",),
    "pytest": ("pytest", "freezegun"),
}


def outcome_of(run: Callable[[], None]) -> dict[str, Any]:
    """Return what running it came to: the error, if any, and the warnings of private names."""
    error = text = where = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            run()
        except BaseException as raised:
            error, text, where = type(raised).__name__, str(raised), traceback.format_exc()
    told = [str(one.message) for one in caught if one.category.__name__ == "PrivateNameWarning"]
    from lambda_states_mock.adapters import active_mocks

    return {"error": error, "text": text, "where": where, "told": told, "left": len(active_mocks.stack)}


def hidden(path: str, library: str, module: str) -> dict[str, Any]:
    """Hide *path* and return what becomes of a mock beside its library, and then of its use."""
    with hide(path):
        mock, use = outcome_of(call_lambda), USES.get(module) or USES.get(library)
        is_known = mock["error"] or (mock["told"] and module not in USES)
        return {"mock": mock, "use": None if use is None or is_known else outcome_of(use)}


def hidden_in_turn(library: str, asked: list[list[str]]) -> dict[str, Any]:
    """Do so for each module and path in one process, which forgets between them what it has learned."""
    before, found = set(sys.modules), {}
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    for module, path in asked:
        found[f"{module} {path}"] = hidden(path, library, module)
        for name in set(sys.modules) - before:
            if name.startswith("lambda_states_mock"):
                del sys.modules[name]
        forget()
    faulthandler.cancel_dump_traceback_later()
    return found


def forget() -> None:
    """Let what is still imported look anew for names."""
    if "lambda_states_mock.adapters.activation" in sys.modules:
        from lambda_states_mock.adapters import activation, registry

        for adapter in registry.ADAPTERS:
            vars(adapter).pop("imported", None)
        activation.forget()


def in_a_child(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what *work* returns in a fork of this process; where it hangs, the stacks of its threads."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        try:
            answer = json.dumps(work())
        except BaseException:
            answer = json.dumps({"failed": traceback.format_exc()})
        with os.fdopen(writing, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answered: dict[str, Any] = json.loads(pipe.read() or '{"failed": "it has ended, or hung"}')
    os.waitpid(child, 0)
    return answered


def harmless(library: str) -> dict[str, Any]:
    """Return the modules of ours that a mock imports and that know no private name of *library*, nor who does."""
    call_lambda()
    from lambda_states_mock.private_names import NAMES

    ours = {name: module for name, module in sys.modules.items() if name.startswith("lambda_states_mock")}
    rest, knowing = dict(ours), {f"lambda_states_mock.{name.module}" for name in NAMES if name.library == library}
    while found := [name for name, module in rest.items() if name in knowing or knowing & set(imported_by(module))]:
        knowing.update(found)
        for name in found:
            del rest[name]
    return {"modules": list(rest)}


def imported_by(module: ModuleType) -> list[str]:
    """Return the modules from which *module* has what it names."""
    return [
        one.__name__ if isinstance(one, ModuleType) else str(getattr(one, "__module__", ""))
        for one in tuple(vars(module).values())
    ]


def main() -> None:
    """Read a library, whether each name is hidden alone, and their modules of ours and paths; print what comes of each.

    `forked` has imported what is beside all libraries, and of ours what touches no name that is hidden.
    """
    library, each_alone, *asked = json.loads(sys.argv[1])
    for name in sorted(BY_LIBRARY.get(library, ())):
        import_module(name)
    metadata.version = lru_cache(maxsize=None)(metadata.version)
    if each_alone or len(asked) > FEW:
        for name in in_a_child(partial(harmless, library)).get("modules", ()):
            import_module(name)
    gc.disable()
    gc.freeze()  # or each child would copy all of it
    if each_alone:
        found = {f"{module} {path}": in_a_child(partial(hidden, path, library, module)) for module, path in asked}
    else:
        found = hidden_in_turn(library, asked)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
