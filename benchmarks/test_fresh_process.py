"""What is paid once in each process: entering the mock, and the first call, for which the API's model is read.

The times are taken inside fresh processes, in turn, and the best of them count.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
ROUNDS = 5
BESIDE_BOTOCORES_LOADER = 0.5  # at most: a loader reads the model with its texts
CLIENT = "boto3.client('lambda', region_name='us-east-1', aws_access_key_id='a', aws_secret_access_key='a')"
STEPS = {
    "entering": ("from lambda_states_mock import mock_lambda", "mock_lambda().start()"),
    "entering and a first call": (
        "",
        f"import boto3\nfrom lambda_states_mock import mock_lambda\nwith mock_lambda():\n    {CLIENT}.list_functions()",
    ),
    "a first call of botocore alone": (
        "",
        "import boto3\nfrom botocore.awsrequest import AWSResponse\n"
        f"client = {CLIENT}\n"
        "class Raw:\n"
        "    def stream(self, *_, **__):\n"
        "        yield b'{\"Functions\": []}'\n"
        "client.meta.events.register('before-send', lambda request, **_: AWSResponse(request.url, 200, {}, Raw()))\n"
        "client.list_functions()",
    ),
    "reading our model": ("from lambda_states_mock.api_model import lambda_model", "lambda_model()"),
    "reading botocore's model": (
        "from botocore.loaders import create_loader",
        "create_loader().load_service_model('lambda', 'service-2')",
    ),
}
MOST_TIMES = {"with byte code": (1.5, 2.0), "without byte code": (2.0, 2.3)}
"""The goal, and what fails, as ratios to botocore alone."""


def seconds(step: str, **variables: str) -> float:
    """Return how long *step* takes in a process that has not done it before. Parameters: *variables* of that."""
    before, measured = STEPS[step]
    code = f"import time\n{before}\nbegan = time.perf_counter()\n{measured}\nprint(time.perf_counter() - began)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.update(variables)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def beside(step: str, other: str, **variables: str) -> float:
    """Return the time of *step* as a ratio to that of *other*."""
    rounds = [(seconds(step, **variables), seconds(other, **variables)) for _ in range(ROUNDS)]
    ours, others = map(min, zip(*rounds, strict=True))
    return float(ours / others)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.benchmark(group="once in each process, with the start of Python")
def test_a_step_in_a_fresh_process(benchmark: Any, step: str) -> None:
    taken: list[float] = []
    benchmark.pedantic(lambda: taken.append(seconds(step)), rounds=ROUNDS, warmup_rounds=1)
    benchmark.extra_info["milliseconds of the step alone"] = round(min(taken) * 1000, 1)


def test_our_model_costs_less_than_half_of_botocores() -> None:
    assert beside("reading our model", "reading botocore's model") <= BESIDE_BOTOCORES_LOADER


@pytest.mark.parametrize("code", MOST_TIMES)
def test_entering_and_a_first_call_cost_little_beside_botocore_alone(code: str, tmp_path: Path) -> None:
    goal, most = MOST_TIMES[code]
    nowhere = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    variables = nowhere if code == "without byte code" else {}
    ratio = beside("entering and a first call", "a first call of botocore alone", **variables)
    print(f"\nentering and a first call, {code}: {ratio:.2f} x botocore alone (goal {goal})")
    assert ratio <= most
