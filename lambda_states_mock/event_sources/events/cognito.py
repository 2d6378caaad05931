"""The event of a user pool's trigger (documented).

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_states_mock.errors import nearest

# By trigger: how the event calls it, and the members of its response.
_TRIGGERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "PreSignUp": ("PreSignUp_SignUp", {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}),
    "PostConfirmation": ("PostConfirmation_ConfirmSignUp", {}),
    "PreAuthentication": ("PreAuthentication_Authentication", {}),
    "PostAuthentication": ("PostAuthentication_Authentication", {}),
    "PreTokenGeneration": ("TokenGeneration_Authentication", {"claimsOverrideDetails": None}),
    "CustomMessage": ("CustomMessage_SignUp", {"smsMessage": None, "emailMessage": None, "emailSubject": None}),
    "DefineAuthChallenge": (
        "DefineAuthChallenge_Authentication",
        {"challengeName": None, "issueTokens": None, "failAuthentication": None},
    ),
    "CreateAuthChallenge": (
        "CreateAuthChallenge_Authentication",
        {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None},
    ),
    "VerifyAuthChallengeResponse": ("VerifyAuthChallengeResponse_Authentication", {"answerCorrect": None}),
    "UserMigration": (
        "UserMigration_Authentication",
        {"userAttributes": None, "finalUserStatus": None, "messageAction": None, "desiredDeliveryMediums": None},
    ),
}


def cognito_event(
    trigger: str,
    *,
    user: str,
    pool: str,
    client: str,
    region: str,
    attributes: Mapping[str, str] | None,
    request: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the event of a *trigger*, ``PreSignUp`` or the like, or one's whole ``triggerSource``.

    Raises ValueError for a trigger that Cognito has not.
    """
    name = trigger.partition("_")[0]
    name = "PreTokenGeneration" if name == "TokenGeneration" else name
    if name not in _TRIGGERS:
        raise ValueError(f'no trigger "{trigger}":{nearest(trigger, _TRIGGERS)} Cognito has: {", ".join(_TRIGGERS)}.')
    source, response = _TRIGGERS[name]
    return {
        "version": "1",
        "triggerSource": trigger if "_" in trigger else source,
        "region": region,
        "userPoolId": pool,
        "userName": user,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client},
        "request": {"userAttributes": dict(attributes or {}), **(request or {})},
        "response": dict(response),
    }
