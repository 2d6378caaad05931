"""What scripts that make a page have in common: they print it, or write it to a file."""

from __future__ import annotations

import argparse
from pathlib import Path


def print_or_write(page: str, description: str | None) -> None:
    """Print *page*, or write it where the command line says ``--write FILE``. *description*, of the script."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there")
    file = parser.parse_args().write
    if file is None:
        print(page, end="")
    else:
        file.write_text(page, encoding="utf-8")
