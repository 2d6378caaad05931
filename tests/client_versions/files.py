"""The files of recorded requests, a request a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def file_of(version: str) -> Path:
    """Return the file with the requests of clients of botocore *version*."""
    return FOLDER / f"botocore-{version}.jsonl"


def recorded() -> dict[str, list[dict[str, Any]]]:
    """Return the recorded requests by the version of botocore that made them."""
    return {
        file.stem.removeprefix("botocore-"): [
            json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()
        ]
        for file in sorted(FOLDER.glob("botocore-*.jsonl"))
    }
