"""What `forked` runs sees and does what it would in a process that Python has started."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked

pytestmark = pytest.mark.skipif(not forked.IS_POSSIBLE, reason="nothing forks here")


@pytest.mark.parametrize(
    "program",
    [
        "print(__name__)",
        "raise SystemExit",
        "raise SystemExit(3)",
        "raise SystemExit('no')",
        "1 / 0",
        "raise KeyboardInterrupt",
        "import os; os._exit(9)",
        "import os; os.kill(os.getpid(), 15)",
        "import atexit; atexit.register(print, 'at the end'); print('before')",
        "import threading, time; threading.Thread(target=lambda: (time.sleep(0.01), print('a thread'))).start()",
        "import sys; sys.stdout.close()",
        "import sys; print(sys.stdin.read(), sys.argv, sys.path[0])",
    ],
)
def test_a_fork_ends_as_python_does(program: str) -> None:
    found = forked.run("-c", program)
    real = subprocess.run(
        [sys.executable, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (real.returncode, real.stdout)
    assert found.stderr.splitlines()[-1:] == real.stderr.splitlines()[-1:]


SAYING = "import json, os, sys; print(json.dumps([sys.argv, os.getcwd(), dict(os.environ), sys.path[0]]))"


def test_a_script_has_its_arguments_its_folder_and_its_environment(tmp_path: Path) -> None:
    (script := tmp_path / "script.py").write_text(SAYING)
    found = forked.run(str(script), "--deploy", cwd="/", env={"NAME": "value"})
    assert json.loads(found.stdout) == [[str(script), "--deploy"], "/", {"NAME": "value"}, str(tmp_path)]


def test_a_module_is_found_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "module_of_mine.py").write_text(SAYING)
    found = forked.run("-m", "module_of_mine", "--deploy", cwd=tmp_path, env={})
    assert json.loads(found.stdout)[0] == [str(tmp_path / "module_of_mine.py"), "--deploy"]


def test_forks_leave_nothing_to_each_other() -> None:
    leaving = "import os, sys; os.environ['LEFT'] = 'here'; sys.path.append('left'); sys.modules['left'] = None"
    looking = "import os, sys; print('LEFT' in os.environ, 'left' in sys.path, 'left' in sys.modules)"
    assert forked.run("-c", leaving).returncode == 0
    assert forked.run("-c", looking).stdout == "False False False\n"


def test_many_may_end_at_once() -> None:
    for _ in range(5):
        several = [forked.Process(["-c", "import os; os._exit(7)"], ready=forked.WITH_BOTO3) for _ in range(12)]
        assert [one.wait() for one in several] == [7] * 12


def test_a_signal_reaches_it() -> None:
    program = "import sys, time; print('ready', file=sys.stderr, flush=True); time.sleep(60)"
    with forked.Told(["-c", program]) as process:
        assert process.stderr.readline() == "ready\n"
        process.terminate()
        assert process.wait() == -signal.SIGTERM


def test_what_begins_as_another_has_what_that_has_imported() -> None:
    program = "import sys; print('requests' in sys.modules, 'lambda_states_mock.mock' in sys.modules)"
    assert forked.run("-c", program, ready=forked.WITH_BOTO3).stdout == "True False\n"
    assert forked.run("-c", program, ready=forked.WITH_OURS).stdout == "True True\n"


def test_an_interpreter_does_what_python_does_for_who_starts_it_by_a_path(tmp_path: Path) -> None:
    program = "import sys; print(sys.argv[1:], input(), flush=True); print('told', file=sys.stderr); sys.exit(3)"
    command = [str(forked.interpreter(tmp_path)), "-u", "-c", program, "--deploy"]
    done = subprocess.run(command, input="asked\n", capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "['--deploy'] asked\n", "told\n")


def test_a_signal_to_an_interpreter_reaches_what_it_runs(tmp_path: Path) -> None:
    command = [str(forked.interpreter(tmp_path)), "-c", "import time; print('ready', flush=True); time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait(timeout=60) == -signal.SIGTERM
        assert process.stdout.read() == ""  # nobody writes any more
