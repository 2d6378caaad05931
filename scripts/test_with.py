"""Run the tests with other versions of what the package stands on.

    python -m scripts.test_with lowest
    python -m scripts.test_with newest --python 3.14
    python -m scripts.test_with botocore==1.38.* moto==5.1.9 -- tests/neighbours -x

Makes a virtual environment for the set in ``.venvs/``, installs the package with what it needs and what its tests use,
and runs pytest there; what follows ``--`` goes to pytest. It needs uv (``python -m pip install uv``).

``lowest`` has each library of ``pyproject.toml`` that the package or an extra of its users asks for in the lowest
version that is declared, and the rest of `BESIDE` too. ``newest`` has the newest of all, without the `CAPPED`. Any
other set has the newest of what goes with the versions that you name. The tools of the tests (pytest's plugins, moto's
extras, deploy tools) are the newest that go with these.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENVS = ROOT / ".venvs"

BESIDE = ("urllib3==1.26.5", "pytest-asyncio==0.21.0", "anyio==3.7.0", "awscli==1.32.*")
"""The lowest of what the package meets in tests and asks for nowhere. urllib3's own six needs 1.26.5 on Python 3.10.

AWS's CLI is the release that goes with the lowest botocore.
"""

PINNED = ("c7n",)
"""What goes with one version of boto3 alone: it is tested in the set that a plain installation has."""

CAPPED = ("aiobotocore", "aioboto3", "types-aiobotocore", "types-aiobotocore-lambda")
"""What allows no botocore newer than its own release: with these, nobody has the newest botocore."""

TOOLS = ("browser", "lint", "test")
"""The extras of those who work on the package; all others are its users'."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the environment and run the tests. Returns pytest's exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    separator = given.index("--") if "--" in given else len(given)
    asked = _parser().parse_args(given[:separator])
    constraints, excluded = constraints_of(asked.set)
    python = make(VENVS / name_of(asked.set, asked.python), constraints, excluded, asked.python)
    if asked.only_install:
        print(python)
        return 0
    pytest = [str(python), "-m", "pytest", "-n", "auto", *given[separator + 1 :]]
    return subprocess.run(pytest, cwd=ROOT, check=False).returncode  # noqa: S603


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n")
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts.test_with", description=summary, epilog=rest, formatter_class=layout)
    parser.add_argument("set", nargs="+", help='"lowest", "newest", or requirements such as botocore==1.34.0')
    parser.add_argument("--python", default="", help="the Python to use: a version or a path; by default uv's choice")
    parser.add_argument("--only-install", action="store_true", help="print the environment's Python, and run no tests")
    return parser


def constraints_of(asked: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return what holds the versions of the set that was *asked* for, and which packages are left out of it."""
    if list(asked) == ["lowest"]:
        return [*_direct("lowest-direct", users_extras()), *BESIDE], PINNED
    if list(asked) == ["newest"]:
        users = [extra for extra in users_extras() if extra not in CAPPED]
        return _direct("highest", users), (*PINNED, *CAPPED)
    if named := {"lowest", "newest"}.intersection(asked):
        raise SystemExit(
            f'"{named.pop()}" is a whole set: name it alone, or name requirements such as botocore==1.38.*'
        )
    return list(asked), PINNED


def users_extras() -> list[str]:
    """Return the extras of ``pyproject.toml`` that are for users of the package."""
    table = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.optional-dependencies]\n")[1]
    names = re.findall(r"^([a-z0-9-]+) = \[", table.partition("\n[")[0], re.MULTILINE)
    return [name for name in names if name not in TOOLS]


def _direct(resolution: str, extras: Iterable[str]) -> list[str]:
    """Return the versions of what the package itself and *extras* ask for, as *resolution* chooses them."""
    chosen = ["--no-deps", "--resolution", resolution]
    return _uv("pip", "compile", *_PLAIN, *chosen, *_extras(extras), "pyproject.toml").splitlines()


def make(venv: Path, constraints: Iterable[str], excluded: Iterable[str], python: str) -> Path:
    """Make *venv* anew with the package and what its tests use, within *constraints*; return its Python."""
    _uv("venv", "--clear", *(["--python", python] if python else []), str(venv))
    inside = venv / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    held, left_out, tools, chosen = (
        venv / f"{name}.txt" for name in ("constraints", "excluded", "tools", "requirements")
    )
    held.write_text("\n".join(constraints), encoding="utf-8")
    left_out.write_text("\n".join(excluded), encoding="utf-8")
    # The tools' own floors are for the newest set. Here they are what goes with the rest.
    named = _uv("pip", "compile", *_PLAIN, "--no-strip-extras", "--no-deps", *_extras(["test"]), "pyproject.toml")
    tools.write_text(re.sub("==.*", "", named), encoding="utf-8")
    within = ["--constraints", str(held), "--excludes", str(left_out), "--python", str(inside)]
    chosen.write_text(_uv("pip", "compile", *_PLAIN, *within, str(tools), "pyproject.toml"), encoding="utf-8")
    _uv("pip", "install", "--compile-bytecode", "--python", str(inside), "--requirements", str(chosen))
    _uv("pip", "install", "--python", str(inside), "--no-deps", "--editable", str(ROOT))
    return inside


_PLAIN = ("--quiet", "--no-annotate", "--no-header")


def _extras(names: Iterable[str]) -> list[str]:
    return [word for name in names for word in ("--extra", name)]


def _uv(*arguments: str) -> str:
    """Run uv in the checkout and return what it prints. Its complaints are shown; SystemExit says that it failed."""
    done = subprocess.run([sys.executable, "-m", "uv", *arguments], cwd=ROOT, check=False, stdout=-1, text=True)  # noqa: S603
    if done.returncode:
        raise SystemExit(
            f"uv {' '.join(arguments[:2])} failed, and says above why (uv itself: python -m pip install uv)"
        )
    return done.stdout


def name_of(asked: Sequence[str], python: str) -> str:
    """Return the folder of the environment for the set that was *asked* for."""
    return re.sub(r"[^a-zA-Z0-9.]+", "-", "-".join([*asked, *([f"python{python}"] if python else [])])).strip("-")


if __name__ == "__main__":
    sys.exit(main())
