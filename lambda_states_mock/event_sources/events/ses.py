"""The event of SES's receipt rules.

https://docs.aws.amazon.com/lambda/latest/dg/services-ses.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lambda_states_mock.instants import iso_milliseconds

_VERDICTS = ("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict")


def ses_event(
    sender: str, recipients: Sequence[str], subject: str, *, identifier: str, at: datetime, function_arn: str
) -> dict[str, Any]:
    """Return the event of a mail that was received *at* a moment, and passed all checks."""
    to, date, moment = list(recipients), format_datetime(at), iso_milliseconds(at)
    common = {
        "returnPath": sender,
        "from": [sender],
        "date": date,
        "to": to,
        "messageId": f"<{identifier}@example.com>",
        "subject": subject,
    }
    headers = {"Return-Path": f"<{sender}>", "From": sender, "Date": date, "To": ", ".join(to), "Subject": subject}
    mail = {
        "timestamp": moment,
        "source": sender,
        "messageId": identifier,
        "destination": to,
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": common,
    }
    receipt = {
        "timestamp": moment,
        "processingTimeMillis": 574,
        "recipients": to,
        **{verdict: {"status": "PASS"} for verdict in _VERDICTS},
        "action": {"type": "Lambda", "functionArn": function_arn, "invocationType": "Event"},
    }
    return {"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {"mail": mail, "receipt": receipt}}]}
