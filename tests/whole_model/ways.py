"""How a test gets each thing: what there is, what the test says, and the call that is answered with it.

What is said and asked is the text of Python that the page shows and that the tests run: ``m`` is the mock, ``client``
a client of Lambda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lambda_states_mock import LambdaMock
from tests.deploying import ROLE, zip_of

from .given import ARN, GIVEN, IMAGE, IN_S3, KEY, POINT, PROFILE, PROVIDER, VPC


@dataclass(frozen=True)
class Way:
    """How a test gets one thing.

    Parameters: *given*, a key of `GIVEN`; *told*, what the test says of the world, line by line; *asked*, the call.
    """

    given: str
    told: str
    asked: str

    def prepare(self, m: LambdaMock, client: Any) -> dict[str, Any]:
        """Make what is given, say what is told; return the names that *asked* may use."""
        names: dict[str, Any] = {
            "m": m,
            "client": client,
            "ORDERS": ORDERS,
            "provider": PROVIDER,
            "zip_of": zip_of,
            **{name.lower(): value for name, value in VALUES.items()},
        }
        names.update(GIVEN[self.given](m, client) or {})
        exec(self.told, names)  # the text that the page shows
        return names

    def get(self, m: LambdaMock, client: Any) -> Any:
        """Do all of it, and return what is asked for; raises what it is answered with."""
        return eval(self.asked, self.prepare(m, client))


ORDERS = {
    "FunctionName": "orders", "Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE,
    "Code": {"ZipFile": zip_of()},
}  # fmt: skip
VALUES: Mapping[str, Any] = MappingProxyType(
    {"ARN": ARN, "KEY": KEY, "IMAGE": IMAGE, "POINT": POINT, "PROFILE": PROFILE, "VPC": VPC, "IN_S3": IN_S3}
)
INVOKE = 'client.invoke(FunctionName="orders")'
INVOKE_1 = 'client.invoke(FunctionName="orders", Qualifier="1")'
GET = 'client.get_function_configuration(FunctionName="orders")'
_RESTORED = f'm.function("orders").idle()\n{{told}}\ntry: {INVOKE}\nexcept Exception: m.clock.advance(60)'


def of_world(given: str, told: str, asked: str = INVOKE) -> Way:
    return Way(given, told, asked)


def after_restoring(told: str) -> Way:
    """Return the way to what Invoke answers once the network has failed the restoration of a function in a VPC."""
    return Way("a function in a VPC", _RESTORED.format(told=told), INVOKE)


def by_fault(code: str) -> Way:
    return Way("a function", f'm.faults.on_call("Invoke").error("{code}")', INVOKE)


def _key(told: str) -> Way:
    return of_world("a function with a key", f"m.world.keys[key].{told}()")


def _mount(code: str) -> Way:
    return of_world("a function with a file system", f'm.world.access_points[point].fail("{code}")')


ERRORS: Mapping[str, Way] = MappingProxyType(
    {
        "AliasLimitExceededException": Way(
            "a version", "m.limits.aliases = 0",
            'client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")',
        ),
        "CallbackTimeoutException": Way(
            "a durable function that waits for a callback", "m.clock.advance(61)",
            "client.send_durable_execution_callback_success(CallbackId=callback)",
        ),
        "CapacityProviderLimitExceededException": Way(
            "a capacity provider", "m.limits.capacity_providers = 1",
            'client.create_capacity_provider(CapacityProviderName="other", **provider)',
        ),
        "CodeArtifactUserDeletedException": of_world("a function from an image", "m.world.images[image].delete()"),
        "CodeArtifactUserFailedException": of_world("a function from an image", "m.world.images[image].corrupt()"),
        "CodeArtifactUserPendingException": of_world("a function", 'm.function("orders").idle()'),
        "CodeSigningConfigNotFoundException": Way(
            "a function", "",
            'client.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn='
            '"arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0")',
        ),
        "CodeStorageExceededException": Way(
            "nothing", "m.limits.code_storage_bytes = 10", "client.create_function(**ORDERS)"
        ),
        "CodeVerificationFailedException": Way(
            "a function whose code is signed", "",
            'client.update_function_code(FunctionName="orders", ZipFile=zip_of())',
        ),
        "DurableExecutionAlreadyStartedException": Way(
            "a durable function that waits for a callback", "", 'client.invoke(**run, Payload=b"2")'
        ),
        "EC2AccessDeniedException": after_restoring('m.world.roles["orders"].deny("ec2:CreateNetworkInterface")'),
        "EC2ThrottledException": after_restoring("m.world.network_interfaces.throttle()"),
        "EC2UnexpectedException": after_restoring('m.world.network_interfaces.fail("InternalError")'),
        "EFSIOException": _mount("EFSIOError"),
        "EFSMountConnectivityException": _mount("EFSMountConnectivityError"),
        "EFSMountFailureException": _mount("EFSMountFailure"),
        "EFSMountTimeoutException": _mount("EFSMountTimeout"),
        "ENILimitReachedException": after_restoring("m.world.network_interfaces.exhaust()"),
        "ENINotReadyException": of_world("a function in a VPC", "m.world.network_interfaces.lose()"),
        "FunctionVersionsPerCapacityProviderLimitExceededException": Way(
            "a capacity provider", "m.limits.versions_per_capacity_provider = 0",
            "client.create_function(**ORDERS, **on_fleet)",
        ),
        "InvalidCodeSignatureException": Way(
            "a function whose code is signed",
            'm.world.objects["s3://code/orders.zip"].sign(profile, flaw="altered")',
            'client.update_function_code(FunctionName="orders", **in_s3)',
        ),
        "InvalidParameterValueException": Way(
            "nothing", 'm.world.roles["orders"].missing()', "client.create_function(**ORDERS)"
        ),
        "InvalidRequestContentException": Way(
            "a function", "", 'client.invoke(FunctionName="orders", Payload=b"{")'
        ),
        "InvalidRuntimeException": of_world(
            "a function that is bound to a runtime version", "m.world.runtime_versions[runtime_version].withdraw()"
        ),
        "InvalidSecurityGroupIDException": of_world(
            "a function in a VPC", 'm.world.security_groups["sg-1"].delete()'
        ),
        "InvalidSubnetIDException": of_world("a function in a VPC", 'm.world.subnets["subnet-1"].delete()'),
        "InvalidZipFileException": of_world(
            "a function whose code stays in S3", 'm.world.objects["s3://code/orders.zip"].corrupt()'
        ),
        "KMSAccessDeniedException": _key("deny"),
        "KMSDisabledException": _key("disable"),
        "KMSInvalidStateException": _key("schedule_deletion"),
        "KMSNotFoundException": _key("delete"),
        "ModeNotSupportedException": of_world("a version on a capacity provider, with Timeout=5400", "", INVOKE_1),
        "NoPublishedVersionException": of_world("a function on a capacity provider", ""),
        "PolicyLengthExceededException": Way(
            "a function", "m.limits.policy_bytes = 10",
            'client.add_permission(FunctionName="orders", StatementId="s", Action="lambda:InvokeFunction", '
            'Principal="sns.amazonaws.com")',
        ),
        "PreconditionFailedException": Way(
            "a function", "", 'client.publish_version(FunctionName="orders", RevisionId="an old one")'
        ),
        "ProvisionedConcurrencyConfigNotFoundException": Way(
            "a version", "", 'client.get_provisioned_concurrency_config(FunctionName="orders", Qualifier="1")'
        ),
        "PublicPolicyException": Way(
            "a function", "m.world.blocks_public_policies = True",
            'client.add_permission(FunctionName="orders", StatementId="s", Action="lambda:InvokeFunction", '
            'Principal="*")',
        ),
        "RecursiveInvocationException": of_world("a function", "m.limits.recursions = 0"),
        "RequestTooLargeException": Way(
            "a function", 'm.faults.on_call("Invoke").error("RequestTooLargeException")', INVOKE
        ),
        "ResourceConflictException": of_world("a function that is Pending", ""),
        "ResourceInUseException": Way(
            "an event source mapping", "", "client.update_event_source_mapping(UUID=uuid, BatchSize=5)"
        ),
        "ResourceNotFoundException": Way("nothing", "", INVOKE),
        "ResourceNotReadyException": of_world("a function in a VPC", 'm.function("orders").idle()'),
        "RuntimeAliasDeletedException": of_world(
            "a function with a runtime of its own", 'm.world.runtime_aliases["live"].delete()'
        ),
        "RuntimeVersionDeletedException": of_world(
            "a function that is bound to a runtime version", "m.world.runtime_versions[runtime_version].delete()"
        ),
        "S3FilesMountConnectivityException": _mount("S3FilesMountConnectivityError"),
        "S3FilesMountFailureException": _mount("S3FilesMountFailure"),
        "S3FilesMountTimeoutException": _mount("S3FilesMountTimeout"),
        "SerializedRequestEntityTooLargeException": by_fault("SerializedRequestEntityTooLargeException"),
        "ServiceException": by_fault("ServiceException"),
        "ServiceQuotaExceededException": by_fault("ServiceQuotaExceededException"),
        "SnapStartException": of_world("a function with SnapStart and a hook that fails", "", INVOKE_1),
        "SnapStartNotReadyException": of_world(
            "a function with SnapStart, in Java", 'm.function("orders").version(1).idle()', INVOKE_1
        ),
        "SnapStartRegenerationFailureException": of_world(
            "a function with SnapStart",
            'm.faults.on_phase("snapshot").fail("FunctionError", times=1)\n'
            'm.function("orders").version(1).regenerate_snapshot()',
            INVOKE_1,
        ),
        "SnapStartTimeoutException": of_world(
            "a function with SnapStart", 'm.handler("orders", returns=1, restore=11)', INVOKE_1
        ),
        "SubnetIPAddressLimitReachedException": after_restoring('m.world.subnets["subnet-1"].exhaust()'),
        "TooManyRequestsException": Way(
            "a function",
            'client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)', INVOKE,
        ),
        "UnsupportedMediaTypeException": by_fault("UnsupportedMediaTypeException"),
    }
)  # fmt: skip
"""Every error that the model has."""

BESIDE_THE_MODEL: Mapping[str, Way] = MappingProxyType(
    {
        "AccessDeniedException": of_world("a function", 'm.world.deny("lambda:InvokeFunction")'),
        "RequestEntityTooLargeException": Way(
            "a function", "m.limits.sync_payload_bytes = 1", 'client.invoke(FunctionName="orders", Payload=b"[1]")'
        ),
        "SerializationException": Way("nothing", "", "client.list_functions(MaxItems='x')"),
        "ValidationException": Way("nothing", "", 'client.get_function(FunctionName="or ders")'),
    }
)  # fmt: skip
"""What AWS answers although its model has no such error."""
