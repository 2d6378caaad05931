"""What of a process's work counts as time: what it sleeps, and with ``process_time="real"`` what it computes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from tests.processes.test_custom_runtimes import KIT

pytestmark = pytest.mark.processes
WORK = 0.3  # seconds of each Init and each event


class Worker(NamedTuple):
    """A function that works for as long at import and for each event, by the clock of the machine."""

    files: Mapping[str, str]
    params: dict[str, Any]


PYTHON = f"""
import time
def work():
    until = time.process_time() + {WORK}
    while time.process_time() < until: pass
work()
def handler(event, context):
    work()
    time.sleep(event)
    return event
"""
NODE = f"""
const work = () => {{
  const until = process.cpuUsage().user + {WORK * 1e6};
  while (process.cpuUsage().user < until);
}};
work();
exports.handler = async (event) => {{
  work();
  if (event) await new Promise((done) => setTimeout(done, event * 1000));
  return event;
}};
"""
BASH = f'{KIT}sleep {WORK}; while true; do next; sleep {WORK}; answer "$event"; done\n'
WORKERS = {
    "python": Worker({"app.py": PYTHON}, {}),
    "node": Worker({"app.js": NODE}, {"Runtime": "nodejs22.x"}),
    "bash": Worker({"bootstrap": BASH}, {"Runtime": "provided.al2023"}),
}
ON_CLOCK = ("python", "node")
every_worker = pytest.mark.parametrize(
    "worker", [pytest.param(worker, marks=pytest.mark.needs_program(name), id=name) for name, worker in WORKERS.items()]
)


@every_worker
def test_what_is_computed_takes_no_time(opened: Callable[..., Any], worker: Worker) -> None:
    with opened() as world:
        world.create(worker.files, **worker.params)
        assert world.invoke(0) == (0, None)
        assert world.m.clock.now.isoformat() == "2026-01-01T00:00:00+00:00"


@every_worker
def test_what_is_computed_takes_as_long_as_it_took_where_real_time_is_asked_for(
    opened: Callable[..., Any], worker: Worker
) -> None:
    with opened(process_time="real") as world:
        world.create(worker.files, **worker.params)
        before = world.m.clock.now
        began = time.monotonic()
        assert world.invoke(0) == (0, None)
        most = timedelta(seconds=time.monotonic() - began)
        outcome = world.m.invocations("orders")[0].outcome
        assert timedelta(seconds=WORK) <= outcome.init_duration <= most
        assert timedelta(seconds=WORK) <= outcome.duration <= most
        assert outcome.init_duration + outcome.duration == world.m.clock.now - before <= most


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.needs_program(one)) for one in ("python", "node")]
)
def test_what_is_slept_comes_on_top_of_what_is_computed(opened: Callable[..., Any], name: str) -> None:
    with opened(process_time="real") as world:
        world.create(WORKERS[name].files, **{**WORKERS[name].params, "Timeout": 60})
        assert world.invoke(20) == (20, None)
        duration = world.m.invocations("orders")[0].outcome.duration.total_seconds()
        assert 20 + WORK <= duration < 30


@pytest.mark.needs_program("python")
def test_who_computes_longer_than_the_timeout_is_out_of_time_in_real_time_alone(opened: Callable[..., Any]) -> None:
    code = PYTHON.replace(f"+ {WORK}", "+ 1.2").replace("\nwork()\n", "\n")
    for option, error_type in (("slept", None), ("real", "Sandbox.Timedout")):
        with opened(process_time=option) as world:
            world.create(code, Timeout=1)
            payload, failed = world.invoke(0)
            assert (payload["errorType"] if failed else None) == error_type
            duration = world.m.invocations("orders")[0].outcome.duration.total_seconds()
            assert duration == (1 if option == "real" else 0)
