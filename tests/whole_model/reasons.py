"""How a test gets each reason code, each throttle's reason, and each state that only answers have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lambda_states_mock.api_model import enum_of

from .durable_ways import EVENT_TYPES, EXECUTION_STATUSES, OPERATION_STATUSES
from .ways import GET, INVOKE, INVOKE_1, Way

CREATE = "client.create_function(**ORDERS{more})\nm.clock.run_until_idle()"
GET_1 = 'client.get_function_configuration(FunctionName="orders", Qualifier="1")'
_SNAP_START = ', SnapStart={"ApplyOn": "PublishedVersions"}, Publish=True'


def _created(told: str, more: str = "", asked: str = GET) -> Way:
    """Return the way that begins with what is *told*, and creates the function then."""
    return Way("nothing", f"{told}\n{CREATE.format(more=more)}", asked)


def _while_created(told: str, more: str = "") -> Way:
    """Return the way on which what is *told* becomes so while the function is Pending: before, it would be refused."""
    return Way("nothing", f"client.create_function(**ORDERS{more})\n{told}\nm.clock.run_until_idle()", GET)


def _from_image(told: str) -> Way:
    create = (
        'client.create_function(FunctionName="orders", Role=ORDERS["Role"], PackageType="Image", '
        'Code={"ImageUri": image})'
    )
    return Way("nothing", f"{create}\nm.world.images[image].{told}()\nm.clock.run_until_idle()", GET)


def _with_key(told: str) -> Way:
    return _while_created(f"m.world.keys[key].{told}()", ", KMSKeyArn=key")


def _mounted(code: str) -> Way:
    more = ', **vpc, FileSystemConfigs=[{"Arn": point, "LocalMountPath": "/mnt/data"}]'
    return _while_created(f'm.world.access_points[point].fail("{code}")', more)


def _init(told: str) -> Way:
    """Return the way on which the Init for a SnapStart snapshot fails."""
    return _created(told, _SNAP_START, GET_1)


def _by_fault(code: str) -> Way:
    return _created(f'm.faults.on_phase("create").fail("{code}")')


_IN_VPC = ", **vpc"
_OF_THE_WORLD: Mapping[str, Way] = MappingProxyType(
    {
        "Idle": Way("a function", 'm.function("orders").idle()', GET),
        "Creating": Way("a function that is Pending", "", GET),
        "Restoring": Way(
            "a function that is idle", f"try: {INVOKE}\nexcept client.exceptions.ClientError: pass", GET
        ),
        "DrainingDurableExecutions": Way(
            "a durable function that waits for a callback", 'client.delete_function(FunctionName="orders")', GET
        ),
        "EniLimitExceeded": _created("m.world.network_interfaces.exhaust()", _IN_VPC),
        "InsufficientRolePermissions": _while_created('m.world.roles["orders"].missing()'),
        "InternalError": _created('m.world.network_interfaces.fail("InternalError")', _IN_VPC),
        "SubnetOutOfIPAddresses": _created('m.world.subnets["subnet-1"].exhaust()', _IN_VPC),
        "InvalidSubnet": _while_created('m.world.subnets["subnet-1"].delete()', _IN_VPC),
        "InvalidSecurityGroup": _while_created('m.world.security_groups["sg-1"].delete()', _IN_VPC),
        "EC2RequestLimitExceeded": _created("m.world.network_interfaces.throttle()", _IN_VPC),
        "ImageDeleted": _from_image("delete"),
        "ImageAccessDenied": _from_image("revoke"),
        "InvalidImage": _from_image("corrupt"),
        "KMSKeyAccessDenied": _with_key("deny"),
        "KMSKeyNotFound": _with_key("delete"),
        "InvalidStateKMSKey": _with_key("schedule_deletion"),
        "DisabledKMSKey": _with_key("disable"),
        "EFSIOError": _mounted("EFSIOError"),
        "EFSMountConnectivityError": _mounted("EFSMountConnectivityError"),
        "EFSMountFailure": _mounted("EFSMountFailure"),
        "EFSMountTimeout": _mounted("EFSMountTimeout"),
        "InvalidZipFileException": Way(
            "nothing",
            'client.create_function(**{**ORDERS, "Code": {**in_s3, "S3ObjectStorageMode": "REFERENCE"}})\n'
            'm.world.objects["s3://code/orders.zip"].corrupt()\nm.clock.run_until_idle()',
            GET,
        ),
        "DependencyError": _mounted("S3FilesMountTimeout"),
        "IncompatibleAcceleratorInstanceTypes": Way(
            "a capacity provider",
            'large = {"AcceleratorMemorySize": 999}\n'
            "client.create_function(**ORDERS, **on_fleet, AcceleratorConfig=large, Publish=True)\n"
            "m.clock.run_until_idle()",
            GET_1,
        ),
        "FunctionError": Way(
            "nothing",
            'client.create_function(**{**ORDERS, "Code": {"ZipFile": zip_of("1 / 0")}}' + _SNAP_START + ")\n"
            "m.clock.run_until_idle()",
            GET_1,
        ),
        "FunctionError.InitTimeout": _init('m.handler("orders", returns=1, init=1000)'),
        "FunctionError.ExtensionInitError": _init('m.faults.on_phase("init").fail("Extension.Crash")'),
        "FunctionError.InvalidEntryPoint": _init('m.faults.on_phase("init").fail("Runtime.InvalidEntrypoint")'),
        "FunctionError.InvalidWorkingDirectory": _init(
            'm.faults.on_phase("init").fail("Runtime.InvalidWorkingDir")'
        ),
    }
)  # fmt: skip

STATE_REASONS: Mapping[str, Way] = MappingProxyType(
    {code: _OF_THE_WORLD.get(code) or _by_fault(code) for code in sorted(enum_of("StateReasonCode"))}
)
"""Every StateReasonCode. What nothing in the world brings about by itself, a fault does."""

_UPDATE = 'client.update_function_configuration(FunctionName="orders", Timeout=9)\nm.clock.run_until_idle()'
UPDATE_REASONS: Mapping[str, Way] = MappingProxyType(
    {
        code: Way("a function", f'm.faults.on_phase("update").fail("{code}")\n{_UPDATE}', GET)
        for code in sorted(enum_of("LastUpdateStatusReasonCode"))
    }
)
"""Every LastUpdateStatusReasonCode: what is wrong with the world fails an update as it does a creation."""

_AT_ONCE = 'def again(event, context): client.invoke(FunctionName="orders")\nm.handler("orders", call=again)'
_ORDERS_RESERVED = 'client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions={count})'
THROTTLES: Mapping[str, Way] = MappingProxyType(
    {
        "CallerRateLimitExceeded": Way(
            "a function", "m.limits.control_plane_requests = 0", "client.list_functions()"
        ),
        "ConcurrentInvocationLimitExceeded": Way("a function", "m.limits.concurrent_executions = 0", INVOKE),
        "ConcurrentSnapshotCreateLimitExceeded": Way(
            "a function with SnapStart, in Java",
            'm.function("orders").version(1).idle()\nm.limits.concurrent_snapshots = 0', INVOKE_1,
        ),
        "FunctionInvocationRateLimitExceeded": Way("a function", "m.limits.new_environments = 0", INVOKE),
        "ReservedFunctionConcurrentInvocationLimitExceeded": Way(
            "a function", _ORDERS_RESERVED.format(count=0), INVOKE
        ),
        "ReservedFunctionInvocationRateLimitExceeded": Way(
            "a function", f"{_ORDERS_RESERVED.format(count=1)}\nm.limits.requests_per_environment = 0", INVOKE
        ),
    }
)  # fmt: skip
"""Every Reason of a throttle."""

_PROVISIONED = 'client.get_provisioned_concurrency_config(FunctionName="orders", Qualifier="1")["Status"]'
_PROVISION = (
    'client.put_provisioned_concurrency_config(FunctionName="orders", Qualifier="1", ProvisionedConcurrentExecutions=1)'
)
_STATE = f'{GET}["State"]'
_STATE_1 = f'{GET_1}["State"]'
_STATUS = f'{GET}["LastUpdateStatus"]'
_SCALE = (
    'client.put_function_scaling_config(FunctionName="orders", Qualifier="1", '
    'FunctionScalingConfig={"MinExecutionEnvironments": 0, "MaxExecutionEnvironments": 0})'
)
_FLEET = 'client.get_capacity_provider(CapacityProviderName="fleet")["CapacityProvider"]["State"]'
_NEW_FLEET = 'client.create_capacity_provider(CapacityProviderName="fleet", **provider)'

STATES: Mapping[str, Mapping[str, Way]] = MappingProxyType(
    {
        "State": {
            "Pending": Way("a function that is Pending", "", _STATE),
            "Active": Way("a function", "", _STATE),
            "Inactive": Way("a function that is idle", "", _STATE),
            "Failed": _created('m.faults.on_phase("create").fail("InternalError")', asked=_STATE),
            "ActiveNonInvocable": Way("a function on a capacity provider", "", _STATE),
            "Deactivating": Way("a version on a capacity provider", _SCALE, _STATE_1),
            "Deactivated": Way("a version on a capacity provider", f"{_SCALE}\nm.clock.run_until_idle()", _STATE_1),
            "Deleting": Way(
                "a function on a capacity provider", 'client.delete_function(FunctionName="orders")', _STATE
            ),
        },
        "LastUpdateStatus": {
            "Successful": Way("a function", "", _STATUS),
            "InProgress": Way(
                "a function", 'client.update_function_configuration(FunctionName="orders", Timeout=9)', _STATUS
            ),
            "Failed": Way("a function", f'm.faults.on_phase("update").fail("InternalError")\n{_UPDATE}', _STATUS),
        },
        "ProvisionedConcurrencyStatusEnum": {
            "IN_PROGRESS": Way("a version", _PROVISION, _PROVISIONED),
            "READY": Way("a version", f"{_PROVISION}\nm.clock.run_until_idle()", _PROVISIONED),
            "FAILED": Way(
                "a version",
                'm.faults.on_phase("provision").fail("FUNCTION_ERROR_INIT_FAILURE")\n'
                f"{_PROVISION}\nm.clock.run_until_idle()",
                _PROVISIONED,
            ),
        },
        "SnapStartOptimizationStatus": {
            "On": Way("a function with SnapStart", "", f'{GET_1}["SnapStart"]["OptimizationStatus"]'),
            "Off": Way("a function with SnapStart", "", f'{GET}["SnapStart"]["OptimizationStatus"]'),
        },
        "CapacityProviderState": {
            "Pending": Way("nothing", _NEW_FLEET, _FLEET),
            "Active": Way("a capacity provider", "", _FLEET),
            "Failed": Way(
                "nothing",
                'm.faults.on_phase("provider_create").fail("InsufficientCapacity")\n'
                f"{_NEW_FLEET}\nm.clock.run_until_idle()",
                _FLEET,
            ),
            "Deleting": Way(
                "a capacity provider", 'client.delete_capacity_provider(CapacityProviderName="fleet")', _FLEET
            ),
        },
        "EventType": EVENT_TYPES,
        "OperationStatus": OPERATION_STATUSES,
        "ExecutionStatus": EXECUTION_STATUSES,
    }
)  # fmt: skip
"""Every value of the states that only answers have, by the name of the model's enumeration."""
