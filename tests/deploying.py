"""What tests deploy: small zips, and functions made from them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock

ROLE = "arn:aws:iam::123456789012:role/orders"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def zip_of(files: Mapping[str, str] | str = "def handler(event, context):\n    return event\n") -> bytes:
    """Return a zip of *files*, name to content; of one ``app.py`` where it is given as text."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in ({"app.py": files} if isinstance(files, str) else files).items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def answering(word: str) -> bytes:
    """Return a zip whose handler answers *word*."""
    return zip_of(f"def handler(event, context):\n    return {word!r}\n")


def create(client: Any, name: str = "orders", **params: Any) -> dict[str, Any]:
    """Create the function *name*; *params* lie over the usual ones, and None takes one away."""
    usual = {
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "app.handler",
        "Code": {"ZipFile": zip_of()},
    }
    given = {member: value for member, value in {**usual, **params}.items() if value is not None}
    answer: dict[str, Any] = client.create_function(FunctionName=name, **given)
    return answer


def publish_twice(client: Any, mock: LambdaMock, **params: Any) -> None:
    """Create ``orders`` with versions 1 and 2, and the alias ``live`` of version 1; *params*, of the creation."""
    create(client, **params)
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    client.update_function_configuration(FunctionName="orders", Description="second")
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")


def refused(call: Any, **params: Any) -> dict[str, Any]:
    """Return the parsed error answer of *call*; fail if it is none."""
    with pytest.raises(ClientError) as raised:
        call(**params)
    answer: dict[str, Any] = dict(raised.value.response)
    return answer


def error_of(call: Any, **params: Any) -> tuple[int, str, str]:
    """Return status, code and message with which *call* is refused."""
    answer = refused(call, **params)
    error = answer["Error"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error.get("Message", "")


def inside(m: LambdaMock, call: Callable[[], Any]) -> Any:
    """Return what *call* returns, or is refused with, in the handler of ``orders``."""
    found: list[Any] = []

    def orders(_event: Any, _context: Any) -> None:
        found.append(call())

    m.handler("orders", call=orders)
    boto3.client("lambda", region_name=m.options.region).invoke(FunctionName="orders")
    return found[0]
