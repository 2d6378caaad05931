"""Print the page, or write it: ``python -m tests.whole_model --write docs/errors.md``."""

from __future__ import annotations

import argparse
from pathlib import Path

from .page import page

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there")
file = parser.parse_args().write
if file is None:
    print(page(), end="")
else:
    file.write_text(page(), encoding="utf-8")
