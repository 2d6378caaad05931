"""Clients as users make them, with the stubs of boto3 and aiobotocore.

Apart from `uses`: with the stubs of Lambda alone, those for making clients are partly unknown to a strict pyright.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from aiobotocore.session import get_session

from lambda_states_mock import mock_lambda

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import StateType
    from types_aiobotocore_lambda import LambdaClient as AsyncLambdaClient
    from types_aiobotocore_lambda.literals import LastUpdateStatusType


@mock_lambda(timings="instant")
def state() -> StateType:
    client = boto3.client("lambda", region_name="us-east-1")
    client.get_waiter("function_active_v2").wait(FunctionName="orders")
    return client.get_function_configuration(FunctionName="orders")["State"]


async def last_update_status() -> LastUpdateStatusType:
    async with mock_lambda(timings="instant"), get_session().create_client("lambda") as made:
        client: AsyncLambdaClient = made
        await client.get_waiter("function_updated_v2").wait(FunctionName="orders")
        return (await client.get_function_configuration(FunctionName="orders"))["LastUpdateStatus"]
