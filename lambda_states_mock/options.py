"""The options of a mock. They are the same for decorator, context manager, marker and fixture."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field, fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from lambda_states_mock.clock.turns import HANG_AFTER
from lambda_states_mock.errors import ClockError, nearest
from lambda_states_mock.instants import length_of, parse_instant
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import HOME

if TYPE_CHECKING:
    from lambda_states_mock.chaos.world import ChaosWorld

SLEEP_MODES = ("all", "waits", "botocore", "real")
UNFIRED_FAULTS = ("error", "ignore")
PROCESS_TIMES = ("slept", "real")
SANDBOXES = ("auto", "bubblewrap", "none")
FUNCTION_KINDS = ("zip", "image", "vpc", "snapstart")
ACCOUNT, REGION = HOME


class OptionsDict(TypedDict, total=False):
    """The keyword arguments of `mock_lambda`, for type checkers."""

    start: datetime | str | None
    timings: str | Mapping[Any, float]
    seed: int
    account: str
    region: str
    sleep: Literal["all", "waits", "botocore", "real"]
    max_sleep: float | timedelta | None
    hang_after: float | timedelta | None
    freeze: bool
    consistency: float | timedelta
    waking_error: str | Mapping[str, str]
    unfired_faults: Literal["error", "ignore"]
    whole_requests: bool
    processes: bool
    process_time: Literal["slept", "real"]
    sandbox: Literal["auto", "bubblewrap", "none"]
    chaos: ChaosWorld | int | None


@dataclass(frozen=True, kw_only=True)
class MockOptions:
    """The checked options of a mock; `mock_lambda` documents them. Lengths of time are timedeltas here."""

    start: datetime | None = None
    timings: str | Mapping[Any, float] = "typical"
    seed: int = 0
    account: str = ACCOUNT
    region: str = REGION
    sleep: Literal["all", "waits", "botocore", "real"] = "all"
    max_sleep: timedelta | None = timedelta(days=1)
    hang_after: timedelta | None = timedelta(seconds=HANG_AFTER)
    freeze: bool = False
    consistency: timedelta = timedelta()
    waking_error: Mapping[str, str] = field(default_factory=dict)
    unfired_faults: Literal["error", "ignore"] = "error"
    whole_requests: bool = False
    processes: bool = False
    process_time: Literal["slept", "real"] = "slept"
    sandbox: Literal["auto", "bubblewrap", "none"] = "auto"
    chaos: ChaosWorld | int | None = None

    @classmethod
    def parse(cls, caller: str, options: Mapping[str, Any]) -> MockOptions:
        """Check *options* and return them.

        Parameters: *caller*, the function or marker that they were given to, for messages; *options*, by name.

        Raises TypeError for an unknown option or a value of the wrong type; ValueError (ClockError for times) or
        UnknownNameError for a value that the option cannot have.
        """
        __tracebackhide__ = True
        if not options:
            return _defaults[-1]
        names = [field.name for field in fields(cls)]
        for name in options:
            if name not in names:
                raise TypeError(f'{caller} has no option "{name}"{_hint(name, names)} Options: {", ".join(names)}.')
        checked = {}
        for name, value in options.items():  # a comprehension would be a frame in the report of a mistake
            checked[name] = _CHECKS[name](value)
        return replace(_defaults[-1], **checked)

    def differences(self) -> str:
        """Return the options that differ from the defaults of now, as they are written in a call."""
        changed = [one.name for one in fields(self) if getattr(self, one.name) != getattr(_defaults[-1], one.name)]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in changed)


_defaults = [MockOptions()]


def begin_defaults(caller: str, options: Mapping[str, Any]) -> None:
    """Let *options* be the defaults of all mocks until `end_defaults`; parameters and errors as `MockOptions.parse`."""
    __tracebackhide__ = True
    _defaults.append(MockOptions.parse(caller, options))


def end_defaults() -> None:
    """Take back what was begun last."""
    _defaults.pop()


def default_chaos() -> ChaosWorld | int | None:
    """Return what disturbs the mocks of now that say nothing of it themselves."""
    return _defaults[-1].chaos


def _start(value: Any) -> datetime | None:
    __tracebackhide__ = True
    return None if value is None else parse_instant(value)


def _timings(value: Any) -> Any:
    __tracebackhide__ = True
    from lambda_states_mock.engine.timings import Timings

    if not isinstance(value, (str, Mapping)):
        raise TypeError(f'timings is "typical", "instant", or a mapping of phases to seconds, not {value!r}')
    Timings(value)
    return value


def _of_type(kind: type, says: str, value: Any) -> Any:
    __tracebackhide__ = True
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{says}, not {value!r}")
    return value


def _account(value: Any) -> str:
    __tracebackhide__ = True
    if not (isinstance(value, str) and len(value) == 12 and value.isascii() and value.isdecimal()):
        raise ValueError(f"account is a string of twelve digits, not {value!r}")
    return value


def _region(value: Any) -> str:
    __tracebackhide__ = True
    if not (isinstance(value, str) and value):
        raise ValueError(f'region is a name such as "eu-west-1", not {value!r}')
    if value != REGION:
        from lambda_states_mock.api_model import origin, regions

        if value not in (known := regions()):
            raise ValueError(
                f"{origin()} knows no region {value!r}{_hint(value.lower(), known)} "
                f"There are: {', '.join(sorted(known))}."
            )
    return value


def _limit(name: str, value: Any) -> timedelta | None:
    __tracebackhide__ = True
    if value is None:
        return None
    length = length_of(name, value, instead="None for no limit")
    if not length:
        raise ClockError(f"{name} is more than zero, not {value!r}; None means no limit")
    return length


def _chaos(value: Any) -> Any:
    __tracebackhide__ = True
    if value is None or type(value) is int:
        return value
    from lambda_states_mock.chaos.world import ChaosWorld

    if not isinstance(value, ChaosWorld):
        raise TypeError(f"chaos is a seed, an integer, or a ChaosWorld of lambda_states_mock.testing, not {value!r}")
    return value


def _waking_error(value: Any) -> Mapping[str, str]:
    __tracebackhide__ = True
    from lambda_states_mock.api_model import modelled_errors

    if not isinstance(value, (str, Mapping)):
        raise TypeError(f"waking_error is an error code, or a mapping of kinds to error codes, not {value!r}")
    chosen = dict.fromkeys(FUNCTION_KINDS, value) if isinstance(value, str) else dict(value)
    codes, kinds = modelled_errors("Invoke"), ", ".join(FUNCTION_KINDS)
    for kind, code in chosen.items():
        if kind not in FUNCTION_KINDS:
            raise ValueError(f"waking_error: no kind {kind!r}{_hint(kind, FUNCTION_KINDS)} Kinds: {kinds}.")
        if code not in codes:
            known = ", ".join(sorted(codes))
            raise ValueError(f"waking_error: Invoke does not answer {code!r}{_hint(code, codes)} It answers: {known}.")
    return chosen


def _hint(value: object, known: Collection[str]) -> str:
    hint = nearest(value, known)
    return f";{hint}" if hint else "."


def _one_of(name: str, choices: tuple[str, ...], value: Any) -> str:
    __tracebackhide__ = True
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(map(repr, choices))}, not {value!r}{_hint(value, choices)}")
    return str(value)


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "start": _start,
    "timings": _timings,
    "seed": partial(_of_type, int, "seed is an integer"),
    "account": _account,
    "region": _region,
    "sleep": partial(_one_of, "sleep", SLEEP_MODES),
    "max_sleep": partial(_limit, "max_sleep"),
    "hang_after": partial(_limit, "hang_after"),
    "freeze": partial(_of_type, bool, "freeze is True or False"),
    "consistency": partial(length_of, "consistency"),
    "waking_error": _waking_error,
    "unfired_faults": partial(_one_of, "unfired_faults", UNFIRED_FAULTS),
    "whole_requests": partial(_of_type, bool, "whole_requests is True or False"),
    "processes": partial(_of_type, bool, "processes is True or False"),
    "process_time": partial(_one_of, "process_time", PROCESS_TIMES),
    "sandbox": partial(_one_of, "sandbox", SANDBOXES),
    "chaos": _chaos,
}
