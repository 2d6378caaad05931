"""Decorate test functions, coroutines, generators and classes, so that a block is entered around each of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from typing import Any, Protocol

DECORATED = "__lambda_mock__"
"""The attribute by which the pytest plugin knows what is decorated."""


class Block(Protocol):
    """What is entered around a test: a ``with`` block, or its two ends."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *_: Any) -> None: ...

    def start(self) -> Any: ...

    def stop(self, *, check_faults: bool = True) -> None: ...


def decorate_function(activation: Block, function: Any) -> Any:
    """Return *function*, with the block around each of its calls."""
    decorated = functools.wraps(function)(_around(activation, function))
    setattr(decorated, DECORATED, True)
    return decorated


def _around(activation: Block, function: Any) -> Any:
    if inspect.iscoroutinefunction(function):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with activation:
                return await function(*args, **kwargs)

        return coroutine
    if inspect.isasyncgenfunction(function):
        return _around_async_generator(activation, function)
    if inspect.isgeneratorfunction(function):

        def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with activation:
                return (yield from function(*args, **kwargs))

        return generator

    def plain(*args: Any, **kwargs: Any) -> Any:
        with activation:
            return function(*args, **kwargs)

    return plain


def _around_async_generator(activation: Block, function: Any) -> Any:
    async def async_generator(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with activation:
            inside = function(*args, **kwargs)
            with suppress(StopAsyncIteration):
                value = await anext(inside)
                while True:  # as "yield from" does for plain generators
                    try:
                        sent = yield value
                    except BaseException as thrown:  # its end, too: GeneratorExit
                        value = await inside.athrow(thrown)
                    else:
                        value = await inside.asend(sent)

    return async_generator


def decorate_class(activation: Block, cls: Any) -> None:
    """Put the block around each test method of *cls*, with its set-up and tear-down."""
    import unittest  # few tests decorate a class

    if issubclass(cls, unittest.TestCase):
        # run() is setUp, the test, tearDown and the cleanups, whatever runs the tests.
        cls.run = decorate_function(activation, cls.run)
    elif hasattr(cls, "setup_method") or hasattr(cls, "teardown_method"):
        _decorate_setup_and_teardown(activation, cls)
    else:
        for name in dir(cls):
            method = inspect.getattr_static(cls, name)
            if name.startswith("test") and inspect.isfunction(method):
                setattr(cls, name, decorate_function(activation, method))


def _decorate_setup_and_teardown(activation: Block, cls: Any) -> None:
    """Keep the world of each test from before ``setup_method`` until after ``teardown_method``."""
    setup, teardown = getattr(cls, "setup_method", None), getattr(cls, "teardown_method", None)

    def setup_method(self: Any, method: Any) -> None:
        activation.start()
        try:
            _call_xunit(setup, self, method)
        except BaseException:
            activation.stop(check_faults=False)
            raise

    def teardown_method(self: Any, method: Any) -> None:
        try:
            _call_xunit(teardown, self, method)
        except BaseException:
            activation.stop(check_faults=False)
            raise
        activation.stop()

    cls.setup_method, cls.teardown_method = setup_method, teardown_method
    setattr(cls, DECORATED, True)


def _call_xunit(function: Any, instance: Any, method: Any) -> None:
    if function is None:
        return
    if len(inspect.signature(function).parameters) > 1:
        function(instance, method)
    else:
        function(instance)
