"""Folders of execution environments, where they cannot be deleted at once."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import mock_lambda
from lambda_states_mock.execution import folders
from lambda_states_mock.execution.folders import Folders, close_what_is_left


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of files that cannot be deleted, as Windows keeps those that somebody has open."""
    names: set[str] = set()

    def refusing(real: Callable[..., None]) -> Callable[..., None]:
        def refuse(path: Any, *args: Any, **options: Any) -> None:
            if Path(path).name in names:
                raise PermissionError(32, "The process cannot access the file", str(path))
            real(path, *args, **options)

        return refuse

    for name in ("unlink", "remove"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    return names


def left(of: Folders) -> tuple[Path, Path]:
    """Return a folder with an open file and one without, after the end of their world."""
    there, gone = of.plan().make(), of.plan().make()
    for folder in (there, gone):
        (folder / "deep").mkdir()
        (folder / "deep" / "open.log").write_text("", encoding="utf-8")
    (gone / "deep" / "open.log").rename(gone / "deep" / "closed.log")
    of.close()
    return there, gone


def test_a_folder_with_an_open_file_does_not_keep_the_others(kept: set[str]) -> None:
    kept.add("open.log")
    there, gone = left(Folders())
    assert (there.exists(), gone.exists()) == (True, False)
    kept.clear()
    close_what_is_left()
    assert not there.exists()


def test_the_end_of_another_mock_deletes_what_was_left(kept: set[str]) -> None:
    kept.add("open.log")
    there, _ = left(Folders())
    Folders().close()
    assert there.exists()
    kept.clear()
    Folders().close()
    assert not there.exists()
    assert folders._left == []


def test_a_mock_ends_well_while_a_file_is_open(kept: set[str]) -> None:
    kept.add("open.log")
    with mock_lambda() as m:
        folder = m.backend.service.pool._folders.plan().make()
        (folder / "open.log").write_text("", encoding="utf-8")
    assert folder.exists()
    kept.clear()
    close_what_is_left()
    assert not folder.exists()


def test_a_folder_that_nobody_asks_for_is_not_made() -> None:
    folder = Folders().plan()
    assert not folder.planned.exists()
    folder.close()
    assert not folder.make().exists()


def test_no_name_of_a_folder_begins_with_another_one() -> None:
    of = Folders()
    names = [of.plan().planned.name for _ in range(120)]
    of.close()  # or a test that forks would make them all
    assert [(one, other) for one in names for other in names if one != other and one.startswith(other)] == []


def test_where_the_place_of_a_world_is_gone_a_fork_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place := tmp_path / "of-a-test").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    of = Folders()
    folder = of.plan()
    place.rmdir()
    of.before_fork()
    assert not folder.planned.exists()
    of.close()


def test_what_is_read_only_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    of = Folders()
    folder = of.plan().make()
    (folder / "deep").mkdir()
    (folder / "deep" / "data").write_text("", encoding="utf-8")
    (folder / "deep" / "data").chmod(stat.S_IREAD)
    (folder / "deep").chmod(stat.S_IREAD | stat.S_IEXEC)
    real = os.unlink

    def unlink(path: Any, *args: Any, dir_fd: int | None = None) -> None:  # as for others than root
        if not (folder / "deep").stat().st_mode & stat.S_IWUSR:
            raise PermissionError(13, "Permission denied", str(path))
        real(path, *args, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", unlink)
    mode = folder.parent.stat().st_mode
    of.close()
    assert not folder.exists()
    assert folder.parent.stat().st_mode == mode


def test_what_a_link_leads_to_keeps_its_mode(tmp_path: Path, kept: set[str]) -> None:
    target = tmp_path / "target"
    target.write_text("", encoding="utf-8")
    target.chmod(stat.S_IREAD)
    of = Folders()
    folder = of.plan().make()
    try:
        (folder / "link").symlink_to(target)
    except OSError:
        pytest.skip("no links here")
    kept.add("link")
    of.close()
    assert stat.S_IMODE(target.stat().st_mode) & stat.S_IWUSR == 0
    kept.clear()
    close_what_is_left()
