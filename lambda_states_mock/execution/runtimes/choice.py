"""What a test says of how functions run: within its own process, or in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from datetime import timedelta
from pathlib import Path

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.handlers import Target
from lambda_states_mock.instants import length_of
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.quick_dataclasses import dataclass

NODE_CLIENT = "aws-lambda-ric"


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """Those of a mock: *is_default*, whether each function runs in processes that can; the others as `mock_lambda`."""

    is_default: bool = False
    process_time: str = "slept"
    sandbox: str = "auto"


@dataclass(frozen=True, slots=True)
class ProcessChoice:
    """That a function runs in processes.

    Parameters: *command*, of a bootstrap of the test, empty for that of the function's runtime; *duration*, how long
    each invocation takes beyond what it sleeps; *interpreter*, in place of the one that is looked for;
    *node_client*, the folder of AWS's client for Node.js.
    """

    command: tuple[str, ...] = ()
    duration: timedelta = timedelta()
    interpreter: str | None = None
    node_client: str | None = None


class Interpreters(MutableMapping[str, str]):
    """Which program runs the functions of a runtime: ``m.runtimes["nodejs22.x"] = "/path/to/node"``.

    ``m.runtimes["aws-lambda-ric"]`` is the folder of AWS's client for Node.js.
    """

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Interpreters {self._paths!r}>"

    def __getitem__(self, runtime: str) -> str:
        return self._paths[runtime]

    def __setitem__(self, runtime: str, path: str) -> None:
        __tracebackhide__ = True
        if runtime == NODE_CLIENT:
            if not (Path(path) / "index.mjs").is_file():
                raise ValueError(
                    f"m.runtimes[{NODE_CLIENT!r}]: there is no index.mjs in {str(path)!r}\n"
                    "  It is a folder with version 4 or later:  npm install --ignore-scripts aws-lambda-ric@4"
                )
            self._paths[runtime] = str(Path(path).absolute())
            return
        if not runtime.startswith(("python", "nodejs")):
            raise ValueError(
                f"m.runtimes has interpreters of python and nodejs runtimes, not of {runtime!r}\n"
                "  Another program is given with  m.run_in_process(name, command=[...])."
            )
        found = Path(path)
        if not found.is_file():
            raise ValueError(f"m.runtimes[{runtime!r}]: there is no file {str(path)!r}")
        self._paths[runtime] = str(found.absolute())

    def __delitem__(self, runtime: str) -> None:
        del self._paths[runtime]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class ProcessChoices(EndsWithMock):
    """Which functions of one mock run in processes. Parameters: *all_of_them*, whether each one does that can."""

    def __init__(self, *, all_of_them: bool = False) -> None:
        self._all = ProcessChoice() if all_of_them else None
        self._chosen: dict[Target, ProcessChoice] = {}
        self.interpreters = Interpreters()

    def add(self, target: str, *, command: Sequence[str | Path] = (), duration: float | timedelta = 0) -> None:
        """Let the function *target* run in processes; parameters and errors as `LambdaMock.run_in_process`."""
        __tracebackhide__ = True
        self.check_active("run_in_process()")
        if isinstance(command, (str, Path)):
            raise TypeError(f'command is a sequence of a program and its arguments, ["{command}"], not {command!r}')
        key = Target.parse(target)
        self._chosen.pop(key, None)
        self._chosen[key] = ProcessChoice(tuple(map(str, command)), length_of("duration=", duration))

    def find(self, spec: EnvironmentSpec) -> ProcessChoice | None:
        """Return how the code of *spec* runs in processes; None where it does not."""
        if not self._chosen and self._all is None:
            return None
        best, found = (0, 0), self._all
        for target, choice in self._chosen.items():
            rank = target.rank(spec)
            if rank is not None and rank >= best:
                best, found = rank, choice
        if found is None:
            return None
        interpreter = self.interpreters.get(spec.configuration.runtime or "")
        return ProcessChoice(found.command, found.duration, interpreter, self.interpreters.get(NODE_CLIENT))
