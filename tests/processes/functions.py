"""Code of functions that tests run in processes."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping

PYTHON_RUNTIME = f"python3.{sys.version_info.minor}"


def zipped(files: Mapping[str, str] | str, mode: int = 0o755) -> bytes:
    """Return a zip of *files*, all of the same *mode*; of one ``app.py`` where it is given as text."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in ({"app.py": files} if isinstance(files, str) else files).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, text)
    return content.getvalue()


BASH = """#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/invocation/next")
  id=$(grep -i '^lambda-runtime-aws-request-id' "$head" | tr -d '\\r' | cut -d' ' -f2)
  echo "got $event"
  case "$event" in
    *sleep*) sleep 60 ;;
    *abort*) kill -ABRT $$ ;;
    *fail*)
      curl -sS -o /dev/null "$api/invocation/$id/error" -d '{"errorType": "Mine.Own", "errorMessage": "no"}'
      continue ;;
    *fork*) for _ in $(seq 200); do sleep 1000 & done ;;
  esac
  curl -sS -o /dev/null "$api/invocation/$id/response" -d "{\\"got\\": $event}"
done
"""
