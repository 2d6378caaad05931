"""Zip files that cannot be unpacked, or not as they say: each ends in an answer of AWS, and leaves nothing behind."""

from __future__ import annotations

import io
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.kept_clients import kept_client

APP = "def handler(event, context):\n    return 1\n"
NOT_UNZIPPED = "Could not unzip uploaded file. Please check your file, then try to upload again."
EMPTY = "Uploaded file must be a non-empty zip"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def m(folders: Path) -> Iterator[LambdaMock]:
    with mock_lambda() as mock:
        yield mock


@pytest.fixture
def client(m: LambdaMock) -> Any:
    return kept_client(attempts=1)  # a zip that is broken stays broken


def packed(*entries: tuple[str | zipfile.ZipInfo, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of app.py and *entries*, names with contents."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.writestr("app.py", APP)
        for name, data in entries:
            archive.writestr(name, data)
    return content.getvalue()


def link() -> bytes:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((info, "/etc"))


def changed(content: bytes, change: Callable[[bytearray, int, int], None]) -> bytes:
    """Return a zip of one entry after *change* of its bytes: where its header and its row of the directory begin."""
    data = bytearray(content)
    change(data, 0, data.rindex(b"PK\x01\x02"))
    return bytes(data)


def encrypted(data: bytearray, header: int, row: int) -> None:
    data[header + 6] |= 1
    data[row + 8] |= 1


def of_unknown_compression(data: bytearray, header: int, row: int) -> None:
    data[header + 8 : header + 10] = data[row + 10 : row + 12] = struct.pack("<H", 97)


def with_a_wrong_sum(data: bytearray, header: int, row: int) -> None:
    data[header + 14] ^= 1
    data[row + 16] ^= 1


def larger_than_it_says(data: bytearray, header: int, row: int) -> None:
    data[header + 22 : header + 26] = data[row + 24 : row + 28] = struct.pack("<I", 3)


def broken(data: bytearray, header: int, row: int) -> None:
    start = header + 30 + len("app.py")
    data[start:row] = b"\xff" * (row - start)


def of_a_file_that_is_elsewhere(data: bytearray, _header: int, row: int) -> None:
    data[row + 42 : row + 46] = struct.pack("<I", 7)


def without_a_name(data: bytearray, header: int, row: int) -> None:
    """What was the name is an extra field or a comment then."""
    for names, extra in ((header + 26, header + 28), (row + 28, row + 32)):
        data[extra : extra + 2] = data[names : names + 2]
        data[names : names + 2] = bytes(2)


REFUSED: dict[str, tuple[bytes, str]] = {
    "no bytes": (b"", EMPTY),
    "no entries": (b"PK\x05\x06" + bytes(18), EMPTY),
    "no zip": (b"no zip", NOT_UNZIPPED),
    "encrypted": (changed(packed(), encrypted), NOT_UNZIPPED),
    "a name that is too long": (packed(("n" * 256, "")), NOT_UNZIPPED),
    "a name that is too long in bytes": (packed(("é" * 128, "")), NOT_UNZIPPED),
    "a folder whose name is too long": (packed((f"{'n' * 256}/a", "")), NOT_UNZIPPED),
    "an empty name": (changed(packed(), without_a_name), NOT_UNZIPPED),
    "a name of the folder itself": (packed((".", "x")), NOT_UNZIPPED),
    "a path that leaves": (packed(("../out", "x")), NOT_UNZIPPED),
    "a path that leaves in between": (packed(("a/../../out", "x")), NOT_UNZIPPED),
    "a path of Windows that leaves": (packed(("..\\out", "x")), NOT_UNZIPPED),
    "an absolute name": (packed(("/out", "x")), NOT_UNZIPPED),
    "a file where a folder is needed": (packed(("a", ""), ("a/b", "")), NOT_UNZIPPED),
    "a file where a folder is needed later": (packed(("./a/b", ""), ("a", "")), NOT_UNZIPPED),
    "a file that is a folder, too": (packed(("a", ""), ("a/", "")), NOT_UNZIPPED),
    "cut off": (packed()[:-30], NOT_UNZIPPED),
}

BAD_METHODS = {
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}

FAILING: dict[str, bytes] = {
    "of unknown compression": changed(packed(), of_unknown_compression),
    "with a wrong sum": changed(packed(), with_a_wrong_sum),
    "larger than it says": changed(packed(), larger_than_it_says),
    "broken": changed(packed(), broken),
    "broken and not compressed": changed(packed(method=zipfile.ZIP_STORED), broken),
    **{f"broken {name}": changed(packed(method=method), broken) for name, method in BAD_METHODS.items()},
    "of a file that is elsewhere": changed(packed(), of_a_file_that_is_elsewhere),
    "of paths that are too long": packed(("/".join(["n" * 200] * 30), "")),
}

RUNNING: dict[str, bytes] = {
    "names as long as they may be": packed(("n" * 255, "")),
    "a link": link(),
    "garbage behind": packed() + b"garbage" * 100,
    "garbage before": b"#!/bin/sh\n" + packed(),
    "folders": packed(("a/", ""), ("a/b", "")),
    **{name: packed(method=method) for name, method in BAD_METHODS.items()},
}


def answer(call: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**params)
    error: Any = raised.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("content", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_unzipped_is_refused(client: Any, content: bytes, told: str) -> None:
    told = f"InvalidParameterValueException: {told}"
    assert answer(lambda: create(client, Code={"ZipFile": content})) == told
    assert answer(client.publish_layer_version, LayerName="tools", Content={"ZipFile": content}) == told
    assert client.list_functions()["Functions"] == []


@pytest.mark.parametrize("content", FAILING.values(), ids=FAILING)
def test_what_turns_out_to_be_broken_fails_as_aws_says(
    client: Any, m: LambdaMock, folders: Path, content: bytes
) -> None:
    create(client, Code={"ZipFile": content})
    m.clock.run_until_idle()
    assert answer(client.invoke, FunctionName="orders").startswith("InvalidZipFileException: ")
    assert files_in(folders) == []


@pytest.mark.parametrize("content", FAILING.values(), ids=FAILING)
def test_a_layer_that_turns_out_to_be_broken_fails_as_aws_says(
    client: Any, m: LambdaMock, folders: Path, content: bytes
) -> None:
    layer = client.publish_layer_version(LayerName="tools", Content={"ZipFile": content})["LayerVersionArn"]
    create(client, Layers=[layer])
    m.clock.run_until_idle()
    assert answer(client.invoke, FunctionName="orders").startswith("InvalidZipFileException: ")
    assert files_in(folders) == []


def test_layers_that_do_not_fit_over_each_other_fail_as_aws_says(client: Any, m: LambdaMock, folders: Path) -> None:
    layers = [
        client.publish_layer_version(LayerName=name, Content={"ZipFile": packed((path, ""))})["LayerVersionArn"]
        for name, path in (("first", "python"), ("second", "python/a.py"))
    ]
    create(client, Layers=layers)
    m.clock.run_until_idle()
    assert answer(client.invoke, FunctionName="orders").startswith("InvalidZipFileException: ")
    assert files_in(folders) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_of_one_name_the_last_counts(client: Any, m: LambdaMock) -> None:
    create(client, Code={"ZipFile": packed(("app.py", APP.replace("1", "2")))})
    m.clock.run_until_idle()
    assert client.invoke(FunctionName="orders")["Payload"].read() == b"2"


@pytest.mark.parametrize("content", RUNNING.values(), ids=RUNNING)
def test_what_is_odd_but_sound_runs(client: Any, m: LambdaMock, folders: Path, content: bytes) -> None:
    create(client, Code={"ZipFile": content})
    m.clock.run_until_idle()
    assert client.invoke(FunctionName="orders")["Payload"].read() == b"1"
    m.close()
    assert files_in(folders) == []
