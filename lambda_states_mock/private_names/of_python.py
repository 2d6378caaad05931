"""The private names of Python's own library."""

from __future__ import annotations

from lambda_states_mock.private_names.row import PYTHON, Without, names_of

_IN_PROCESS = "execution.runtimes.in_process"

OF_PYTHON = (
    *names_of(
        f"{_IN_PROCESS}.variables:data",
        PYTHON,
        Without.NO_MOCK,
        "functions cannot have variables of their own",
        "os:environ._data",
    ),
    *names_of(
        f"{_IN_PROCESS}.temporary_folder:folder",
        PYTHON,
        Without.NO_MOCK,
        "functions cannot have a /tmp of their own",
        "tempfile:_gettempdir",
    ),
    *names_of(
        f"{_IN_PROCESS}.surroundings:handlers",
        PYTHON,
        Without.NO_MOCK,
        "functions cannot have log handlers of their own",
        "logging:_handlerList",
    ),
    *names_of(
        f"{_IN_PROCESS}.settings:level names",
        PYTHON,
        Without.LEFT_OUT,
        "names of log levels that functions give stay",
        "logging:_levelToName",
        "logging:_nameToLevel",
    ),
    *names_of(
        f"{_IN_PROCESS}.import_space:locks",
        PYTHON,
        Without.LEFT_OUT,
        "imports of modules of one name may wait in vain",
        "importlib:_bootstrap._module_locks",
    ),
    *names_of(
        "genuine:accessor",
        PYTHON,
        Without.LEFT_OUT,
        "pathlib finds the machine's /tmp in functions",
        "pathlib:_normal_accessor",
        until="3.11",
    ),
    *names_of(
        "genuine:forks",
        PYTHON,
        Without.LEFT_OUT,
        "programs that functions start by multiprocessing find the test's variables",
        "_posixsubprocess:fork_exec",
        system="posix",
    ),
    *names_of(
        f"{_IN_PROCESS}.random_values:urandom",
        PYTHON,
        Without.LEFT_OUT,
        "secrets in a snapshot differ between its copies",
        "random:_urandom",
    ),
    *names_of(
        "adapters.http_client_hook:tunnels",
        PYTHON,
        Without.LEFT_OUT,
        "requests through a proxy's tunnel are not answered",
        "http.client:HTTPConnection._tunnel_host",
    ),
    *names_of(
        "adapters.thread_starts:locks",
        PYTHON,
        Without.NO_MOCK,
        "threads that wait for one another stop the clock",
        "threading:_allocate_lock",
    ),
    *names_of(
        "adapters.sleep_sites:imports",
        PYTHON,
        Without.LEFT_OUT,
        "a module whose import goes on while sleeping is replaced may keep what stands in for it",
        "importlib.machinery:__spec__._initializing",
    ),
    *names_of(
        "adapters.waits:clock",
        PYTHON,
        Without.NO_MOCK,
        "threads that wait for one another stop the clock",
        "threading:_time",
        "queue:time",
        "concurrent.futures._base:time",
    ),
)

OF_ASYNCIO = (
    *names_of(
        "adapters.async_sleeping:idleness",
        PYTHON,
        Without.LEFT_OUT,
        'coroutines that sleep wait for 50 rounds of the loop; with sleep="waits", idle loops do not move the clock',
        "asyncio:BaseEventLoop._ready",
        "asyncio:BaseEventLoop._scheduled",
        "asyncio.selector_events:BaseSelectorEventLoop._selector",
    ),
    *names_of(
        "adapters.loop_waits:idle loops",
        PYTHON,
        Without.LEFT_OUT,
        'with sleep="waits", waits of a loop on Windows do not move the clock',
        "asyncio.windows_events:IocpProactor._cache",
        system="nt",
    ),
)
"""Those of asyncio, which many processes never import."""
