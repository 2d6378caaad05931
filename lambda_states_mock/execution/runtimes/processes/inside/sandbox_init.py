"""Process 1 of a sandbox: it starts the programs of an environment there, and tells how each ends.

Called as: sandbox_init.py <descriptor of a socket to the mock> <port>. It listens at *port* of its own network, hands
the listening socket over, and does what it is told. It ends with the mock, and all that runs in the sandbox with it.
"""

import contextlib
import marshal
import os
import resource
import select
import signal
import socket
import sys

RECORDS = 62  # as in Lambda
_CONTROL = socket.socket(fileno=int(sys.argv[1]))
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CHANGED = (*_IGNORED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
_CONNECTED_WITHIN = 1  # second


def _say(told, *descriptors):
    socket.send_fds(_CONTROL, [marshal.dumps(told)], descriptors)


def _start(arguments, variables, folder, limits, streams, records):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            for number, handler in [(one, signal.SIG_DFL) for one in _CHANGED]:
                signal.signal(number, handler)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(streams, 1)
            os.dup2(streams, 2)
            os.dup2(records, RECORDS)
            for limit, most in limits.items():
                with contextlib.suppress(OSError, ValueError):
                    known = resource.getrlimit(limit)[1]
                    hard = most[1] if known < 0 else known if most[1] < 0 else min(most[1], known)
                    resource.setrlimit(limit, (most[0] if hard < 0 else min(most[0], hard), hard))
            os.chdir(folder)
            os.execve(arguments[0], arguments, variables)  # noqa: S606 - the function's own
        except OSError as error:
            os.write(writer, (error.errno or 0).to_bytes(4, "big"))
        finally:
            os._exit(127)
    for one in (writer, streams, records):
        os.close(one)
    failed = os.read(reader, 4)
    os.close(reader)
    if failed:
        os.waitpid(pid, 0)
        return _say(("failed", int.from_bytes(failed, "big")))
    _say(("started", pid))
    _CONTROL.recv(1)  # until it is known there it is not looked after here: its number stays its own
    return None


def _reap():
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _say(("ended", pid, os.waitstatus_to_exitcode(status)))


def _connect(port):
    try:
        with socket.create_connection(("127.0.0.1", port), _CONNECTED_WITHIN) as made:
            made.settimeout(None)
            _say(("connected",), made.fileno())
    except OSError as error:
        _say(("failed", error.errno or 0))


def main():
    """Serve until nobody is there any more."""
    with socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=128) as listening:
        _say(("listens",), listening.fileno())
    _CONTROL.set_inheritable(False)
    bell, rings = os.pipe()
    for one in (bell, rings):
        os.set_blocking(one, False)
    signal.set_wakeup_fd(rings)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([_CONTROL, bell], [], [])
        if bell in ready:
            os.read(bell, 4096)
            _reap()
        if _CONTROL not in ready:
            continue
        message, given, _, _ = socket.recv_fds(_CONTROL, 1_048_576, 2)
        if not message:
            return
        what, *more = marshal.loads(message)  # noqa: S302 - of the mock
        if what == "start":
            _start(*more, *given)
        elif what == "connect":
            _connect(*more)
        elif what == "kill":
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # all but this one


main()
