"""What is paid once in each process: entering the mock, and the first call, for which the API's model is read.

The times are taken inside fresh processes, in turn, and the best of them count.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
ROUNDS = 5
BESIDE_BOTOCORES_LOADER = 0.5  # at most: a loader reads the model with its texts
STEPS = {
    "entering": ("from lambda_states_mock import mock_lambda", "mock_lambda().start()"),
    "the first call": (
        "from lambda_states_mock import mock_lambda\n"
        "from lambda_states_mock.wire import HttpRequest\n"
        "asked = HttpRequest('GET', '/2015-03-31/functions', '', {}, b'')\n"
        "mock = mock_lambda().start()",
        "mock.backend.handle('ListFunctions', asked)",
    ),
    "reading our model": ("from lambda_states_mock.api_model import lambda_model", "lambda_model()"),
    "reading botocore's model": (
        "from botocore.loaders import create_loader",
        "create_loader().load_service_model('lambda', 'service-2')",
    ),
}


def seconds(step: str) -> float:
    """Return how long *step* takes in a process that has not done it before."""
    before, measured = STEPS[step]
    code = f"import time\n{before}\nbegan = time.perf_counter()\n{measured}\nprint(time.perf_counter() - began)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.benchmark(group="once in each process, with the start of Python")
def test_a_step_in_a_fresh_process(benchmark: Any, step: str) -> None:
    taken: list[float] = []
    benchmark.pedantic(lambda: taken.append(seconds(step)), rounds=ROUNDS, warmup_rounds=1)
    benchmark.extra_info["milliseconds of the step alone"] = round(min(taken) * 1000, 1)


@pytest.mark.parametrize("step", ["reading our model", "the first call"])
def test_our_model_costs_less_than_half_of_botocores(step: str) -> None:
    rounds = [(seconds(step), seconds("reading botocore's model")) for _ in range(ROUNDS)]
    ours, botocores = map(min, zip(*rounds, strict=True))
    assert ours / botocores <= BESIDE_BOTOCORES_LOADER
