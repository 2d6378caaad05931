"""S3 tells a topic, the topic a queue, and the queue's mapping a function: all of moto's, on one clock."""

from __future__ import annotations

import json
from typing import Any

import boto3
import deployer
from moto import mock_aws

from lambda_states_mock import mock_lambda

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

CODE = """
import json

def handler(event, context):
    for record in event["Records"]:
        notification = json.loads(json.loads(record["body"])["Message"])
        for change in notification.get("Records", ()):
            print("resize", change["s3"]["object"]["key"])
"""


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name="us-east-1")


def test_a_picture_reaches_the_function() -> None:
    with mock_aws(), mock_lambda() as m:
        client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=json.dumps(TRUST))
        deployer.deploy("resize", deployer.package(CODE))
        topic = client("sns").create_topic(Name="pictures")["TopicArn"]
        queue = "arn:aws:sqs:us-east-1:123456789012:pictures"
        client("sqs").create_queue(QueueName="pictures")
        client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        client("lambda").create_event_source_mapping(FunctionName="resize", EventSourceArn=queue)
        client("s3").create_bucket(Bucket="pictures")
        client("s3").put_bucket_notification_configuration(
            Bucket="pictures",
            NotificationConfiguration={"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]},
        )
        client("s3").put_object(Bucket="pictures", Key="pear.png", Body=b"...")
        m.clock.advance(60)

        assert any("resize pear.png" in run.log for run in m.invocations("resize"))
