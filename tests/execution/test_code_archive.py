"""Unpacking zip files."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from lambda_states_mock.execution.code_archive import holds_python, unpack
from tests.execution.stage import zip_files


@pytest.mark.parametrize(
    "path", ["../out.py", "a/../../out.py", "/out.py", "\\out.py", "..\\out.py", "C:/out.py", "C:\\out.py"]
)
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "deep" / "task"
    folder.mkdir(parents=True)
    assert unpack(zip_files({path: "", "in.py": ""}), folder) == {"in"}
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [folder / "in.py"]


def test_links_are_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("app.py", "")
    assert unpack(buffer.getvalue(), tmp_path) == {"app"}
    assert [found.name for found in tmp_path.iterdir()] == ["app.py"]


def test_the_names_that_can_be_imported_are_returned(tmp_path: Path) -> None:
    files = [
        "app.py",
        "src/app.py",
        "old.pyc",
        "data/text.txt",
        "pkg/deep/mod.py",
        "fast.cpython-313-x86_64-linux-gnu.so",
    ]
    assert unpack(zip_files(dict.fromkeys(files, "")), tmp_path) == {"app", "src", "old", "pkg", "fast"}
    assert (tmp_path / "data" / "text.txt").exists()


def test_in_a_layer_only_the_python_folders_can_be_imported_from(tmp_path: Path) -> None:
    files = ["python/a.py", "python/lib/python3.13/site-packages/b.py", "other/c.py", "d.py"]
    roots = ("python/", "python/lib/python3.13/site-packages/")
    assert unpack(zip_files(dict.fromkeys(files, "")), tmp_path, import_roots=roots) == {"a", "b"}


def test_a_package_with_compiled_parts_that_is_installed_is_not_unpacked(tmp_path: Path) -> None:
    files = ["yaml/__init__.py", "yaml/_yaml.so", "not_installed_here/fast.so", "app.py"]
    pytest.importorskip("yaml")
    assert unpack(zip_files(dict.fromkeys(files, "")), tmp_path) == {"app", "not_installed_here"}
    assert not (tmp_path / "yaml").exists()


def test_folders_of_the_zip_are_made(tmp_path: Path) -> None:
    unpack(zip_files({"empty/": "", "app.py": ""}), tmp_path)
    assert (tmp_path / "empty").is_dir()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission")
def test_programs_can_be_executed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        program = zipfile.ZipInfo("bin/tool")
        program.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(program, "#!/bin/sh\n")
    unpack(buffer.getvalue(), tmp_path)
    assert os.access(tmp_path / "bin" / "tool", os.X_OK)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, False),
        (b"", False),
        (b"no zip", False),
        (zip_files({}), False),
        (zip_files({"index.js": ""}), False),
        (zip_files({"deep/app.py": ""}), True),
    ],
)
def test_a_zip_holds_python_or_not(code: bytes | None, expected: bool) -> None:
    assert holds_python(code) is expected
