"""Services of moto that lead to functions, as those who test with moto write it: real code in zips, ordinary clients.

What has happened is read from logs, or from what the function has done elsewhere. Nothing here knows of our mock.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import boto3

from tests.kept_clients import kept_client

REGION = "us-east-1"
Integration = Callable[[], None]
INTEGRATIONS: list[Integration] = []


def integration(run: Integration) -> Integration:
    """Add to the list."""
    INTEGRATIONS.append(run)
    return run


def client(service: str) -> Any:
    return kept_client(service)


def resource(service: str) -> Any:
    make: Any = boto3.resource
    return make(service, region_name=REGION)


def function(name: str, code: str, **members: Any) -> str:
    """Deploy *code*, which has ``lambda_handler``, and return the ARN of the function."""
    trust = {"Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow", "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = client("iam")
    try:
        role = iam.get_role(RoleName="my-role")["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(RoleName="my-role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("lambda_function.py", "import json\n" + code)
    arn: str = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="lambda_function.lambda_handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=3,
        **members,
    )["FunctionArn"]
    return arn


PRINTS = "def lambda_handler(event, context):\n    print('EVENT ' + json.dumps(event))\n"
FAILS = "def lambda_handler(event, context):\n    print('EVENT ' + json.dumps(event))\n    raise Exception('no')\n"


def printed(name: str, count: int = 1) -> list[Any]:
    """Return the events that a function has printed, as moto's own tests wait for them."""
    logs, found = client("logs"), list[Any]()
    until = time.time() + 30
    while time.time() < until:
        try:
            streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
        except logs.exceptions.ResourceNotFoundException:
            streams = []
        lines = [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=f"/aws/lambda/{name}", logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        found = [json.loads(line.partition("EVENT ")[2]) for line in lines if "EVENT " in line]
        if len(found) >= count:
            break
        time.sleep(1)
    return found


# -- S3


def bucket(name: str) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    return s3


def notify(s3: Any, name: str, arn: str, *events: str, **rules: str) -> None:
    one: dict[str, Any] = {"LambdaFunctionArn": arn, "Events": list(events)}
    if rules:
        one["Filter"] = {"Key": {"FilterRules": [{"Name": key, "Value": value} for key, value in rules.items()]}}
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [one]}
    )


@integration
def s3_put_object() -> None:
    arn, s3 = function("s3-put", PRINTS), bucket("s3-put-bucket")
    notify(s3, "s3-put-bucket", arn, "s3:ObjectCreated:*")
    s3.put_object(Bucket="s3-put-bucket", Key="keyname", Body="some stuff")
    (event,) = printed("s3-put")
    record = event["Records"][0]
    assert record["s3"]["bucket"]["arn"] == "arn:aws:s3:::s3-put-bucket"
    assert (record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == ("keyname", 10)
    assert (record["awsRegion"], record["eventName"]) == (REGION, "ObjectCreated:Put")


@integration
def s3_function_copies_the_object() -> None:
    code = """
import boto3
def lambda_handler(event, context):
    s3 = boto3.client("s3")
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        body = s3.get_object(Bucket=record["s3"]["bucket"]["name"], Key=key)["Body"].read()
        s3.put_object(Bucket="thumbnails", Key="small-" + key, Body=body.upper())
"""
    arn, s3 = function("thumbnail", code), bucket("photos")
    bucket("thumbnails")
    notify(s3, "photos", arn, "s3:ObjectCreated:Put")
    resource("s3").Bucket("photos").upload_fileobj(io.BytesIO(b"cat"), "cat.jpg")
    assert s3.get_object(Bucket="thumbnails", Key="small-cat.jpg")["Body"].read() == b"CAT"


@integration
def s3_filters_and_deletions() -> None:
    arn, s3 = function("s3-filter", PRINTS), bucket("filtered")
    notify(s3, "filtered", arn, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", prefix="in/", suffix=".csv")
    s3.put_object(Bucket="filtered", Key="out/a.csv", Body=b"1")
    s3.put_object(Bucket="filtered", Key="in/a.txt", Body=b"1")
    s3.put_object(Bucket="filtered", Key="in/a.csv", Body=b"1")
    s3.copy_object(Bucket="filtered", Key="in/b.csv", CopySource={"Bucket": "filtered", "Key": "in/a.csv"})
    s3.delete_object(Bucket="filtered", Key="in/a.csv")
    seen = [
        (one["Records"][0]["eventName"], one["Records"][0]["s3"]["object"]["key"]) for one in printed("s3-filter", 3)
    ]
    assert seen == [
        ("ObjectCreated:Put", "in/a.csv"),
        ("ObjectCreated:Copy", "in/b.csv"),
        ("ObjectRemoved:Delete", "in/a.csv"),
    ]


# -- SNS


@integration
def sns_publish() -> None:
    arn, sns = function("sns", PRINTS), client("sns")
    topic = sns.create_topic(Name="some-topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    attributes = {"store": {"DataType": "String", "StringValue": "shop"}}
    published = sns.publish(TopicArn=topic, Message="hello", Subject="greeting", MessageAttributes=attributes)
    (event,) = printed("sns")
    told = event["Records"][0]["Sns"]
    assert (told["MessageId"], told["Message"], told["Subject"]) == (published["MessageId"], "hello", "greeting")
    assert told["MessageAttributes"] == {"store": {"Type": "String", "Value": "shop"}}


@integration
def sns_filter_policy() -> None:
    arn, sns = function("sns-filter", PRINTS), client("sns")
    topic = sns.create_topic(Name="filtered-topic")["TopicArn"]
    policy = json.dumps({"store": ["shop"]})
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes={"FilterPolicy": policy})
    for store in ("other", "shop"):
        attributes = {"store": {"DataType": "String", "StringValue": store}}
        sns.publish(TopicArn=topic, Message=store, MessageAttributes=attributes)
    (event,) = printed("sns-filter")
    assert event["Records"][0]["Sns"]["Message"] == "shop"


@integration
def sns_to_two_functions_and_a_queue() -> None:
    arns = [function(name, PRINTS) for name in ("sns-one", "sns-two")]
    topic = resource("sns").create_topic(Name="fan-out")
    queue = resource("sqs").create_queue(QueueName="fan-out")
    for arn in arns:
        topic.subscribe(Protocol="lambda", Endpoint=arn)
    topic.subscribe(Protocol="sqs", Endpoint=queue.attributes["QueueArn"])
    entries = [{"Id": str(number), "Message": f"m{number}"} for number in range(3)]
    client("sns").publish_batch(TopicArn=topic.arn, PublishBatchRequestEntries=entries)
    for name in ("sns-one", "sns-two"):
        assert sorted(one["Records"][0]["Sns"]["Message"] for one in printed(name, 3)) == ["m0", "m1", "m2"]
    assert len(queue.receive_messages(MaxNumberOfMessages=10)) == 3


# -- SQS


@integration
def sqs_message() -> None:
    queue = resource("sqs").create_queue(QueueName="test-sqs-queue1")
    arn = function("sqs", PRINTS)
    mapping = client("lambda").create_event_source_mapping(
        EventSourceArn=queue.attributes["QueueArn"], FunctionName=arn
    )
    assert mapping["EventSourceArn"] == queue.attributes["QueueArn"]
    client("sqs").send_message(QueueUrl=queue.url, MessageBody="test")
    (event,) = printed("sqs")
    assert event["Records"][0]["body"] == "test"
    assert event["Records"][0]["eventSourceARN"] == queue.attributes["QueueArn"]
    assert client("sqs").receive_message(QueueUrl=queue.url).get("Messages", []) == []


@integration
def sqs_exception_and_dead_letters() -> None:
    sqs = client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "5", "RedrivePolicy": redrive})[
        "QueueUrl"
    ]
    queue_arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function("sqs-fails", FAILS)
    client("lambda").create_event_source_mapping(EventSourceArn=queue_arn, FunctionName="sqs-fails", BatchSize=1)
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    events = printed("sqs-fails", 2)
    assert [one["Records"][0]["attributes"]["ApproximateReceiveCount"] for one in events] == ["1", "2"]
    (message,) = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "poison"


@integration
def sqs_fifo_with_partial_failures() -> None:
    code = """
def lambda_handler(event, context):
    print("EVENT " + json.dumps([record["body"] for record in event["Records"]]))
    bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}
"""
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "5"}
    queue = resource("sqs").create_queue(QueueName="orders.fifo", Attributes=attributes)
    entries = [{"Id": body, "MessageBody": body, "MessageGroupId": "g"} for body in ("good", "bad")]
    queue.send_messages(Entries=entries)
    client("lambda").create_event_source_mapping(
        EventSourceArn=queue.attributes["QueueArn"],
        FunctionName=function("sqs-fifo", code),
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert printed("sqs-fifo", 2)[:2] == [["good", "bad"], ["bad"]]


# -- DynamoDB


def table(name: str, view: str = "NEW_AND_OLD_IMAGES") -> Any:
    made = resource("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        BillingMode="PAY_PER_REQUEST",
    )
    made.wait_until_exists()
    return made


def follow(stream: str, name: str, code: str = PRINTS, **members: Any) -> None:
    said = {"StartingPosition": "TRIM_HORIZON", **members}
    client("lambda").create_event_source_mapping(EventSourceArn=stream, FunctionName=function(name, code), **said)


@integration
def dynamodb_put() -> None:
    dynamodb = client("dynamodb")
    made = dynamodb.create_table(
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        TableName="table-put",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 5},
    )
    follow(made["TableDescription"]["LatestStreamArn"], "dynamodb-put", BatchSize=100)
    dynamodb.put_item(TableName="table-put", Item={"id": {"S": "item 1"}, "n": {"N": "7"}})
    (event,) = printed("dynamodb-put")
    (record,) = event["Records"]
    assert (record["eventName"], record["eventSource"]) == ("INSERT", "aws:dynamodb")
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "item 1"}, "n": {"N": "7"}}


@integration
def dynamodb_update_and_delete() -> None:
    made = table("table-update")
    follow(made.latest_stream_arn, "dynamodb-update")
    made.put_item(Item={"id": "a", "n": 1})
    made.update_item(
        Key={"id": "a"},
        UpdateExpression="SET #n = :n",
        ExpressionAttributeNames={"#n": "n"},
        ExpressionAttributeValues={":n": 2},
    )
    made.delete_item(Key={"id": "a"})
    records = [record for event in printed("dynamodb-update", 3) for record in event["Records"]]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    images = records[1]["dynamodb"]
    assert (images["OldImage"]["n"], images["NewImage"]["n"]) == ({"N": "1"}, {"N": "2"})
    assert "NewImage" not in records[2]["dynamodb"]


@integration
def dynamodb_function_writes_to_another_table() -> None:
    code = """
import boto3
def lambda_handler(event, context):
    totals = boto3.resource("dynamodb").Table("totals")
    for record in event["Records"]:
        totals.update_item(
            Key={"id": "all"},
            UpdateExpression="ADD amount :n",
            ExpressionAttributeValues={":n": int(record["dynamodb"]["NewImage"]["n"]["N"])},
        )
"""
    table("totals")
    made = table("orders", "NEW_IMAGE")
    follow(made.latest_stream_arn, "dynamodb-totals", code, BatchSize=10)
    with made.batch_writer() as batch:
        for number in range(25):
            batch.put_item(Item={"id": str(number), "n": number})
    time.sleep(1)
    assert resource("dynamodb").Table("totals").get_item(Key={"id": "all"})["Item"]["amount"] == sum(range(25))


# -- Kinesis


def stream(name: str, shards: int = 1) -> tuple[Any, str]:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return kinesis, kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]


@integration
def kinesis_record() -> None:
    kinesis, arn = stream("my-stream")
    follow(arn, "kinesis", StartingPosition="LATEST")
    kinesis.put_record(StreamName="my-stream", Data="my data", PartitionKey="1")
    (event,) = printed("kinesis")
    (record,) = event["Records"]
    assert (record["eventSource"], record["kinesis"]["partitionKey"]) == ("aws:kinesis", "1")
    assert base64.b64decode(record["kinesis"]["data"]) == b"my data"


@integration
def kinesis_records_of_two_shards() -> None:
    kinesis, arn = stream("two-shards", 2)
    entries = [{"Data": json.dumps({"n": number}).encode(), "PartitionKey": str(number)} for number in range(10)]
    kinesis.put_records(StreamName="two-shards", Records=entries)
    follow(arn, "kinesis-two", BatchSize=3)
    time.sleep(2)
    records = [record for event in printed("kinesis-two", 4) for record in event["Records"]]
    data = [json.loads(base64.b64decode(record["kinesis"]["data"]))["n"] for record in records]
    assert sorted(data) == list(range(10))


@integration
def kinesis_failures_go_to_a_queue() -> None:
    kinesis, arn = stream("failing")
    dead = resource("sqs").create_queue(QueueName="kinesis-dead")
    destination = {"OnFailure": {"Destination": dead.attributes["QueueArn"]}}
    follow(arn, "kinesis-fails", FAILS, MaximumRetryAttempts=1, DestinationConfig=destination)
    kinesis.put_record(StreamARN=arn, Data=b"x", PartitionKey="1")
    assert len(printed("kinesis-fails", 2)) == 2
    (message,) = dead.receive_messages(WaitTimeSeconds=20)
    assert json.loads(message.body)["requestContext"]["condition"] == "RetryAttemptsExhausted"


# -- EventBridge


def rule(name: str, arn: str, target: dict[str, Any] | None = None, **members: Any) -> Any:
    events = client("events")
    events.put_rule(Name=name, State="ENABLED", **members)
    events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": arn, **(target or {})}])
    return events


ORDERED = {"Source": "shop", "DetailType": "ordered", "Detail": json.dumps({"order": 7})}


@integration
def event_bridge_pattern() -> None:
    arn = function("eb", PRINTS)
    events = rule("orders", arn, EventPattern=json.dumps({"source": ["shop"], "detail": {"order": [{"exists": True}]}}))
    answer = events.put_events(Entries=[ORDERED, {**ORDERED, "Source": "other"}])
    assert answer["FailedEntryCount"] == 0
    (event,) = printed("eb")
    assert (event["id"], event["detail-type"]) == (answer["Entries"][0]["EventId"], "ordered")
    assert event["detail"] == {"order": 7}


@integration
def event_bridge_bus_and_transformer() -> None:
    events = client("events")
    events.create_event_bus(Name="shop-bus")
    events.put_rule(Name="on-bus", EventBusName="shop-bus", EventPattern=json.dumps({"source": ["shop"]}))
    transformer = {"InputPathsMap": {"n": "$.detail.order"}, "InputTemplate": '{"number": <n>}'}
    target = {"Id": "1", "Arn": function("eb-bus", PRINTS), "InputTransformer": transformer}
    events.put_targets(Rule="on-bus", EventBusName="shop-bus", Targets=[target])
    events.put_events(Entries=[{**ORDERED, "EventBusName": "shop-bus"}])
    assert printed("eb-bus") == [{"number": 7}]


@integration
def event_bridge_schedule() -> None:
    rule("hourly", function("eb-rate", PRINTS), {"Input": json.dumps({"run": True})}, ScheduleExpression="rate(1 hour)")
    time.sleep(3 * 3600)
    assert printed("eb-rate", 3) == [{"run": True}] * 3


# -- CloudWatch Logs


def log_group(name: str, arn: str, pattern: str = "") -> Any:
    logs = client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="stream")
    logs.put_subscription_filter(logGroupName=name, filterName="f", filterPattern=pattern, destinationArn=arn)
    return logs


def write(logs: Any, group: str, *messages: str) -> None:
    now = int(time.time() * 1000)
    entries = [{"timestamp": now + number, "message": message} for number, message in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=entries)


def log_events(event: Any) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))


@integration
def logs_subscription() -> None:
    logs = log_group("/test", function("logs", PRINTS))
    (found,) = logs.describe_subscription_filters(logGroupName="/test")["subscriptionFilters"]
    assert found["filterName"] == "f"
    write(logs, "/test", "line one", "line two")
    (event,) = printed("logs")
    told = log_events(event)
    assert (told["messageType"], told["logGroup"], told["logStream"]) == ("DATA_MESSAGE", "/test", "stream")
    assert [one["message"] for one in told["logEvents"]] == ["line one", "line two"]
    assert told["subscriptionFilters"] == ["f"]


@integration
def logs_filter_pattern() -> None:
    logs = log_group("/errors", function("logs-errors", PRINTS), "ERROR")
    write(logs, "/errors", "INFO all well", "ERROR not well")
    (event,) = printed("logs-errors")
    assert [one["message"] for one in log_events(event)["logEvents"]] == ["ERROR not well"]


@integration
def logs_of_one_function_go_to_another() -> None:
    arn = function("watcher", PRINTS)
    function("watched", "def lambda_handler(event, context):\n    print('WATCH me')\n")
    client("lambda").invoke(FunctionName="watched")
    client("logs").put_subscription_filter(
        logGroupName="/aws/lambda/watched", filterName="f", filterPattern="WATCH", destinationArn=arn
    )
    client("lambda").invoke(FunctionName="watched")
    (event,) = printed("watcher")
    assert [one["message"].strip() for one in log_events(event)["logEvents"]] == ["WATCH me"]


# -- Secrets Manager

ROTATES = """
import boto3
def lambda_handler(event, context):
    print("EVENT " + json.dumps(event["Step"]))
    client, arn, token = boto3.client("secretsmanager"), event["SecretId"], event["ClientRequestToken"]
    versions = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if "AWSCURRENT" in versions.get(token, ()):
        return
    if event["Step"] == "createSecret":
        client.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString="new", VersionStages=["AWSPENDING"]
        )
    if event["Step"] == "finishSecret":
        current = next(one for one, stages in versions.items() if "AWSCURRENT" in stages)
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
        client.update_secret_version_stage(SecretId=arn, VersionStage="AWSPENDING", RemoveFromVersionId=token)
"""
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


@integration
def secret_is_rotated() -> None:
    secrets, arn = client("secretsmanager"), function("rotate", ROTATES)
    secret = secrets.create_secret(Name="password", SecretString="old")
    answer = secrets.rotate_secret(
        SecretId=secret["ARN"], RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30}
    )
    assert printed("rotate", 4) == STEPS
    assert secrets.get_secret_value(SecretId="password", VersionStage="AWSCURRENT")["SecretString"] == "new"
    assert secrets.get_secret_value(SecretId="password")["VersionId"] == answer["VersionId"]
    assert secrets.get_secret_value(SecretId="password", VersionStage="AWSPREVIOUS")["SecretString"] == "old"


@integration
def secret_is_rotated_twice() -> None:
    secrets, arn = client("secretsmanager"), function("rotate-twice", ROTATES)
    secrets.create_secret(Name="twice", SecretString="old")
    secrets.rotate_secret(SecretId="twice", RotationLambdaARN=arn)
    secrets.rotate_secret(SecretId="twice", RotationLambdaARN=arn)  # moto forgets it
    assert printed("rotate-twice", 8) == STEPS * 2


@integration
def secret_without_a_function() -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="alone", SecretString="old")
    try:
        secrets.rotate_secret(SecretId="alone", RotationLambdaARN=f"arn:aws:lambda:{REGION}:123456789012:function:no")
    except secrets.exceptions.ResourceNotFoundException:
        pass
    else:
        raise AssertionError("there is no such function")
    assert secrets.get_secret_value(SecretId="alone")["SecretString"] == "old"
