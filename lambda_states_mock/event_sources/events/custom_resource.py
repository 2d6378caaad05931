"""What CloudFormation asks the function of a custom resource.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote


def response_url(region: str, stack_id: str, logical_id: str, request: str) -> str:
    """Return the URL for the answer to *request*."""
    host = f"cloudformation-custom-resource-response-{region.replace('-', '')}.s3.amazonaws.com"
    return f"https://{host}/{quote(f'{stack_id}|{logical_id}|{request}', safe='')}?Signature={request}"


REQUEST_TYPES = ("Create", "Update", "Delete")


def custom_resource_event(
    request_type: str,
    resource_type: str,
    *,
    token: str,
    url: str,
    stack_id: str,
    request_id: str,
    logical_id: str,
    properties: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the event.

    Parameters: *token*, the function's ARN; *url*, where it answers; *before*, of an Update or a Delete: the
    PhysicalResourceId, and of an Update OldResourceProperties.
    """
    return {
        "RequestType": request_type,
        "ServiceToken": token,
        "ResponseURL": url,
        "StackId": stack_id,
        "RequestId": request_id,
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        **(before or {}),
        "ResourceProperties": {"ServiceToken": token, **properties},
    }
