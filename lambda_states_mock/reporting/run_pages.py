"""The pages of the tests of one run, in a folder of its own, beside those of the runs before it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.patterns import compile_later

SUMMARY = "summary.md"
_LONGEST_NAME = 120
_RUN = compile_later(r"run-(\d{4,})$")


class RunPages:
    """The pages of one run. Parameters: its *folder*, which is there once `begin` has made it or a page is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def begin(cls, base: Path) -> RunPages:
        """Make the folder of a new run below *base*: ``run-0007`` after ``run-0006``. Raises OSError if it cannot."""
        base.mkdir(parents=True, exist_ok=True)
        number = max((number for number, _ in _runs(base)), default=0)
        while True:
            number += 1
            try:
                (base / f"run-{number:04}").mkdir()
            except FileExistsError:
                continue  # somebody else has begun a run at this moment
            return cls(base / f"run-{number:04}")

    def write(self, test: str, timelines: Sequence[Timeline]) -> list[Path]:
        """Write the pages of *test*, one for each of its *timelines*; return their paths."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = []
        for number, timeline in enumerate(timelines, 1):
            name = _file_name(test if number == 1 else f"{test} {number}")
            written.append(timeline.to_html(self.folder / f"{name}.html", title=test))
            text = f"### {test}\n\n[{name}.html]({name}.html)\n\n{timeline.to_markdown()}"
            (self.folder / f"{name}.md").write_text(text, encoding="utf-8")
        return written

    def end(self, *, keep: int) -> list[Path]:
        """Write the summary, forget all but the newest *keep* runs, and return the pages of this one.

        A run without a page leaves no folder.
        """
        pages = sorted(self.folder.glob("*.html"))
        if pages:
            parts = [path.with_suffix(".md") for path in pages]
            (self.folder / SUMMARY).write_text(
                "\n".join(part.read_text(encoding="utf-8") for part in parts if part.exists()), encoding="utf-8"
            )
            for part in parts:
                part.unlink(missing_ok=True)
        else:
            self.folder.rmdir()
        runs = sorted(_runs(self.folder.parent))
        for _, old in runs[: max(len(runs) - keep, 0)]:
            shutil.rmtree(old, ignore_errors=True)
        return pages


def _runs(base: Path) -> list[tuple[int, Path]]:
    return [(int(found[1]), path) for path in base.iterdir() if path.is_dir() and (found := _RUN.match(path.name))]


def _file_name(test: str) -> str:
    """Return a name for the file of *test*, which no other test has."""
    plain = re.sub(r"[^\w.-]+", "-", test.replace("::", "--").replace("/", "-")).strip("-")
    if plain == test.replace("::", "--").replace("/", "-") and len(plain) <= _LONGEST_NAME:
        return plain
    return f"{plain[:_LONGEST_NAME]}-{crc32(test.encode()):08x}"
