"""Exact events of each service, ``m.events``: for a unit test of a handler, or to send to a function."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambda_states_mock.errors import nearest
from lambda_states_mock.event_sources.batch_events import BatchEvents
from lambda_states_mock.event_sources.event_maker import Event, names_its_fields
from lambda_states_mock.event_sources.events.code_commit import code_commit_event
from lambda_states_mock.event_sources.events.cognito import cognito_event
from lambda_states_mock.event_sources.events.custom_resource import (
    REQUEST_TYPES,
    custom_resource_event,
    response_url,
)
from lambda_states_mock.event_sources.events.event_bridge import event_bridge_event, scheduled_event
from lambda_states_mock.event_sources.events.logs import logs_event
from lambda_states_mock.event_sources.events.s3 import s3_event
from lambda_states_mock.event_sources.events.ses import ses_event
from lambda_states_mock.event_sources.events.sns import sns_event
from lambda_states_mock.event_sources.http_events import HttpEvents
from lambda_states_mock.event_sources.pushes import Pusher
from lambda_states_mock.instants import epoch_milliseconds, iso_seconds


class Events(BatchEvents, HttpEvents):
    """Makes the events of each service."""

    # -- services that invoke asynchronously

    @names_its_fields
    def s3_put(
        self,
        bucket: str,
        key: str,
        *,
        size: int = 0,
        etag: str = "d41d8cd98f00b204e9800998ecf8427e",
        version_id: str | None = None,
        name: str = "ObjectCreated:Put",
        configuration_id: str = "notification",
    ) -> Event:
        """An object was written. Parameters: *size*, in bytes; *name*, of another event of S3."""
        made = s3_event(
            bucket,
            key,
            name=name,
            size=size,
            etag=etag,
            version_id=version_id,
            configuration_id=configuration_id,
            **self._origin(),
        )
        return self._later(made, Pusher("S3", "s3.amazonaws.com", f"arn:aws:s3:::{bucket}"))

    @names_its_fields
    def s3_delete(
        self, bucket: str, key: str, *, version_id: str | None = None, configuration_id: str = "notification"
    ) -> Event:
        """An object was deleted."""
        name = "ObjectRemoved:DeleteMarkerCreated" if version_id is not None else "ObjectRemoved:Delete"
        made = s3_event(
            bucket, key, name=name, version_id=version_id, configuration_id=configuration_id, **self._origin()
        )
        return self._later(made, Pusher("S3", "s3.amazonaws.com", f"arn:aws:s3:::{bucket}"))

    @names_its_fields
    def sns(
        self,
        topic: str,
        message: str,
        *,
        subject: str | None = None,
        attributes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Event:
        """A message of a topic. Parameters: *topic*, a name or an ARN; *attributes*, by name: Type and Value."""
        arn = self._arn("sns", topic)
        made = sns_event(arn, message, subject=subject, attributes=attributes, at=self._clock.now, chance=self._chance)
        return self._later(made, Pusher("SNS", "sns.amazonaws.com", arn))

    @names_its_fields
    def event_bridge(
        self,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        *,
        resources: Sequence[str] = (),
        rule: str = "rule",
    ) -> Event:
        """An event of a bus. Parameters: *rule*, the name of the one that sends it."""
        made = event_bridge_event(
            source, detail_type, detail, identifier=self._chance.uuid(), resources=list(resources), **self._where()
        )
        return self._later(made, Pusher("EventBridge", "events.amazonaws.com", self._arn("events", f"rule/{rule}")))

    @names_its_fields
    def schedule(self, rule: str = "rule") -> Event:
        """The event of a rule with a schedule."""
        arn = self._arn("events", f"rule/{rule}")
        made = scheduled_event(arn, identifier=self._chance.uuid(), **self._where())
        return self._later(made, Pusher("EventBridge", "events.amazonaws.com", arn))

    @names_its_fields
    def scheduler(self, input: str | Mapping[str, Any] | None = None, *, schedule: str = "default/schedule") -> Event:  # noqa: A002 - AWS's name
        """What EventBridge Scheduler sends: its Input, with its ``<aws.scheduler...>`` variables replaced."""
        arn = self._arn("scheduler", f"schedule/{schedule}")
        if input is None:
            made = scheduled_event(arn, identifier=self._chance.uuid(), **self._where())
            return self._later(
                {**made, "source": "aws.scheduler"}, Pusher("Scheduler", "scheduler.amazonaws.com", arn, has_role=True)
            )
        text = input if isinstance(input, str) else json.dumps(input)
        for name, value in {
            "schedule-arn": arn,
            "scheduled-time": iso_seconds(self._clock.now),
            "execution-id": self._chance.uuid(),
            "attempt-number": "1",
        }.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return self._later(json.loads(text), Pusher("Scheduler", "scheduler.amazonaws.com", arn, has_role=True))

    @names_its_fields
    def logs(self, group: str, *messages: str, stream: str = "stream", filter: str = "filter") -> Event:  # noqa: A002
        """Log events that have passed a subscription filter."""
        at = epoch_milliseconds(self._clock.now)
        events = [
            {"id": str(int(self._chance.hex(40), 16)), "timestamp": at, "message": message} for message in messages
        ]
        made = logs_event(group, stream, [filter], events, owner=self._home.account)
        return self._later(
            made, Pusher("CloudWatch Logs", "logs.amazonaws.com", self._arn("logs", f"log-group:{group}:*"))
        )

    @names_its_fields
    def config_rule(
        self,
        invoking_event: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        rule: str = "rule",
        left_scope: bool = False,
    ) -> Event:
        """What AWS Config asks a rule of your own. Parameters: *invoking_event*, e.g. a ConfigurationItem."""
        made = {
            "version": "1.0",
            "invokingEvent": json.dumps(invoking_event),
            "ruleParameters": json.dumps(parameters or {}),
            "resultToken": self._chance.token(40),
            "eventLeftScope": left_scope,
            "executionRoleArn": f"arn:aws:iam::{self._home.account}:role/config-role",
            "configRuleArn": self._arn("config", f"config-rule/{rule}"),
            "configRuleName": rule,
            "configRuleId": f"config-rule-{self._chance.token(6)}",
            "accountId": self._home.account,
        }
        return self._later(made, Pusher("AWS Config", "config.amazonaws.com"))

    @names_its_fields
    def iot(self, message: Mapping[str, Any], *, rule: str = "rule") -> Event:
        """What the SELECT of an IoT rule gives: *message* itself."""
        return self._later(message, Pusher("AWS IoT", "iot.amazonaws.com", self._arn("iot", f"rule/{rule}")))

    @names_its_fields
    def ses(self, sender: str, *recipients: str, subject: str = "", function: str = "receiver") -> Event:
        """A mail that a receipt rule hands on. Parameters: *function*, as the rule's action names it."""
        now, identifier = self._clock.now, self._chance.token(40).lower()
        made = ses_event(
            sender, recipients, subject, identifier=identifier, at=now, function_arn=self._target(function)
        )
        return self._later(made, Pusher("SES", "ses.amazonaws.com"))

    @names_its_fields
    def code_commit(self, repository: str, *, branch: str = "main", commit: str | None = None) -> Event:
        """A push to a branch of a repository, a name or an ARN."""
        arn = self._arn("codecommit", repository)
        made = code_commit_event(
            arn,
            branch,
            commit=commit or self._chance.hex(40),
            identifier=self._chance.uuid(),
            user_arn=self._home.user_arn(),
            at=self._clock.now,
        )
        return self._later(made, Pusher("CodeCommit", "codecommit.amazonaws.com", arn))

    @names_its_fields
    def custom_resource(
        self,
        request_type: str = "Create",
        properties: Mapping[str, Any] | None = None,
        *,
        resource_type: str = "AWS::CloudFormation::CustomResource",
        logical_id: str = "Resource",
        physical_id: str | None = None,
        old_properties: Mapping[str, Any] | None = None,
        stack: str = "stack",
        function: str = "function",
    ) -> Event:
        """What CloudFormation asks the function of a custom resource, which answers to its ``ResponseURL``.

        Parameters: *physical_id*, of an Update or a Delete; *old_properties*, of an Update; *function*, of the
        template's ``ServiceToken``. Raises ValueError for another *request_type*.
        """
        check_one_of(request_type, REQUEST_TYPES, "request type", "CloudFormation")
        token, identifier = self._target(function), self._chance.uuid()
        stack_id = self._arn("cloudformation", f"stack/{stack}/{self._chance.uuid()}")
        before: dict[str, Any] = {}
        if request_type != "Create":
            before["PhysicalResourceId"] = physical_id or f"{stack}-{logical_id}-{self._chance.token(12)}"
        if request_type == "Update":
            before["OldResourceProperties"] = {"ServiceToken": token, **(old_properties or {})}
        made = custom_resource_event(
            request_type,
            resource_type,
            token=token,
            url=response_url(self._home.region, stack_id, logical_id, identifier),
            stack_id=stack_id,
            request_id=identifier,
            logical_id=logical_id,
            properties=properties or {},
            before=before,
        )
        return self._later(made, Pusher("CloudFormation", "cloudformation.amazonaws.com", has_role=True))

    # -- services that wait for a result

    @names_its_fields
    def secrets_manager(self, secret: str, step: str = "createSecret", *, token: str | None = None) -> Event:
        """One step of a rotation. Parameters: *secret*, a name or an ARN; *token*, the id of the new version.

        Raises ValueError for a *step* that no rotation has.
        """
        check_one_of(step, _STEPS, "step", "a rotation")
        made = {
            "Step": step,
            "SecretId": self._arn("secretsmanager", secret if ":" in secret else f"secret:{secret}-AbCdEf"),
            "ClientRequestToken": token or self._chance.uuid(),
            "RotationToken": self._chance.uuid(),
        }
        return self._now(made, Pusher("Secrets Manager", "secretsmanager.amazonaws.com"))

    @names_its_fields
    def cognito(
        self,
        trigger: str,
        *,
        user: str = "user",
        pool: str | None = None,
        client: str = "client",
        attributes: Mapping[str, str] | None = None,
        request: Mapping[str, Any] | None = None,
    ) -> Event:
        """A trigger of a user pool. Parameters: *trigger*, ``PreSignUp`` or the like, or a ``triggerSource``.

        Sent, it gives the event that the function answers. Cognito waits for 5 s, and asks three times in all.
        """
        pool = pool or f"{self._home.region}_{self._chance.token(9)}"
        names = {"user": user, "pool": pool, "client": client, "region": self._home.region}
        made = cognito_event(trigger, **names, attributes=attributes, request=request)
        arn = self._arn("cognito-idp", f"userpool/{pool}")
        return self._trigger(made, Pusher("Cognito", "cognito-idp.amazonaws.com", arn), trigger)

    @names_its_fields
    def firehose(self, stream: str, *data: str | bytes) -> Event:
        """Records to be transformed. The function answers each with ``Ok``, ``Dropped`` or ``ProcessingFailed``."""
        records = [
            {
                "recordId": f"{self._chance.hex(56)}000000",
                "approximateArrivalTimestamp": epoch_milliseconds(self._clock.now),
                "data": base64.b64encode(_bytes(one)).decode(),
            }
            for one in data
        ]
        arn = self._arn("firehose", f"deliverystream/{stream}")
        made = {
            "invocationId": self._chance.uuid(),
            "deliveryStreamArn": arn,
            "region": self._home.region,
            "records": records,
        }
        return self._now(made, Pusher("Firehose", "firehose.amazonaws.com", arn, has_role=True))


_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def check_one_of(given: str, known: Sequence[str], what: str, whose: str) -> None:
    """Raise ValueError where *given* is none of the *known*."""
    __tracebackhide__ = True
    if given not in known:
        raise ValueError(f'no {what} "{given}":{nearest(given, known)} {whose} has: {", ".join(known)}.')


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
