"""Which commands ``run`` runs in its own process, on every system."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from lambda_states_mock.command.cli import main
from lambda_states_mock.command.python_commands import PythonCommands, has_folder

HERE = PythonCommands.of_this_process()
SCRIPTS = PureWindowsPath(r"C:\Users\Ann Lee\venv\Scripts")
WINDOWS = PythonCommands(SCRIPTS / "python.exe", (SCRIPTS,), 12)
LONG = PurePosixPath("/Users/ann lee", *["a-long-name"] * 12, "bin")
MACOS = PythonCommands(LONG / "python3", (LONG,), 12)

NAMES = {
    "python": (WINDOWS, "python", True),
    "python.exe": (WINDOWS, "python.exe", True),
    "capitals": (WINDOWS, "Python.EXE", True),
    "a version": (WINDOWS, "python3.12.exe", True),
    "another version": (WINDOWS, "python3.9", False),
    "a path": (WINDOWS, r"C:\Users\Ann Lee\venv\Scripts\python.exe", True),
    "forward slashes": (WINDOWS, "C:/Users/Ann Lee/venv/Scripts/python.exe", True),
    "mixed slashes, without .exe": (WINDOWS, r"C:\Users\Ann Lee/venv/scripts/python", True),
    "another drive": (WINDOWS, "D:/Users/Ann Lee/venv/Scripts/python.exe", False),
    "another folder": (WINDOWS, r"C:\Python312\python.exe", False),
    "another program": (WINDOWS, "pytest.exe", False),
    "POSIX": (MACOS, "python3.12", True),
    "POSIX, a path": (MACOS, str(LONG / "python3.12"), True),
    "POSIX, .exe": (MACOS, "python.exe", False),
    "POSIX, capitals": (MACOS, "Python", False),
    "this one": (HERE, sys.executable, True),
    "this one by a path from here": (HERE, os.path.relpath(sys.executable), True),
    "a path from here": (HERE, "other/python", False),
}


@pytest.mark.parametrize(("commands", "name", "expected"), NAMES.values(), ids=NAMES.keys())
def test_the_interpreter_is_known_by_its_names(commands: PythonCommands, name: str, expected: bool) -> None:
    assert commands.is_python(name) is expected


STARTS = {
    "a plain path": (MACOS, f"#!{LONG}/python3\n", True),
    "with an option": (MACOS, f"#!{LONG}/python3 -I\n", True),
    "env": (MACOS, "#!/usr/bin/env python3\n", True),
    "env with options": (MACOS, "#!/usr/bin/env -S python3 -u\n", True),
    "env of another": (MACOS, "#!/usr/bin/env perl\n", False),
    "too long for a first line, of pip": (MACOS, f"""#!/bin/sh\n'''exec' "{LONG}/python3" "$0" "$@"\n' '''\n""", True),
    "too long, of uv": (MACOS, f"""#!/bin/sh\n'''exec' '{LONG}/python3' "$0" "$@"\n' '''\n""", True),
    "too long, without quotes": (
        PythonCommands(PurePosixPath("/v/bin/python"), (PurePosixPath("/v/bin"),), 12),
        """#!/bin/sh\n'''exec' /v/bin/python "$0" "$@"\n' '''\n""",
        True,
    ),
    "too long, of another Python": (MACOS, """#!/bin/sh\n'''exec' "/other/python3" "$0" "$@"\n' '''\n""", False),
    "another program": (MACOS, "#!/usr/bin/perl\n", False),
    "a shell script": (MACOS, "#!/bin/sh\necho '''exec'\n", False),
    "no first line": (MACOS, "print()\n", False),
    "nothing": (MACOS, "", False),
    "quoted, of Windows": (WINDOWS, '#!"C:\\Users\\Ann Lee\\venv\\Scripts\\python.exe"\r\n', True),
    "bare, of Windows": (WINDOWS, "#!c:\\users\\ann lee\\venv\\scripts\\python.exe\r\n", True),
}


@pytest.mark.parametrize(("commands", "start", "expected"), STARTS.values(), ids=STARTS.keys())
def test_a_script_names_its_interpreter_at_its_start(
    tmp_path: Path, commands: PythonCommands, start: str, expected: bool
) -> None:
    script = tmp_path / "deploy"
    script.write_bytes(f"{start}raise SystemExit\n".encode())
    assert commands.script_of(str(script)) == (str(script) if expected else None)


def test_a_script_that_can_be_moved_names_the_interpreter_beside_it(tmp_path: Path) -> None:
    commands = PythonCommands(tmp_path / "python3", (tmp_path,), 12)
    script = tmp_path / "deploy"
    script.write_text(
        """#!/bin/sh\n'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python3' "$0" "$@"\n' '''\n""", encoding="utf-8"
    )
    assert commands.script_of(str(script)) == str(script)


def launcher(place: Path, *, member: str = "__main__.py", code: str = "") -> Path:
    """Write an ``.exe`` as pip does on Windows: a launcher, a first line, and a zip with the script."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(member, code)
    place.write_bytes(b"MZ launcher" * 200 + b'#!"C:\\venv\\Scripts\\python.exe"\r\n' + zipped.getvalue())
    return place


def test_an_exe_of_pip_is_the_script_that_is_zipped_into_it(tmp_path: Path) -> None:
    commands = PythonCommands(PureWindowsPath(r"C:\venv\Scripts\python.exe"), (tmp_path,), 12)
    exe = launcher(tmp_path / "deploy.exe")
    assert commands.script_of(str(exe)) == str(exe)


def test_another_exe_is_a_program_of_its_own(tmp_path: Path) -> None:
    commands = PythonCommands(PureWindowsPath(r"C:\venv\Scripts\python.exe"), (tmp_path,), 12)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "node.exe").write_bytes(b"MZ")
    others = [
        launcher(tmp_path / "elsewhere" / "deploy.exe"),
        launcher(tmp_path / "zip.exe", member="data.txt"),
        tmp_path / "node.exe",
        tmp_path / "gone.exe",
    ]
    assert [commands.script_of(str(other)) for other in others] == [None] * 4


@pytest.mark.parametrize(("launcher", "script"), [("deploy.exe", "deploy-script.py"), ("aws.cmd", "aws")])
def test_a_launcher_leads_to_the_script_beside_it(tmp_path: Path, launcher: str, script: str) -> None:
    commands = PythonCommands(PureWindowsPath(r"C:\venv\Scripts\python.exe"), (tmp_path,), 12)
    (tmp_path / launcher).write_bytes(b"MZ" if launcher.endswith("exe") else b'@echo OFF\r\npython -x "%~f0" %*\r\n')
    assert commands.script_of(str(tmp_path / launcher)) is None
    (tmp_path / script).write_bytes(b"#!C:\\venv\\Scripts\\python.exe\r\nprint()\r\n")
    assert commands.script_of(str(tmp_path / launcher)) == str(tmp_path / script)


def test_what_can_be_run_and_not_be_read_is_none_of_this_python(tmp_path: Path) -> None:
    assert HERE.script_of(str(tmp_path)) is None  # a folder cannot be read as a file either


def test_the_aws_cli_that_is_installed_here_is_one_of_this_python() -> None:
    found = HERE.find("aws")
    assert found is not None
    assert HERE.script_of(found) is not None


def test_a_long_first_line_runs_in_this_process(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "deploy"
    script.write_text(
        f"""#!/bin/sh\n'''exec' "{sys.executable}" "$0" "$@"\n' '''\n"""
        "import lambda_states_mock, sys\nprint(lambda_states_mock.current() is not None, sys.argv[1:])\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    assert main(["run", "--", str(script), "--stage", "dev"]) == 0
    assert capfd.readouterr().out == "True ['--stage', 'dev']\n"


def test_the_script_in_an_exe_runs_in_this_process(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import lambda_states_mock, sys\nprint(lambda_states_mock.current() is not None, sys.argv[1:])\n"
    exe = launcher(tmp_path / "deploy.exe", code=code)
    exe.chmod(0o755)
    commands = PythonCommands(HERE.executable, (*HERE.folders, tmp_path), HERE.minor)
    monkeypatch.setattr("lambda_states_mock.command.run._PYTHON", commands)
    assert main(["run", "--", "deploy.exe", "--stage", "dev"]) == 0
    assert capfd.readouterr().out == "True ['--stage', 'dev']\n"


@pytest.mark.parametrize(("name", "expected"), [("aws", False), ("./aws", True), ("bin/aws", True)])
def test_a_path_is_not_looked_for(name: str, expected: bool) -> None:
    assert has_folder(name) is expected
