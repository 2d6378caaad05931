"""The zip file of a function or a layer: what Python it holds, and how it is unpacked without leaving its folder."""

from __future__ import annotations

import errno
import importlib.util
import io
import lzma
import shutil
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath

from lambda_states_mock.errors import NotUnpackedWarning
from lambda_states_mock.execution import file_names
from lambda_states_mock.execution.file_names import FileNames

# Vendored copies of these are never used: the mock has hooked the installed ones, and no request may leave the process.
ALWAYS_SHARED = frozenset({"aioboto3", "aiobotocore", "boto3", "botocore", "lambda_states_mock", "s3transfer"})

_COMPILED = (".so", ".pyd", ".dylib")
_OF_THIS_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE})
_TOLD = 5  # names in a warning
_PYTHON = (".py", ".pyc", *_COMPILED)


def holds_python(code: bytes | None) -> bool:
    """Return True when *code* is a zip file with some Python in it."""
    return code is not None and any(info.filename.endswith(_PYTHON) for info in _entries(code))


@lru_cache(maxsize=64)
def extensions_in(layer: bytes) -> tuple[str, ...]:
    """Return the names of the external extensions in the zip file *layer*: what lies in its folder ``extensions``.

    Whether they could be executed is not looked at: what a test packs seldom has the mode that a build would give it.
    """
    paths = [_safe_path(info) for info in _entries(layer) if not info.filename.endswith("/")]
    return tuple(path.name for path in paths if path is not None and path.parent == PurePosixPath("extensions"))


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    """Return what is in a zip file; nothing where *content* is none."""
    try:
        with _as_bad_zip(), zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except zipfile.BadZipFile:
        return []


def unpack(
    code: bytes, into: Path, *, import_roots: tuple[str, ...] = ("",), rules: FileNames | None = None
) -> frozenset[str]:
    """Unpack the zip file *code* into the folder *into* and return the top-level names that can be imported from it.

    Links, absolute paths and paths with ``..`` are left out. So are packages with compiled parts that are installed
    here: those in the zip are built for Lambda's Linux, and a process can load such a thing only once.

    What this machine's file system cannot have, and Lambda's can, is left out with a NotUnpackedWarning.

    Parameters: *import_roots*, folders in the zip that stand on ``sys.path``, ending in a slash; empty for the top;
    *rules*, for names, of the file system; it is looked at by default.

    Raises BadZipFile for whatever cannot be unpacked.
    """
    rules = rules or file_names.of_files_in(into)
    with _as_bad_zip(), zipfile.ZipFile(io.BytesIO(code)) as archive:
        entries = [(info, path) for info in archive.infolist() if (path := _safe_path(info)) is not None]
        names, shared = _importable([path for _, path in entries], import_roots)
        left_out = rules.left_out(path for _, path in entries)
        for info, path in entries:
            if path not in left_out and (not shared or _top_level(path, import_roots) not in shared):
                _write(archive, info, into.joinpath(*path.parts))
    if left_out:
        _warn(left_out)
    return names - shared


def _warn(left_out: Mapping[PurePosixPath, str]) -> None:
    told = [f"{path} ({reason})" for path, reason in left_out.items()]
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    warnings.warn(
        f"not unpacked from a zip file: {', '.join(told[:_TOLD])}{more}. Lambda unpacks all of it. This machine's file "
        "system cannot: run the test on Linux, or give the files names that differ in more than case and that Windows "
        "allows.",
        NotUnpackedWarning,
        stacklevel=3,
    )


@contextmanager
def _as_bad_zip() -> Iterator[None]:
    """Let all that says of a zip file that it cannot be unpacked be a BadZipFile; each method of compression has its
    own way to say so. What is the matter with this machine stays what it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _OF_THIS_MACHINE:
            raise
        raise zipfile.BadZipFile(str(error)) from error
    except (EOFError, OverflowError, RuntimeError, ValueError, lzma.LZMAError, struct.error, zlib.error) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _safe_path(info: zipfile.ZipInfo) -> PurePosixPath | None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if is_link or path.is_absolute() or not path.parts or ".." in path.parts or ":" in path.parts[0]:
        return None
    return path


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)  # in parts: what unpacks to more than it says is not unpacked in memory
    if info.external_attr >> 16 & stat.S_IXUSR:
        target.chmod(0o755)


def _importable(paths: Iterable[PurePosixPath], import_roots: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the top-level names among *paths*, and those of them for which the installed package is used."""
    python = [(path, _top_level(path, import_roots)) for path in paths if path.suffix in _PYTHON]
    names = frozenset(name for _, name in python if name is not None)
    compiled = {name for path, name in python if name is not None and path.suffix in _COMPILED}
    return names, frozenset(name for name in compiled | (names & ALWAYS_SHARED) if _is_installed(name))


def _top_level(path: PurePosixPath, import_roots: tuple[str, ...]) -> str | None:
    text = str(path)
    # The longest root first: python/lib/python3.12/site-packages/ lies in python/.
    for root in sorted(import_roots, key=len, reverse=True):
        if text.startswith(root):
            return text[len(root) :].partition("/")[0].partition(".")[0]
    return None


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
