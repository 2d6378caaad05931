"""What `mock_lambda` returns: a decorator and a context manager, also with ``start()`` and ``stop()``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from lambda_states_mock.decorating import decorate_class, decorate_function
from lambda_states_mock.errors import NamesWhatItHas, NotActiveError
from lambda_states_mock.options import MockOptions


class Mock(Protocol):
    """What is activated."""

    def close(self, *, check_faults: bool = True) -> None: ...


M = TypeVar("M", bound=Mock)
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Activation(NamesWhatItHas, Generic[M]):
    """What `mock_lambda` returns: a decorator and a context manager. Entering it creates a new world each time.

    Parameters: its *options*; *make*, the class of what is activated; *makers*, of parts of it, as `OpenMock` takes
    them.
    """

    def __init__(self, options: MockOptions, make: Callable[..., M], **makers: Any) -> None:
        self._options = options
        self._make = make
        self._makers = makers
        self._started: list[M] = []

    def __repr__(self) -> str:
        return f"mock_lambda({self._options.differences()})"

    def _elsewhere(self, name: str) -> str:
        if not hasattr(self._make, name):
            return ""
        return f" m.{name} is there once it is entered,  with mock_lambda() as m,  or begun:  m = mock_lambda().start()"

    def start(self) -> M:
        """Activate a new mock and return it, where you cannot use a ``with`` block. End it with `stop`.

        What is not ended by then ends with the process.
        """
        from lambda_states_mock.adapters.undisturbed import Undisturbed

        begun = len(self._started)
        try:
            with Undisturbed():
                self._started.append(self._make(self._options, **self._makers))
            return self._started[-1]
        except BaseException:  # Ctrl-C, which has waited for this
            if len(self._started) > begun:
                self.stop(check_faults=False)
            raise

    def stop(self, *, check_faults: bool = True) -> None:
        """End the mock started last; otherwise like `LambdaMock.close`. Raises NotActiveError if there is none."""
        __tracebackhide__ = True
        if not self._started:
            raise NotActiveError("stop() without start(): this mock_lambda() was not entered, or was left already")
        try:
            self._started[-1].close(check_faults=check_faults)
        finally:
            self._started.pop()

    def __enter__(self) -> M:
        return self.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.stop(check_faults=error is None)  # the failure of the test itself comes first

    async def __aenter__(self) -> M:
        return self.start()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, target: Decorated) -> Decorated:
        """Decorate a function, coroutine function, generator function (a fixture) or class, and return it.

        Raises TypeError for anything else.
        """
        __tracebackhide__ = True
        if isinstance(target, type):
            decorate_class(self, target)
            return target
        if isinstance(target, (staticmethod, classmethod)):
            return type(target)(self(target.__func__))
        if not callable(target):
            raise TypeError(
                f"mock_lambda decorates functions and classes, not {target!r}; its options are keywords: timings=..."
            )
        decorated: Decorated = decorate_function(self, target)
        return decorated
