"""A function's code: the bytes of a zip, or an image's name and digest."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from dataclasses import field
from pathlib import PurePosixPath

from lambda_states_mock.quick_dataclasses import dataclass

LONGEST_NAME = 255  # bytes in the name of a file or a folder, on Lambda's Linux
_ENCRYPTED = 0x1  # APPNOTE.TXT 4.4.4
_END_OF_DIRECTORY = b"PK\x05\x06"  # 4.3.16: where this comes first, nothing comes before it


@dataclass(frozen=True, slots=True)
class Signature:
    """What AWS Signer has put on a zip. *flaw*: ``altered``, ``expired`` or ``revoked``, or None: it is good."""

    profile_version_arn: str
    job_arn: str
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """Code as deployed."""

    sha256: str  # base64 of the zip's SHA-256, or the image's hexadecimal digest
    size: int  # bytes of the zip; 0 for an image
    zip: bytes | None = field(default=None, repr=False)  # as uploaded, or None for an image
    image_uri: str | None = None  # as asked for
    resolved_image_uri: str | None = None  # with the digest that it had then
    source_kms_key_arn: str | None = None
    referenced_object: str | None = None  # s3://bucket/key where the code stays there (S3ObjectStorageMode REFERENCE)
    referenced_version: str | None = None  # of that object, where one was asked for
    signature: Signature | None = None


def code_of_zip(
    content: bytes,
    *,
    source_kms_key_arn: str | None = None,
    referenced_object: str | None = None,
    referenced_version: str | None = None,
    signature: Signature | None = None,
) -> Code:
    """Return the code that *content*, a zip's bytes, is."""
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return Code(
        digest,
        len(content),
        content,
        source_kms_key_arn=source_kms_key_arn,
        referenced_object=referenced_object,
        referenced_version=referenced_version,
        signature=signature,
    )


def code_of_image(uri: str, digest: str) -> Code:
    """Return the code that the image *uri* is, whose manifest has *digest* (64 hexadecimal digits)."""
    repository = uri.split("@", 1)[0]
    head, colon, tag = repository.rpartition(":")
    if colon and "/" not in tag:
        repository = head
    return Code(digest, 0, image_uri=uri, resolved_image_uri=f"{repository}@sha256:{digest}")


def unzipped_size(content: bytes) -> int | None:
    """Return the bytes that the zip *content* unpacks to by its directory, or None if AWS could not unzip it.

    Only the directory is read, so a zip bomb costs nothing. What counts as not to be unzipped: encrypted entries, and
    names that leave the folder (``..``, absolute ones), that name nothing, that no file can have, or of a file that
    would have to be a folder as well.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, EOFError):
        return None
    paths = [(entry, _parts(entry.filename)) for entry in entries]
    files = {parts for entry, parts in paths if not entry.filename.endswith("/")}
    for entry, parts in paths:
        folders = len(parts) + entry.filename.endswith("/")
        if (
            entry.file_size < 0
            or entry.flag_bits & _ENCRYPTED
            or not parts
            or parts[0].startswith("/")
            or ".." in parts
        ):
            return None
        if any(len(part.encode()) > LONGEST_NAME for part in parts):
            return None
        if any(parts[:depth] in files for depth in range(1, folders)):
            return None  # a file cannot be a folder as well
    return sum(entry.file_size for entry in entries)


def is_empty_zip(content: bytes) -> bool:
    """Tell whether there is nothing in *content*: no bytes at all, or a zip file without an entry."""
    return not content or content.startswith(_END_OF_DIRECTORY)


def _parts(filename: str) -> tuple[str, ...]:
    return PurePosixPath(filename.replace("\\", "/")).parts
