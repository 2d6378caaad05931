"""A Node.js function and an extension in bash, each in a process of its own: Linux, Node.js, bash and curl."""

import io
import json
import zipfile

import boto3
import pytest

from lambda_states_mock import LambdaMock

FUNCTION = """
exports.handler = async (event) => {
  console.log("order", event.id);
  await new Promise((done) => setTimeout(done, 1500));
  return { total: event.items.reduce((sum, item) => sum + item.price, 0) };
};
"""

EXTENSION = """#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension"
head=$(mktemp)
curl -sS -D "$head" -o /dev/null "$api/register" -H "Lambda-Extension-Name: $(basename "$0")" \\
  -d '{"events": ["INVOKE"]}'
id=$(grep -i '^lambda-extension-identifier' "$head" | tr -d '\\r' | cut -d' ' -f2)
while event=$(curl -sS "$api/event/next" -H "Lambda-Extension-Identifier: $id"); do
  echo "audit: $(echo "$event" | grep -o '"requestId":"[^"]*"')"
done
"""


def zipped(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o755 << 16  # Lambda starts no extension that is not executable
        archive.writestr(info, text)
    return content.getvalue()


@pytest.mark.lambda_mock(processes=True, timings="instant")
def test_an_order_is_priced_and_audited(lambda_mock: LambdaMock) -> None:
    client = boto3.client("lambda", region_name="us-east-1")
    layer = client.publish_layer_version(LayerName="audit", Content={"ZipFile": zipped("extensions/audit", EXTENSION)})
    client.create_function(
        FunctionName="price",
        Runtime="nodejs22.x",
        Handler="index.handler",
        Role="arn:aws:iam::123456789012:role/price",
        Code={"ZipFile": zipped("index.js", FUNCTION)},
        Layers=[layer["LayerVersionArn"]],
    )
    before = lambda_mock.clock.now
    order = {"id": 7, "items": [{"price": 3}, {"price": 4}]}
    answer = client.invoke(FunctionName="price", Payload=json.dumps(order))
    assert json.load(answer["Payload"]) == {"total": 7}
    assert (lambda_mock.clock.now - before).total_seconds() == 1.5  # what it has slept, and no more

    (run,) = lambda_mock.invocations("price")
    assert "order 7" in run.log
    assert f'audit: "requestId":"{run.request_id}"' in run.log
