"""Event loops of asyncio that are idle let the clock go on, as threads that wait do: see `waits`.

With ``sleep="waits"`` an idle loop that waits for nothing but its own timers moves the clock to the next one.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters import waits
from lambda_states_mock.adapters.async_sleeping import selector_of
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.waits import Selecting

_LOOPS = [getattr(asyncio, name) for name in ("SelectorEventLoop", "ProactorEventLoop") if hasattr(asyncio, name)]
_selecting_for: dict[int, int] = {}  # by the number of an event loop that waits to be woken: its thread


def _wait(real: Callable[..., Any], selector: Any, timeout: float | None) -> Any:
    """In place of `Selecting.wait`: note whose loop waits, and move the clock where that is all it waits for."""
    try:
        loop: Any = asyncio.get_running_loop()
    except RuntimeError:
        return Selecting.plainly(real, selector, timeout)
    _selecting_for[id(loop)] = threading.get_ident()
    try:
        mock = waits.whose_clock_a_wait_moves() if timeout is not None and _is_idle(loop, selector) else None
        if mock is None or timeout is None:
            return Selecting.plainly(real, selector, timeout)
        mock.sleep(timeout, unless=lambda: real(selector, 0))
        return real(selector, 0)
    finally:
        _selecting_for.pop(id(loop), None)


def _is_idle(loop: Any, selector: Any) -> bool:
    """Return True for a *loop* that waits for nothing but its own timers, and other threads, by its *selector*."""
    if selector_of(loop) is not selector:
        return False
    get_map: Any = getattr(selector, "get_map", None)  # the proactor of Windows has none
    waits_for = getattr(selector, "_cache", ()) if get_map is None else get_map()
    return len(waits_for or ()) == 1  # for being woken


def _waking(real: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(real)
    def call_soon_threadsafe(loop: Any, *args: Any, **kwargs: Any) -> Any:
        thread = _selecting_for.get(id(loop))
        if thread is None:
            return real(loop, *args, **kwargs)
        waits.end_wait(thread)
        handle = real(loop, *args, **kwargs)
        waits.say_it_came(thread)
        return handle

    return call_soon_threadsafe


def _time_of_a_loop(_loop: object) -> float:
    return waits.monotonic()


def install(patches: Patches) -> None:
    """Let idle loops give way to the clock until *patches* are restored. `waits` must be installed."""
    private_names.allows("adapters.loop_waits", "idle loops")  # what Python lacks is told, and left out
    patches.set(Selecting, "wait", staticmethod(_wait))
    windows: Any = sys.modules.get("asyncio.windows_events")
    if windows is not None:
        patches.set(windows.IocpProactor, "select", waits.selecting(windows.IocpProactor.select))
    loop: Any = asyncio.BaseEventLoop
    for one in (loop, *_LOOPS):  # freezegun leaves a clock at these, which hides the other
        patches.set(one, "time", _time_of_a_loop)
    patches.set(loop, "call_soon_threadsafe", _waking(loop.call_soon_threadsafe))
