"""moto's server beside ours: what Lambda asks of other services, and what it sends, goes there."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest

from tests.real_clients.conftest import SCRIPTS
from tests.server.conftest import allowed_to_connect, connecting
from tests.server.test_serve_command import serving

__all__ = ["allowed_to_connect"]
pytestmark = [
    pytest.mark.real_clients,
    pytest.mark.needs_client("moto"),
    pytest.mark.usefixtures("allowed_to_connect"),
]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of a server of moto's, which runs."""
    port = _free_port()
    with subprocess.Popen(
        [SCRIPTS / "moto_server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                with suppress(OSError), connecting(), urllib.request.urlopen(f"{url}/moto-api/", timeout=5):
                    break
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def ours(moto: str) -> Iterator[str]:
    with serving(AWS_ENDPOINT_URL=moto) as (_, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def client(moto: str, ours: str, allowed_to_connect: None) -> Callable[[str], Any]:
    def made(service: str) -> Any:
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=ours if service == "lambda" else moto,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    return made


def ask(ours: str, method: str, path: str, body: Any) -> Any:
    sent = json.dumps(body).encode()
    request = urllib.request.Request(f"{ours}/_lambda_states_mock{path}", sent, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


@pytest.fixture
def orders(client: Callable[[str], Any], ours: str, archive: bytes) -> Iterator[str]:
    """A function whose role and code are moto's."""
    iam, s3, functions = client("iam"), client("s3"), client("lambda")
    role = iam.create_role(RoleName="orders", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    s3.create_bucket(Bucket="code-of-orders")
    s3.put_object(Bucket="code-of-orders", Key="app.zip", Body=archive)
    made = functions.create_function(
        FunctionName="orders",
        Runtime="python3.13",
        Handler="app.handler",
        Role=role,
        Code={"S3Bucket": "code-of-orders", "S3Key": "app.zip"},
    )
    assert made["CodeSize"] == len(archive)
    ask(ours, "POST", "/clock/run_until_idle", {})
    yield "orders"
    functions.delete_function(FunctionName="orders")
    iam.delete_role(RoleName="orders")


def test_a_role_that_is_not_there_is_refused(client: Callable[[str], Any], archive: bytes) -> None:
    functions = client("lambda")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="cannot be assumed by Lambda"):
        functions.create_function(
            FunctionName="nobodys",
            Runtime="python3.13",
            Handler="app.handler",
            Role="arn:aws:iam::123456789012:role/nobody",
            Code={"ZipFile": archive},
        )


def test_code_that_is_not_in_its_bucket_is_refused(client: Callable[[str], Any], orders: str) -> None:
    functions = client("lambda")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="NoSuchKey"):
        functions.update_function_code(FunctionName=orders, S3Bucket="code-of-orders", S3Key="other.zip")


def test_a_dead_letter_arrives_in_its_queue(client: Callable[[str], Any], ours: str, orders: str) -> None:
    functions, sqs = client("lambda"), client("sqs")
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    functions.update_function_configuration(
        FunctionName=orders, DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead-letters"}
    )
    ask(ours, "POST", "/clock/run_until_idle", {})
    ask(ours, "PUT", f"/handlers/{orders}", {"error": {"errorType": "OutOfStock", "errorMessage": "no more"}})
    functions.invoke(FunctionName=orders, InvocationType="Event", Payload=b'{"id": 7}')
    ask(ours, "POST", "/clock/advance", {"by": "10m"})
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"]) == {"id": 7}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no more"


def test_a_queue_is_polled_and_what_is_done_is_deleted(client: Callable[[str], Any], ours: str, orders: str) -> None:
    functions, sqs = client("lambda"), client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    ask(ours, "PUT", f"/handlers/{orders}", {"returns": None})
    functions.create_event_source_mapping(
        FunctionName=orders, EventSourceArn="arn:aws:sqs:us-east-1:123456789012:orders", BatchSize=5
    )
    ask(ours, "POST", "/clock/run_until_idle", {})
    sqs.send_message(QueueUrl=url, MessageBody="one")
    ask(ours, "POST", "/clock/advance", {"by": "21s"})
    seen = [
        record["body"]
        for one in ask_all(ours, f"/invocations/{orders}")
        for record in json.loads(one["payload"]).get("Records", ())
    ]
    assert seen == ["one"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    left = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    assert [attributes[name] for name in left] == ["0", "0"]


def ask_all(ours: str, path: str) -> Any:
    with urllib.request.urlopen(f"{ours}/_lambda_states_mock{path}", timeout=60) as answer:
        return json.loads(answer.read())
