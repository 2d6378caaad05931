"""What the examples test: a small deploy tool, as teams write them with boto3. It knows nothing of any mock."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import boto3
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/orders"


def package(source: str) -> bytes:
    """Return a zip with *source* as ``app.py``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), source)
    return content.getvalue()


def answering(word: str) -> bytes:
    """Return a package whose handler answers *word*."""
    return package(f"def handler(event, context):\n    return {word!r}\n")


def client() -> Any:
    """Return a client for Lambda."""
    return boto3.client("lambda", region_name="us-east-1")


def deploy(name: str, code: bytes, **options: Any) -> str:
    """Create or update the function, wait until it can be used, and publish a version; return its number."""
    connection = client()
    try:
        connection.create_function(
            FunctionName=name, Runtime="python3.13", Handler="app.handler", Role=ROLE, Code={"ZipFile": code}, **options
        )
        connection.get_waiter("function_active_v2").wait(FunctionName=name)
    except connection.exceptions.ResourceConflictException:
        update_with_patience(name, code)
        connection.get_waiter("function_updated_v2").wait(FunctionName=name)
    return str(connection.publish_version(FunctionName=name)["Version"])


def update_with_patience(name: str, code: bytes, *, attempts: int = 10) -> None:
    """Update the code; try again every five seconds while another update is in progress."""
    for attempt in range(attempts):
        try:
            client().update_function_code(FunctionName=name, ZipFile=code)
        except ClientError as error:
            busy = error.response["Error"]["Code"] in {"ResourceConflictException", "TooManyRequestsException"}
            if not busy or attempt == attempts - 1:
                raise
            time.sleep(5)
        else:
            return


def ask(name: str, **options: Any) -> str:
    """Invoke the function and return its answer, as text."""
    return str(client().invoke(FunctionName=name, **options)["Payload"].read().decode())
