"""Python and the AWS CLI begin in forks. Run as a program, this is ``lambda-states-mock`` with such commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from lambda_states_mock.command import run as running
from lambda_states_mock.command.cli import main
from tests import forked


def started(path: str, arguments: list[str], environment: dict[str, str]) -> Any:
    """Start a command in a fork, in the place of `running._started`."""
    words = arguments if Path(path).name == "python" else [path, *arguments]
    ready = forked.WITH_THE_MOCK if words is arguments else forked.WITH_THE_CLI
    return forked.Process(words, env=environment, ready=ready)


if __name__ == "__main__":
    running._started = started  # type: ignore[assignment] # a fork can be waited for and ended as a process can
    sys.exit(main(sys.argv[1:]))
