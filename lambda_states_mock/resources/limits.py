"""Quotas and sizes, which you can set: ``m.limits.unzipped_bytes = 1000``.

Sources: AWS's quotas page and the messages recorded in api-validation. A default that is only inferred says so.
"""

from __future__ import annotations

from lambda_states_mock.errors import nearest
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.quick_dataclasses import dataclass

UNLIMITED = frozenset({"aliases", "concurrent_snapshots", "control_plane_requests"})
"""The limits that may be None, for no limit."""


_WITH_CODE = frozenset({"CreateFunction", "UpdateFunctionCode", "PublishLayerVersion"})
LIMITED_IN_SIZE = _WITH_CODE | {"UpdateFunctionConfiguration"}
"""The operations whose requests may not be of any size."""


@dataclass(init=False)  # the defaults stay with the class: setting all of them costs more than the rest of a mock
class Limits(EndsWithMock):
    """The limits of an account and of requests.

    Names that end in ``_bytes`` are sizes in bytes, those that end in ``page`` numbers of entries; the other units are
    beside each value. A limit is a whole number of zero or more; `UNLIMITED` names those that may be None. Setting any
    other value raises ValueError, setting an unknown name AttributeError, and setting one after the mock has ended
    NotActiveError.
    """

    zipped_bytes: int = 52_428_800  # 50 MB, uploaded in the request
    unzipped_bytes: int = 262_144_000  # 250 MB, layers included
    request_bytes: int = 70_167_211
    configuration_request_bytes: int = 5_120
    code_storage_bytes: int = 322_122_547_200  # 300 GB; 75 GB before 2026
    environment_bytes: int = 4_096
    layers: int = 5
    memory_size: int = 10_240  # MB; 3,008 in some accounts. Not on a capacity provider
    timeout: int = 1_800  # seconds; on a capacity provider for callers that wait
    ephemeral_storage: int = 10_240  # MB; not with accelerators
    tags: int = 50
    aliases: int | None = None  # of one function: AWS has a limit, and does not publish it
    concurrent_snapshots: int | None = None  # of SnapStart, made at the same time: as above
    policy_bytes: int = 20_480
    concurrent_executions: int = 1_000
    unreserved_minimum: int = 100
    tenant_environments: int = 2_500  # of functions that isolate tenants, busy or not; for 1,000 concurrent executions
    requests_per_environment: int = 10  # per second, synchronous requests
    new_environments: int = 1_000  # of one function in ten seconds
    recursions: int = 16  # of one function in a chain of requests (about)
    control_plane_requests: int | None = None  # per second; 15 on AWS, too few for most tests
    sync_payload_bytes: int = 6_291_456
    async_payload_bytes: int = 1_048_576
    invoke_async_bytes: int = 262_144
    client_context_bytes: int = 3_583  # in base64
    durable_payload_bytes: int = 1_048_576  # of an update of a checkpoint; all of an error together
    durable_state_bytes: int = 5_242_880  # of the operations in an event: inferred, what AWS's runner for tests has
    durable_operations: int = 3_000  # of one execution
    durable_stored_bytes: int = 104_857_600  # 100 MB, of one execution
    durable_failed_invocations: int = 5  # in a row, of one execution: inferred, what AWS's runner for tests has
    durable_invalid_answers: int = 5  # in a row, what is no answer of a durable function: as above
    durable_idle_answers: int = 5  # in a row, PENDING with nothing pending: as above
    functions_page: int = 50
    versions_page: int = 50
    filters: int = 5
    capacity_providers: int = 1_000
    versions_per_capacity_provider: int = 100
    event_source_mappings_page: int = 100
    page: int = 50

    def __setattr__(self, name: str, value: object) -> None:
        __tracebackhide__ = True
        self.check_active(f"limits.{name} = {value!r}")
        names = self.__dataclass_fields__
        if name not in names:
            raise AttributeError(f'there is no limit "{name}":{nearest(name, names)} There are: {", ".join(names)}.')
        if (type(value) is not int and not (value is None and name in UNLIMITED)) or (type(value) is int and value < 0):
            what = "a whole number of zero or more" + (", or None for no limit" if name in UNLIMITED else "")
            raise ValueError(f"limits.{name} is {what}, not {value!r}")
        object.__setattr__(self, name, value)

    def request_bytes_of(self, operation: str) -> int | None:
        """Return the size in bytes at which the body of a request to *operation* is refused; None for no limit."""
        if operation in _WITH_CODE:
            return self.request_bytes
        return self.configuration_request_bytes if operation == "UpdateFunctionConfiguration" else None
