"""Names in a zip that Lambda's Linux has, and this machine may not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock import NotUnpackedWarning
from lambda_states_mock.execution.code_archive import unpack
from lambda_states_mock.execution.file_names import FileNames, of_files_in
from tests.execution.stage import zip_files

LINUX = FileNames()
MACOS = FileNames(ignores_case=True)
WINDOWS = FileNames(of_windows=True, ignores_case=True)

FORBIDDEN = [
    *("nul", "NUL", "aux.py", "lib/con/app.py", "com1.txt", "LPT9", "com².tar.gz", "prn .py", "CONIN$"),
    *("a:b.py", "lib/data.txt:stream", "what?.py", "a*b", "<in>", 'say "it"', "pipe|d", "tab\tbed", "dot.", "gap "),
]
ALLOWED = ["nullable.py", "console/app.py", "com.py", "com10", "lpt", "auxiliary", ".hidden", "a.b.c", "with space.py"]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_windows_does_not_have_every_name(name: str) -> None:
    path = PurePosixPath(name)
    assert set(WINDOWS.left_out([path])) == {path}
    assert LINUX.left_out([path]) == MACOS.left_out([path]) == {}


@pytest.mark.parametrize("name", ALLOWED)
def test_names_that_only_look_reserved_are_had(name: str) -> None:
    assert WINDOWS.left_out([PurePosixPath(name)]) == {}


COLLISIONS = {
    "files": (["orders.py", "Orders.py"], {"Orders.py": "here it is the same as orders.py"}),
    "folders": (["Lib/a.py", "lib/b.py"], {"lib/b.py": "here it is the same as Lib"}),
    "a file and a folder": (["App", "app/main.py"], {"app/main.py": "here it is the same as App"}),
    "composed and decomposed": (["\u00e9.py", "e\u0301.py"], {"e\u0301.py": "here it is the same as \u00e9.py"}),
    "the same name twice": (["app.py", "app.py"], {}),
    "the same name in two folders": (["a/App.py", "b/app.py"], {}),
}  # fmt: skip


@pytest.mark.parametrize(("names", "left_out"), COLLISIONS.values(), ids=COLLISIONS.keys())
@pytest.mark.parametrize("rules", [MACOS, WINDOWS])
def test_the_first_of_two_names_that_differ_in_case_is_had(
    rules: FileNames, names: list[str], left_out: dict[str, str]
) -> None:
    found = rules.left_out(PurePosixPath(name) for name in names)
    assert {str(path): reason for path, reason in found.items()} == left_out
    assert LINUX.left_out(PurePosixPath(name) for name in names) == {}


PARTS = st.sampled_from(["a", "A", "b", "aB", "Ab"])


@given(st.lists(st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: PurePosixPath(*parts)), max_size=8))
def test_what_is_had_differs_in_more_than_case(paths: list[PurePosixPath]) -> None:
    kept = [path for path in paths if path not in MACOS.left_out(paths)]
    prefixes = {path.parts[:depth] for path in kept for depth in range(1, len(path.parts) + 1)}
    assert len({tuple(part.lower() for part in prefix) for prefix in prefixes}) == len(prefixes)


def test_what_cannot_be_had_is_left_out_with_a_warning(tmp_path: Path) -> None:
    code = zip_files(dict.fromkeys(["app.py", "aux.py", "App.py", *(f"com{number}" for number in range(1, 7))], ""))
    with pytest.warns(NotUnpackedWarning) as warned:
        assert "app" in unpack(code, tmp_path, rules=WINDOWS)
    assert [found.name for found in tmp_path.iterdir()] == ["app.py"]
    assert str(warned[0].message) == (
        'not unpacked from a zip file: aux.py (Windows has a device "aux"), App.py (here it is the same as app.py), '
        'com1 (Windows has a device "com1"), com2 (Windows has a device "com2"), com3 (Windows has a device "com3") '
        "and 3 more. Lambda unpacks all of it. This machine's file system cannot: run the test on Linux, or give the "
        "files names that differ in more than case and that Windows allows."
    )


def test_the_rules_are_those_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = tmp_path / "task"
    task.mkdir()
    is_there = (tmp_path / "TASK").exists()
    assert of_files_in(task).ignores_case is is_there
    (tmp_path / "TASK").mkdir(exist_ok=True)
    assert of_files_in(task).ignores_case is True
