"""The event of CodeCommit's triggers.

https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambda_states_mock.instants import iso_milliseconds


def code_commit_event(
    repository_arn: str, branch: str, *, commit: str, identifier: str, user_arn: str, at: datetime
) -> dict[str, Any]:
    """Return the event of a push of *commit* to *branch*, which the user *user_arn* made."""
    return {
        "Records": [
            {
                "awsRegion": repository_arn.split(":", 4)[3],
                "codecommit": {"references": [{"commit": commit, "created": False, "ref": f"refs/heads/{branch}"}]},
                "eventId": identifier,
                "eventName": "ReferenceChanges",
                "eventPartNumber": 1,
                "eventSource": "aws:codecommit",
                "eventSourceARN": repository_arn,
                "eventTime": iso_milliseconds(at).replace("Z", "+0000"),
                "eventTotalParts": 1,
                "eventTriggerConfigId": identifier,
                "eventTriggerName": "lambda",
                "eventVersion": "1.0",
                "userIdentityARN": user_arn,
            }
        ]
    }
