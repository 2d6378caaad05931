"""A function of Python has the same outcome in the test's process and in processes of its own: answers, errors, logs,
states and telemetry. What differs is listed here, with the reason.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]


class Behaviour(NamedTuple):
    """*code* of a function, the *events* that it gets one after the other, and more *params* of CreateFunction."""

    code: str
    events: Sequence[Any] = ({},)
    params: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it


HANDLER = "def handler(event, context):\n"
BEHAVIOURS = {
    "echo": Behaviour(HANDLER + "    return event\n", (1, "text", None, [1, {"ö": "€"}], 1.5, True)),
    "prints": Behaviour(HANDLER + "    print('one')\n    print('two', end='')\n", ({}, {})),
    "two lines in one print": Behaviour(HANDLER + "    print('one\\ntwo')\n"),
    "logging": Behaviour(
        "import logging\nlog = logging.getLogger()\nlog.setLevel('INFO')\n"
        + HANDLER
        + "    log.info('first')\n    log.warning('second\\nline')\n    log.error('third %s', event)\n"
    ),
    "json logging": Behaviour(
        "import logging\n" + HANDLER + "    logging.getLogger().error('no', extra={'order': 7})\n",
        params={"LoggingConfig": {"LogFormat": "JSON"}},
    ),
    "json print": Behaviour(HANDLER + "    print('plain')\n", params={"LoggingConfig": {"LogFormat": "JSON"}}),
    "globals": Behaviour(
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count\n", (1, 2, 3)
    ),
    "raises": Behaviour(HANDLER + "    raise ValueError(event['why'])\n", ({"why": "no"}, {"why": "ö"})),
    "raises from": Behaviour(
        HANDLER
        + "    try:\n        1 / 0\n    except ArithmeticError as error:\n        raise RuntimeError('no') from error\n"
    ),
    "raises its own": Behaviour("class Missing(LookupError):\n    pass\n" + HANDLER + "    raise Missing('x')\n"),
    "key error": Behaviour(HANDLER + "    return event['missing']\n"),
    "assertion": Behaviour(HANDLER + "    assert event\n"),
    "recursion": Behaviour(HANDLER + "    return len(str(event)) + handler(event, context)\n"),
    "exits": Behaviour("import sys\n" + HANDLER + "    sys.exit(event)\n", (3, 0)),
    "exits at once": Behaviour("import os\n" + HANDLER + "    print('before')\n    os._exit(event)\n", (4, 0)),
    "out of time": Behaviour("import time\n" + HANDLER + "    time.sleep(event)\n", (60, 1), {"Timeout": 3}),
    "sleeps": Behaviour("import time\n" + HANDLER + "    time.sleep(1.25)\n", (1, 2)),
    "sleeps in init": Behaviour("import time\ntime.sleep(2)\n" + HANDLER + "    return 1\n", (1, 2)),
    "init too long": Behaviour("import time\ntime.sleep(11)\n" + HANDLER + "    return 1\n", (1,), {"Timeout": 30}),
    "import fails": Behaviour("import missing_module\n" + HANDLER + "    return 1\n"),
    "init raises": Behaviour("raise ValueError('at import')\n"),
    "init exits": Behaviour("import sys\nsys.exit(2)\n"),
    "no handler": Behaviour("x = 1\n"),
    "syntax": Behaviour("def handler(event, context)\n    return 1\n"),
    "not a module": Behaviour(HANDLER + "    return 1\n", params={"Handler": "other.handler"}),
    "handler without a dot": Behaviour(HANDLER + "    return 1\n", params={"Handler": "handler"}),
    "not json": Behaviour(HANDLER + "    return {1, 2}\n"),
    "circle": Behaviour(HANDLER + "    a = []\n    a.append(a)\n    return a\n"),
    "decimal": Behaviour("from decimal import Decimal\n" + HANDLER + "    return Decimal('1.5')\n"),
    "too large": Behaviour(HANDLER + "    return 'x' * 6_300_000\n", params={"MemorySize": 512}),
    "context": Behaviour(
        HANDLER + "    return [context.function_name, context.function_version, context.memory_limit_in_mb,"
        " context.aws_request_id,"
        " context.log_group_name, context.log_stream_name, context.invoked_function_arn,"
        " context.get_remaining_time_in_millis(), context.client_context, context.identity.cognito_identity_id]\n",
        (1, 2),
    ),
    "variables": Behaviour(
        "import os\n"
        + HANDLER
        + "    hidden = ('AWS_ENDPOINT_URL', 'AWS_LAMBDA_RUNTIME_API', 'PYTHONPATH', 'LC_CTYPE')\n"
        "    return {name: value for name, value in sorted(os.environ.items()) if name not in hidden}\n",
        (1,),
        {"Environment": {"Variables": {"TABLE": "orders", "LANG": "C"}}},
    ),
    "places": Behaviour(
        "import os\n" + HANDLER + "    return __file__, os.getcwd(), sorted(os.listdir('/var/task'))\n"
    ),
    "keeps tmp": Behaviour(
        "import os, pathlib, tempfile\n"
        + HANDLER
        + "    file = pathlib.Path(tempfile.gettempdir()) / 'kept'\n    found = file.exists()\n    file.touch()\n"
        "    if event:\n        os._exit(event)\n    return found\n",
        (0, 1, 0),
    ),
    "a thread": Behaviour(
        "import threading, time\n"
        + HANDLER
        + "    one = threading.Thread(target=time.sleep, args=(2,))\n    one.start()\n    one.join()\n"
        "    return time.time()\n"
    ),
    "asyncio": Behaviour(
        "import asyncio\n" + HANDLER + "    return asyncio.run(work())\nasync def work():\n"
        "    await asyncio.gather(asyncio.sleep(1), asyncio.sleep(2))\n    return 'done'\n"
    ),
    "stderr": Behaviour("import sys\n" + HANDLER + "    sys.stderr.write('wrong\\n')\n    print('right')\n"),
}

_MEMORY = re.compile(r"Max Memory Used: \d+ MB")
_MEASURED = re.compile(r'"maxMemoryUsedMB": ?\d+')

EXPLAINED = {
    "recursion": ("answers", "log", "telemetry"),  # how deep Python comes depends on the frames below the handler
    "too large": ("log", "telemetry", "states"),  # the client ends where its answer is refused, and says so
    "places": ("answers", "telemetry"),  # the test's process stays in the folder where it is
}
"""What differs, and why. The types of errors, and when they come, are the same."""


def run(opened: Callable[..., Any], behaviour: Behaviour, *, processes: bool) -> dict[str, Any]:
    """Return all that can be seen of *behaviour*."""
    with opened(processes=processes, freeze=not processes, seed=random.Random(behaviour.code).randrange(1000)) as world:
        agent = world.m.extension("agent", telemetry=["platform", "function"], events=["INVOKE"])
        world.create(behaviour.code, **behaviour.params)
        answers = []
        for event in behaviour.events:
            payload, failed = world.invoke(event)
            answers.append((payload, failed, world.m.clock.now.isoformat()))
        environments = world.m.function("orders").environments
        return {
            "answers": answers,
            "log": [_MEASURED.sub("", _MEMORY.sub("", one.log)) for one in environments],
            "states": [str(one.history) for one in environments],
            "telemetry": [_MEASURED.sub("", json.dumps(one)) for one in agent.telemetry_received],
            "metrics": [(one.cold, one.warm) for one in environments],
        }


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_the_outcome_is_the_same_in_the_tests_process_and_in_others(opened: Callable[..., Any], name: str) -> None:
    behaviour = BEHAVIOURS[name]
    here, there = (run(opened, behaviour, processes=one) for one in (False, True))
    explained = EXPLAINED.get(name, ())
    for what in explained:
        assert there[what] != here[what], f"nothing differs in {what}: it needs no explanation any more"
    for what in here.keys() - set(explained):
        assert there[what] == here[what], what
    assert [_in_short(one) for one in there["answers"]] == [_in_short(one) for one in here["answers"]]


def _in_short(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    payload, *rest = answer
    return (payload["errorType"] if isinstance(payload, dict) and "errorType" in payload else None, *rest)


@pytest.mark.parametrize("name", ["echo", "logging", "raises", "out of time", "asyncio", "a thread", "exits"])
def test_processes_give_the_same_bytes_each_time(opened: Callable[..., Any], name: str) -> None:
    first, second = (run(opened, BEHAVIOURS[name], processes=True) for _ in range(2))
    assert first == second
