"""Starts AWS's Python runtime client in a process that lives on the mock's clock.

Called as: python_start.py <clock file> <host:port> <descriptor for records> <folders for sys.path ...>. It imports
nothing but the standard library, and works with every Python that awslambdaric works with.
"""

import _thread
import datetime as _datetime
import io
import os
import runpy
import socket
import struct
import sys
import time as _time

_CLOCK, _ADDRESS, _RECORDS, *_FOLDERS = sys.argv[1:]
_EPOCH = _datetime.datetime(1970, 1, 1, tzinfo=_datetime.timezone.utc)
_PRINTED = 0x4C534D00
_MAIN = _thread.get_ident()
_real = {name: getattr(_time, name) for name in ("monotonic_ns", "perf_counter_ns", "gmtime", "localtime", "strftime")}
_file = os.open(_CLOCK, os.O_RDONLY | os.O_CLOEXEC)
_connect = socket.create_connection


def _now_ns():
    return int.from_bytes(os.pread(_file, 8, 0), "little")


_BEGAN = _now_ns()


def _sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    until = _now_ns() + round(seconds * 1_000_000_000)
    kind = "main" if _thread.get_ident() == _MAIN else "other"
    host, port = _ADDRESS.split(":")
    connection = _connect((host, int(port)))
    try:
        head = f"POST /lambda-states-mock/sleep HTTP/1.1\r\nHost: mock\r\nX-Until: {until}\r\nX-Thread: {kind}\r\n"
        connection.sendall(f"{head}Connection: close\r\nContent-Length: 0\r\n\r\n".encode())
        while connection.recv(4096):
            pass
    finally:
        connection.close()


class _Substitute:
    """Stands for a function of C: as an attribute of a class it does not become a method."""

    def __init__(self, name, call):
        self.__name__ = self.__qualname__ = name
        self.__module__ = "time"
        self.__doc__ = getattr(_time, name).__doc__
        self._call = call

    def __call__(self, *given):
        return self._call(*given)

    def __repr__(self):
        return f"<built-in function {self.__name__}>"


def _moment(name):
    """Return gmtime or localtime, which ask the clock where they are given nothing."""
    real = _real[name]
    return lambda seconds=None: real(_now_ns() / 1e9 if seconds is None else seconds)


def _strftime(form, *given):
    return _real["strftime"](form, *given or (_time.localtime(),))


class _DateTimes(type):
    def __instancecheck__(cls, value):
        return isinstance(value, _RealDateTime)

    def __subclasscheck__(cls, other):
        return issubclass(other, _RealDateTime)


class _Dates(type):
    def __instancecheck__(cls, value):
        return isinstance(value, _RealDate)

    def __subclasscheck__(cls, other):
        return issubclass(other, _RealDate)


_RealDateTime, _RealDate = _datetime.datetime, _datetime.date


def _datetime_now(zone=None):
    return (_EPOCH + _datetime.timedelta(microseconds=_now_ns() // 1000)).astimezone(zone)


class datetime(_RealDateTime, metaclass=_DateTimes):
    """A datetime whose now is the mock's. What it makes are plain ones."""

    def __new__(cls, *given, **named):
        return _RealDateTime.__new__(_RealDateTime if cls is datetime else cls, *given, **named)

    @classmethod
    def now(cls, tz=None):
        found = _datetime_now(tz)
        found = found.replace(tzinfo=None) if tz is None else found
        return found if cls is datetime else cls.combine(found.date(), found.timetz())

    @classmethod
    def utcnow(cls):
        return cls.now(_datetime.timezone.utc).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


class date(_RealDate, metaclass=_Dates):
    """A date whose today is the mock's."""

    def __new__(cls, *given, **named):
        return _RealDate.__new__(_RealDate if cls is date else cls, *given, **named)

    @classmethod
    def today(cls):
        return _datetime_now().replace(tzinfo=None).date()


for _one in (datetime, date):
    _one.__module__, _one.__qualname__ = "datetime", _one.__name__
_datetime.datetime, _datetime.date = datetime, date


class _Frames(io.RawIOBase):
    """A standard stream whose writes go to the mock as frames: in order with the records of the client."""

    def __init__(self, stream):
        self._stream = stream

    def writable(self):
        return True

    def fileno(self):
        return self._stream + 1

    def write(self, data):
        data = bytes(data)
        if data:
            frame = struct.pack(">IIq", _PRINTED + self._stream, len(data), _now_ns() // 1000) + data
            rest = memoryview(frame)
            while rest:
                rest = rest[os.write(int(_RECORDS), rest) :]
        return len(data)


def _stream(number):
    errors = "backslashreplace" if number else "strict"
    made = io.TextIOWrapper(_Frames(number), "utf-8", errors, newline="", write_through=True)
    made.mode = "w"
    return made


def _clocks():
    """Return what takes the place of which function of `time`."""
    found = {"sleep": _sleep, "time_ns": _now_ns, "time": lambda: _now_ns() / 1e9, "strftime": _strftime}
    found.update({name: _moment(name) for name in ("gmtime", "localtime")})
    for name in ("monotonic", "perf_counter"):
        real = _real[f"{name}_ns"]
        # What waits for real (sockets, locks) counts real time; what was slept is added to it.
        ns = lambda real=real: real() + (_now_ns() - _BEGAN)  # noqa: E731
        found[f"{name}_ns"], found[name] = ns, lambda ns=ns: ns() / 1e9
    return found


def _begin():
    for name, call in _clocks().items():
        setattr(_time, name, _Substitute(name, call))
    sys.stdout, sys.stderr = _stream(0), _stream(1)
    sys.meta_path.insert(0, _Events())
    sys.path[0:1] = _FOLDERS
    sys.argv[:] = ["awslambdaric", os.environ.get("_HANDLER", "")]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


class _Events:
    """Lets event loops sleep on the mock's clock, once their module is imported."""

    def find_spec(self, name, path=None, target=None):
        if name != "asyncio.base_events":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            _let_loops_sleep(module.BaseEventLoop)

        spec.loader.exec_module = exec_module
        return spec


def _let_loops_sleep(loops):
    real = loops._run_once

    def run_once(self):
        # Nothing to do until a timer is due, and nothing that could come from outside but at once: sleep till then.
        if self._scheduled and not self._ready and not self._stopping:
            real_select = self._selector.select
            waited = self._scheduled[0]._when - self.time()
            if waited > 0 and not self._scheduled[0]._cancelled:
                found = real_select(0.001 if len(self._selector.get_map()) <= 1 else 0.05)
                if found:
                    self._process_events(found)
                else:
                    _sleep(waited)
        real(self)

    loops._run_once = run_once
    loops.time = lambda _: (_now_ns() - _BEGAN) / 1e9


if __name__ == "__main__":
    _begin()
