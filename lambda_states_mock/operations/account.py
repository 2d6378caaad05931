"""What an account in a region may have, and what it has."""

from __future__ import annotations

from lambda_states_mock.operations.function import code_storage
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.service import Call, Params, View


@operation("GetAccountSettings")
def get_account_settings(call: Call, _params: Params) -> View:
    limits, partition = call.service.limits, call.partition
    return {
        "AccountLimit": {
            "TotalCodeSize": limits.code_storage_bytes,
            "CodeSizeUnzipped": limits.unzipped_bytes,
            "CodeSizeZipped": limits.zipped_bytes,
            "ConcurrentExecutions": limits.concurrent_executions,
            "UnreservedConcurrentExecutions": call.service.provisioned.unreserved(partition),
        },
        "AccountUsage": {"TotalCodeSize": code_storage(partition), "FunctionCount": len(partition.functions)},
    }
