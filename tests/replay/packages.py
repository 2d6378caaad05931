"""Small valid deployment packages, one per label of a recording."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

LONGEST_COMMENT = 65_535
"""What the format allows: a shorter gap to the wanted size is closed by a comment, a longer one by a file."""


def make_zip(label: str, *, size: int = 0, modules: Iterable[str] = ("index", "handler")) -> bytes:
    """Return a zip that has Python and JavaScript code for each of *modules*.

    The same arguments give the same bytes, another label gives others.

    Parameters: *size*, the wanted number of bytes (a zip that needs more is as large as it needs to be); *modules*,
    the names before the dot of the handlers that are in use.
    """
    files = dict(_sources(label, modules))
    missing = size - len(_pack(files))
    if missing <= LONGEST_COMMENT:
        return _pack(files, comment=b" " * max(missing, 0))
    filler_entry = len(_pack(files | {"filler.bin": b""})) - len(_pack(files))
    return _pack(files | {"filler.bin": bytes(missing - filler_entry)})


def _sources(label: str, modules: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    for module in sorted(set(modules)):
        yield f"{module}.py", f"def handler(event, context): return {label!r}".encode()
        yield f"{module}.js", f"exports.handler = async () => {label!r}".encode()


def _pack(files: dict[str, bytes], *, comment: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = comment
        for name, content in files.items():
            # A fixed date, so that equal arguments give equal bytes.
            archive.writestr(zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()
