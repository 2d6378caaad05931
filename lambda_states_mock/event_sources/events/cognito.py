"""The event of a user pool's trigger, and what Cognito makes of an answer (documented).

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lambda_states_mock.errors import nearest

ANSWERS_WITHIN = timedelta(seconds=5)
ATTEMPTS = 3
"""How often Cognito invokes a function that has not answered in time (documented)."""


class TriggerFailedError(Exception):
    """What Cognito answers to the call whose trigger went wrong, such as SignUp.

    Parameters: *code*, of the exception in Cognito's API; *message*, its text.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


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
    name = trigger_name(trigger)
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


def trigger_name(trigger: str) -> str:
    """Return the name of the *trigger*, of which a ``triggerSource`` says more."""
    name = trigger.partition("_")[0]
    return "PreTokenGeneration" if name == "TokenGeneration" else name


def trigger_result(trigger: str, payload: bytes, function_error: str | None) -> Any:
    """Return the event that a function has answered.

    Raises TriggerFailedError for an error of the function, and for what is no event.
    """
    result = json.loads(payload or b"null")
    if function_error is not None:
        message = f"{trigger_name(trigger)} failed with error {result.get('errorMessage')}."
        raise TriggerFailedError("UserLambdaValidationException", message)
    if not isinstance(result, dict) or not isinstance(result.get("response"), dict):
        raise TriggerFailedError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    return result


def not_invoked(trigger: str, why: str) -> TriggerFailedError:
    """Return what Cognito answers where Lambda refuses, or the function takes too long (the texts are inferred)."""
    message = f"{trigger_name(trigger)} invocation failed due to error {why}."
    return TriggerFailedError("UnexpectedLambdaException", message)
