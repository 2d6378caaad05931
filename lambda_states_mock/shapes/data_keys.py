"""The key (KMS) of the data of durable executions: without it they can be neither read nor kept."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.resources.durable_execution import DurableExecution
from lambda_states_mock.service import Call


def check_data_key(call: Call, execution: DurableExecution) -> None:
    """Raise a KMS exception where the key of *execution* cannot be used (``DurableConfig.KMSKeyArn``).

    The operations declare these errors; (I) their texts, after those of an Invoke whose variables cannot be decrypted.
    """
    key_arn = execution.config.get("KMSKeyArn")
    failure_mode = call.service.preconditions.neighbours.key_failure_mode(key_arn) if key_arn else None
    if failure_mode is None or failure_mode.invoke is None:
        return
    answer = failure_mode.invoke
    text = (answer.text or "").replace("the environment variables", "the data of the durable execution")
    raise replace(answer, text=text).error()
