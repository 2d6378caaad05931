"""Payloads as the runtimes send them: keys in their order, texts to the letter.

Two traps: Python begins with ``errorMessage``, Node.js with ``errorType``; and an error while importing has an empty
``requestId``. The Python shapes are those of the runtime interface client, the others are recorded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal

from lambda_states_mock.execution.crashes import RuntimeFault
from lambda_states_mock.execution.payloads import Payload

_ESCAPES_NON_ASCII = frozenset({"python3.6", "python3.7", "python3.8", "python3.9", "python3.10", "python3.11"})


def marshal(result: object, runtime: str | None) -> bytes:
    """Return what a handler returned as the runtime sends it: JSON, or bytes as they are.

    Raises RuntimeFault ``Runtime.MarshalError`` for what JSON cannot say.
    """
    if isinstance(result, bytes):
        return result
    try:
        return _as_json(result, runtime).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def chunk(value: object, runtime: str | None) -> bytes:
    """Return one part of a streamed response: bytes and text as they are, anything else as JSON."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else marshal(value, runtime)


def to_json(value: object, runtime: str | None = None) -> bytes:
    """Return what is said of an error, as the runtime's JSON; half of a surrogate pair, which has no bytes, escaped."""
    return _as_json(value, runtime).encode("utf-8", "backslashreplace")


def _as_json(value: object, runtime: str | None) -> str:
    """Return *value* as the runtime's JSON: decimals are numbers, NaN is allowed, non-ASCII stays since Python 3.12."""
    escapes = runtime in _ESCAPES_NON_ASCII
    try:
        return _PLAIN[escapes].encode(value)
    except _HasDecimalError:
        encoder = _Encoder(ensure_ascii=escapes)
        text = encoder.encode(value)
        for mark, number in encoder.decimals.items():
            text = text.replace(json.dumps(mark), number)
        return text


class _HasDecimalError(Exception):
    """Raised for a decimal among the values, as few answers have one."""


class _PlainEncoder(json.JSONEncoder):
    """Keeps nothing, so that one serves all answers: to make an encoder takes longer than most answers do."""

    def default(self, o: object) -> object:
        if isinstance(o, Decimal):
            raise _HasDecimalError
        return super().default(o)


_PLAIN = {escapes: _PlainEncoder(ensure_ascii=escapes) for escapes in (False, True)}


class _Encoder(json.JSONEncoder):
    def __init__(self, *, ensure_ascii: bool) -> None:
        super().__init__(ensure_ascii=ensure_ascii)
        self.decimals: dict[str, str] = {}

    def default(self, o: object) -> object:
        if not isinstance(o, Decimal):
            return super().default(o)
        # json has no raw numbers, and a float would lose digits: a mark that no text contains stands in for the number.
        mark = f"\0decimal {len(self.decimals)}\0"
        self.decimals[mark] = "NaN" if o.is_nan() else str(o)
        return mark


def fault(error: RuntimeFault, runtime: str | None, *, request_id: str) -> Payload:
    """Return the payload for *error*, in the shape of its *runtime*; *request_id* is empty while it is imported."""
    return _shape(runtime)(error.message, error.error_type, request_id, error.trace)


def raised(error: BaseException, runtime: str | None, *, trace: Sequence[str], request_id: str) -> Payload:
    """Return the payload for an exception of the function, in the shape of its *runtime*.

    Parameters: *trace*, the entries of a Python stack trace.
    """
    return _shape(runtime)(_text(error), type(error).__name__, request_id, trace)


def _shape(runtime: str | None) -> Callable[[str, str, str, Sequence[str]], Payload]:
    family = (runtime or "python").rstrip("0123456789.x").partition(".")[0]
    return _SHAPES.get(family, _python)


def _python(message: str, error_type: str, request_id: str, trace: Sequence[str]) -> Payload:
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": list(trace)}


def _node(message: str, error_type: str, request_id: str, trace: Sequence[str]) -> Payload:  # noqa: ARG001
    lines = [f"    at {' '.join(entry.split())}" for entry in trace]
    return {"errorType": error_type, "errorMessage": message, "trace": [f"{error_type}: {message}", *lines]}


def _stacked(message: str, error_type: str, request_id: str, trace: Sequence[str]) -> Payload:  # noqa: ARG001
    return {
        "errorMessage": message,
        "errorType": error_type,
        "stackTrace": [" ".join(entry.split()) for entry in trace],
    }


def _ruby(message: str, error_type: str, request_id: str, trace: Sequence[str]) -> Payload:
    named = error_type if error_type.startswith("Runtime.") else f"Function<{error_type}>"
    return _stacked(message, named, request_id, trace)


def _provided(message: str, error_type: str, request_id: str, trace: Sequence[str]) -> Payload:  # noqa: ARG001
    return {"errorType": error_type, "errorMessage": message}


_SHAPES: dict[str, Callable[[str, str, str, Sequence[str]], Payload]] = {
    "python": _python,
    "nodejs": _node,
    "java": _stacked,
    "dotnet": _stacked,
    "dotnetcore": _stacked,
    "ruby": _ruby,
    "provided": _provided,
    "go": _provided,
}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return f"<unprintable {type(error).__name__} object>"
