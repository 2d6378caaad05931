"""The story, as a client of the installed botocore tells it, and as recorded requests tell it again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.backend import Backend
from lambda_states_mock.instants import iso
from lambda_states_mock.wire.http import HttpRequest, HttpResponse
from tests.deploying import create, zip_of

REGION, ACCOUNT = "us-east-1", "123456789012"
WORKING = "def handler(event, context):\n    print('seen', event)\n    return {'id': context.aws_request_id}\n"
MAPPING = "{mapping}"  # stands in recorded paths for the UUID that the mapping of the story has
FAILING = "def handler(event, context):\n    raise ValueError(event)\n"


@dataclass
class Told:
    """All that there is of a story: the requests with the moment of each, and what came of them."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    timeline: str = ""
    mapping: str = MAPPING

    def add(self, response: HttpResponse) -> None:
        """Keep *response* as it goes over the wire."""
        if b'"EventSourceArn":' in response.body and self.mapping == MAPPING:
            self.mapping = json.loads(response.body)["UUID"]
        head = "".join(f"{name}: {value}\n" for name, value in response.headers.items())
        self.answers.append(f"{response.status}\n{head}\n".encode() + response.body)


@contextmanager
def world() -> Iterator[LambdaMock]:
    """Enter the mock in which the story takes place."""
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=7, region=REGION) as m:
        m.faults.on_call("GetFunctionConfiguration").error("TooManyRequestsException", times=2)
        yield m


def by_client() -> Told:
    """Let a client of the installed botocore tell the story."""
    told = Told()
    handle: Callable[..., HttpResponse] = Backend.handle

    def listen(self: Backend, operation: str | None, request: HttpRequest, **caller: Any) -> HttpResponse:
        told.requests.append(
            {
                "at": iso(self.clock.now),
                "method": request.method,
                "path": request.path.replace(told.mapping, MAPPING),
                "query": request.query,
                "headers": _headers(request),
                "body": base64.b64encode(request.body).decode(),
            }
        )
        told.add(response := handle(self, operation, request, **caller))
        return response

    with pytest.MonkeyPatch.context() as patch, world() as m:
        patch.setattr(Backend, "handle", listen)
        _live(m)
        told.timeline = str(m.timeline)
    return told


def by_requests(requests: list[Mapping[str, Any]]) -> Told:
    """Tell the story by recorded *requests*, each at its moment."""
    told = Told()
    with world() as m:
        for each in requests:
            m.clock.advance_to(each["at"])
            body = base64.b64decode(each["body"])
            path = each["path"].replace(MAPPING, told.mapping)
            request = HttpRequest(each["method"], path, each["query"], each["headers"], body)
            told.add(m.backend.handle(None, request, region=REGION, account=ACCOUNT))
        told.timeline = str(m.timeline)
    return told


def _headers(request: HttpRequest) -> dict[str, str]:
    """Return what a client of the same version sends from any machine."""
    headers = dict(sorted(request.lower_headers().items()))
    return {**headers, "user-agent": headers["user-agent"].partition(" ")[0]}


def _live(m: LambdaMock) -> None:
    """Deploy, wait, invoke, change, list and delete, with refusals and throttles between."""
    make: Any = boto3.client
    client = make("lambda", region_name=REGION, config=Config(retries={"mode": "standard", "total_max_attempts": 4}))
    create(client, Code={"ZipFile": zip_of(WORKING)}, Environment={"Variables": {"STAGE": "blue"}}, Tags={"team": "x"})
    with _refused():
        create(client)
    with _refused():
        client.invoke(FunctionName="orders")
    client.get_waiter("function_active").wait(FunctionName="orders")
    client.invoke(FunctionName="orders", Payload=json.dumps({"n": 1}), LogType="Tail")["Payload"].read()
    client.publish_version(FunctionName="orders", Description="first")
    client.update_function_code(FunctionName="orders", ZipFile=zip_of(FAILING))
    with _refused():
        client.update_function_configuration(FunctionName="orders", MemorySize=256)
    client.get_waiter("function_updated").wait(FunctionName="orders")
    client.update_function_configuration(FunctionName="orders", MemorySize=256, Timeout=9)
    client.get_waiter("function_updated").wait(FunctionName="orders")
    client.invoke(FunctionName="orders", Payload=b'"x"')["Payload"].read()
    second = client.publish_version(FunctionName="orders")["Version"]
    weights = {"AdditionalVersionWeights": {second: 0.5}}
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1", RoutingConfig=weights)
    for _ in range(4):
        client.invoke(FunctionName="orders", Qualifier="live", Payload=b"{}")["Payload"].read()
    client.invoke(FunctionName="orders", InvocationType="Event", Payload=b"{}")
    layer = client.publish_layer_version(LayerName="tools", Content={"ZipFile": zip_of("tool = 1\n")})
    client.update_function_configuration(FunctionName="orders", Layers=[layer["LayerVersionArn"]])
    client.get_waiter("function_updated_v2").wait(FunctionName="orders")
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    mapping = client.create_event_source_mapping(EventSourceArn=queue, FunctionName="orders:live", BatchSize=5)
    m.clock.run_until_idle()
    client.get_event_source_mapping(UUID=mapping["UUID"])
    client.add_permission(
        FunctionName="orders", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    client.create_function_url_config(FunctionName="orders", AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=3)
    client.tag_resource(
        Resource=client.get_function(FunctionName="orders")["Configuration"]["FunctionArn"], Tags={"a": "ü b"}
    )
    for page in client.get_paginator("list_versions_by_function").paginate(FunctionName="orders", MaxItems=50):
        assert page["Versions"]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    client.delete_alias(FunctionName="orders", Name="live")
    client.delete_function(FunctionName="orders", Qualifier=second)
    with _refused():
        client.get_function(FunctionName="orders", Qualifier=second)
    client.list_functions(FunctionVersion="ALL", MaxItems=10)
    client.delete_function(FunctionName="orders")
    m.clock.advance(600)
    client.list_event_source_mappings()


@contextmanager
def _refused() -> Iterator[None]:
    with pytest.raises(ClientError):
        yield
