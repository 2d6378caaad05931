"""Write down what a resolver chooses beside the package, and what it chooses without it: ``docs/installing.md``.

    python -m scripts.resolutions --python 3.12

Builds a wheel of this checkout and asks uv (``python -m pip install uv``) to resolve each of `NEIGHBOURS` twice, with
the wheel and without it. The page has a row for each, with the versions that both bring. Nothing is installed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "installing.md"
BEGIN, END = "<!-- resolutions -->\n", "<!-- end of resolutions -->\n"

NEIGHBOURS = (
    "chalice",
    "zappa",
    "awscli<2",
    "aiobotocore",
    "aioboto3",
    "s3fs",
    "c7n",
    "apache-airflow-providers-amazon",
    "aws-sam-cli",
    "dagster-aws",
    "localstack-core[runtime]",
    "awswrangler",
    "sagemaker",
    "boto3==1.34.*",
    "boto3==1.38.*",
    "boto3==1.40.*",
    "boto3==1.42.*",
    "boto3",
)


@dataclass(frozen=True)
class Row:
    """What is chosen for *neighbour*: versions by package, alone and beside us; None where there is no solution."""

    neighbour: str
    alone: dict[str, str] | None
    beside: dict[str, str] | None

    @property
    def same(self) -> bool:
        """Tell whether we change nothing: all that is chosen alone is chosen beside us, in the same version."""
        return self.alone is not None and self.beside is not None and self.alone.items() <= self.beside.items()

    def cells(self) -> list[str]:
        """Return the cells of the row."""
        name = re.split(r"[\[<=>]", self.neighbour)[0]
        shown = [name] if name in {"boto3", "botocore"} else [name, "botocore"]
        return [f"`{self.neighbour}`", _told(self.alone, shown), _told(self.beside, shown), _verdict(self)]


def _told(versions: dict[str, str] | None, names: Iterable[str]) -> str:
    if versions is None:
        return "no solution"
    return ", ".join(f"{name} {versions[name]}" for name in names if name in versions)


def _verdict(row: Row) -> str:
    if row.same:
        return "yes"
    if row.alone is None:
        return "without us neither"
    if row.beside is None:
        return "no"
    changed = (f"{name} {now}" for name, now in row.beside.items() if row.alone.get(name, now) != now)
    return "no: " + ", ".join(changed)


def resolve(requirements: Iterable[str], python: str) -> dict[str, str] | None:
    """Return the version of each package that a resolver chooses for *requirements*; None if there is no solution."""
    plain = ["--quiet", "--no-annotate", "--no-header", "--python-version", python, "--only-binary", "awscli"]
    command = [sys.executable, "-m", "uv", "pip", "compile", *plain, "-"]
    done = subprocess.run(command, input="\n".join(requirements), capture_output=True, check=False, text=True)  # noqa: S603
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return dict(line.split("==", 1) for line in done.stdout.splitlines() if "==" in line)


def row_of(neighbour: str, wheel: Path, python: str) -> Row:
    """Resolve *neighbour* alone and beside *wheel*."""
    row = Row(neighbour, resolve([neighbour], python), resolve([neighbour, str(wheel)], python))
    print(" | ".join(row.cells()), file=sys.stderr)
    return row


def table(rows: Iterable[Row]) -> str:
    """Return *rows* as a table of Markdown."""
    heads = ["asked for", "alone", "beside lambda-states-mock", "the same"]
    lines = [heads, ["---"] * len(heads), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Write the page's table. Returns 1 if anything is chosen otherwise beside us."""
    parser = argparse.ArgumentParser(prog="scripts.resolutions", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default="3.12", help="the version of Python to resolve for")
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        build = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", folder, str(ROOT)]
        subprocess.run(build, check=True)  # noqa: S603
        (wheel,) = Path(folder).glob("*.whl")
        rows = list(pool.map(lambda neighbour: row_of(neighbour, wheel, python), NEIGHBOURS))
    made = f"Resolved by uv for Python {python} on {datetime.now(timezone.utc):%Y-%m-%d}.\n\n{table(rows)}"
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + made + END + rest.split(END)[1], encoding="utf-8")
    print(made)
    return int(not all(row.same for row in rows))


if __name__ == "__main__":
    sys.exit(main())
