"""Build the sdist and the wheel, and try both where nothing else is installed.

    python -m scripts.archives
    python -m scripts.archives --whole --into dist

Needs pip and the network. The wheel, with the extra ``boto3``, runs the examples of README.md and the demo. The sdist,
with the extra ``test``, collects all of its tests and runs the quick ones, with ``--whole`` all of them. The archives
are left in the folder of ``--into``, if it is given.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch, translate
from pathlib import Path

from scripts.page_blocks import blocks_of

ROOT = Path(__file__).parent.parent
PACKAGE = "lambda_states_mock"
TOOLS = ("build>=1.2", "twine>=6.1")
QUICK = ("tests/states", "tests/engine", "tests/api_model", "tests/test_archives.py", "tests/test_contributing.py")
HIDDEN = (".ci", ".github", ".gitignore", ".pre-commit-config.yaml")
"""What the sdist has of hidden files and folders at the top."""
MADE = ("PKG-INFO", "setup.cfg")
"""What setuptools adds there, beside the folder of the package's metadata."""
DATA = ("py.typed", "*.py", "*.json", "*.html", "*.css", "*.js", "*.cjs")
"""What of the package is installed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, check and try. Returns 0, or raises SystemExit with what has failed."""
    summary, _, rest = (__doc__ or "").partition("\n")
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts.archives", description=summary, epilog=rest, formatter_class=layout)
    parser.add_argument("--into", type=Path, help="a folder in which the archives are left")
    parser.add_argument("--whole", action="store_true", help="run all tests from the sdist")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        archives = given.into.resolve() if given.into else place / "archives"
        sdist, wheel = build(archives, place)
        if wrong := [*missing_or_too_much("sdist", of_sdist(sdist), in_sdist(ROOT)), *_of_wheel(wheel)]:
            raise SystemExit("\n".join(wrong))
        try_wheel(wheel, place / "wheel")
        try_sdist(sdist, place / "sdist", whole=given.whole)
    print("both archives are whole, and work")
    return 0


def build(into: Path, place: Path) -> tuple[Path, Path]:
    """Build both archives in *into*, and check how the index would show them; return the sdist and the wheel."""
    python = environment(place / "tools", *TOOLS)
    into.mkdir(parents=True, exist_ok=True)
    copy = place / "tree"
    copy_tree(ROOT, copy)
    run(python, "-m", "build", "--outdir", str(into), str(copy))
    (sdist,), (wheel,) = into.glob("*.tar.gz"), into.glob("*.whl")
    run(python, "-m", "twine", "check", "--strict", str(sdist), str(wheel))
    return sdist, wheel


def try_wheel(wheel: Path, place: Path) -> None:
    """Install *wheel* as README.md says, and run what README.md shows, and the demo."""
    python = environment(place / "venv", f"{wheel}[boto3]")
    run(python, "-m", "pip", "check")
    folder = place / "examples"
    folder.mkdir()
    for block in blocks_of((ROOT / "README.md").read_text(encoding="utf-8"), "README.md"):
        (folder / f"test_line_{block.line}.py").write_text(block.as_tests, encoding="utf-8")
    run(python, "-m", "pytest", "-W", "error", "--strict-markers", cwd=folder)
    run(python, "-m", PACKAGE, "demo", cwd=folder)


def try_sdist(sdist: Path, place: Path, *, whole: bool) -> None:
    """Unpack *sdist*, install what its tests need, collect all tests and run the quick ones, or the *whole* suite."""
    shutil.unpack_archive(sdist, place)
    (folder,) = place.glob("*/")
    python = environment(place / "venv", "-e", f"{folder}[test]")
    run(python, "-m", "pytest", "--collect-only", "-qq", "-n", "0", cwd=folder)
    run(python, "-m", "pytest", "-q", "-n", "auto", *([] if whole else QUICK), cwd=folder)


def environment(folder: Path, *requirements: str) -> str:
    """Make a virtual environment with *requirements* in *folder*, and return its Python."""
    run(sys.executable, "-m", "venv", str(folder))
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(str(python), "-m", "pip", "install", "--quiet", *requirements)
    return str(python)


def run(*command: str, cwd: Path | None = None) -> None:
    """Run *command*, without what of this process's environment would change its outcome. SystemExit if it fails."""
    print("+", *command, flush=True)
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "PYTHON"))
    }
    if status := subprocess.run(command, cwd=cwd, env=variables, check=False).returncode:  # noqa: S603
        raise SystemExit(f"{' '.join(command)} ended with {status}")


# -- what is in them


def of_sdist(sdist: Path) -> set[str]:
    """Return the names of the files in *sdist*, without the folder that all of them are in."""
    with tarfile.open(sdist) as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}


def of_wheel(wheel: Path) -> set[str]:
    """Return the names of the files in *wheel*."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def in_sdist(root: Path) -> set[str]:
    """Return what the sdist of the tree at *root* shall hold: all of the tree, and its own metadata."""
    metadata = {"PKG-INFO", "SOURCES.txt", "dependency_links.txt", "entry_points.txt", "requires.txt", "top_level.txt"}
    return {*files_of(root), *MADE, *(f"{PACKAGE}.egg-info/{name}" for name in metadata)}


def in_wheel(root: Path, version: str) -> set[str]:
    """Return what the wheel of the tree at *root* shall hold: the package, its metadata, and nothing else."""
    metadata = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt"}
    package = {name for name in files_of(root) if name.startswith(f"{PACKAGE}/")}
    installed = {name for name in package if any(fnmatch(Path(name).name, pattern) for pattern in DATA)}
    return installed | {f"{PACKAGE}-{version}.dist-info/{name}" for name in metadata}


def missing_or_too_much(what: str, found: Iterable[str], expected: Iterable[str]) -> list[str]:
    """Return a line for each file that is missing in *what*, and for each that should not be there."""
    there, wanted = set(found), set(expected)
    return [
        *(f"missing in the {what}: {name}" for name in sorted(wanted - there)),
        *(f"too much in the {what}: {name}" for name in sorted(there - wanted)),
    ]


def _of_wheel(wheel: Path) -> list[str]:
    return missing_or_too_much("wheel", of_wheel(wheel), in_wheel(ROOT, wheel.name.split("-")[1]))


def files_of(root: Path) -> Iterator[str]:
    """Yield the files of the tree at *root*, but for what ``.gitignore`` leaves out and what is hidden at the top."""
    is_ignored = ignored(root)
    for folder, folders, files in os.walk(root):
        at_top = Path(folder) == root
        for names in (folders, files):
            names[:] = [
                n for n in names if not is_ignored(n) and not (at_top and n.startswith(".") and n not in HIDDEN)
            ]
        yield from (Path(folder, name).relative_to(root).as_posix() for name in files)


def ignored(root: Path) -> Callable[[str], bool]:
    """Return what tells whether a file or a folder of that name is none of the tree's."""
    lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [*(line.rstrip("/") for line in lines if line and not line.startswith("#")), "*.py[cod]", ".git"]
    matches = re.compile("|".join(map(translate, patterns))).match
    return lambda name: matches(name) is not None


def copy_tree(root: Path, to: Path) -> None:
    """Copy the files of the tree at *root* to the new folder *to*: a build leaves things beside its sources."""
    for name in files_of(root):
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target)


if __name__ == "__main__":
    sys.exit(main())
