"""Receipt rules of moto's SES name functions, which moto looks for in its own Lambda."""

from __future__ import annotations

import sys
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.resources.arn import Place


def install(patches: Patches) -> None:
    """Let receipt rules find the functions of the innermost mock until *patches* are restored."""
    models: Any = sys.modules["moto.ses.models"]
    original = getattr(models.SESBackend, "_validate_lambda_action", None)
    if original is None:  # before 5.1.12 no rule names a function
        return

    def _validate_lambda_action(self: Any, lambda_action: dict[str, str]) -> None:
        mock = active_mocks.innermost()
        if mock is None:
            original(self, lambda_action)
            return
        arn = lambda_action["FunctionArn"]
        if mock.backend.pushes.target(arn, Place(self.account_id, self.region_name)) is None:
            raise models.InvalidLambdaFunctionException(f"Invalid Lambda function: {arn}")
        self._validate_sns_topic(lambda_action.get("TopicArn"))

    patches.set(models.SESBackend, "_validate_lambda_action", _validate_lambda_action)
