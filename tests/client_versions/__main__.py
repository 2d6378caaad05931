"""Record the requests of the story as a client of the installed botocore makes them."""

from __future__ import annotations

import json
import sys

import botocore

from .files import file_of
from .story import by_client

file = file_of(botocore.__version__)
with file.open("w", encoding="utf-8") as lines:
    for request in by_client().requests:
        lines.write(f"{json.dumps(request, ensure_ascii=False)}\n")
sys.stdout.write(f"{file.name}: {len(file.read_text(encoding='utf-8').splitlines())} requests\n")
