"""Functions that isolate their tenants (TenancyConfig PER_TENANT), in every way in, and what does not go with them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore import xform_name

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of, zip_of

PER_TENANT = {"TenantIsolationMode": "PER_TENANT"}
WANTED = (
    400,
    "InvalidParameterValueException",
    "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.",
)
UNWANTED = (
    400,
    "InvalidParameterValueException",
    "The invoked function is not enabled with tenancy configuration. "
    "Remove the tenant ID from your request and try again.",
)
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
WAYS_IN: list[tuple[str, dict[str, Any]]] = [
    ("Invoke", {}),
    ("Invoke", {"InvocationType": "Event"}),
    ("Invoke", {"InvocationType": "DryRun"}),
    ("InvokeWithResponseStream", {}),
    ("InvokeWithResponseStream", {"InvocationType": "DryRun"}),
]


@pytest.fixture
def shared(client: Any, mock: LambdaMock) -> Any:
    """A client with the function ``orders``, which isolates its tenants, and ``prices``, which does not."""
    create(client, TenancyConfig=PER_TENANT)
    create(client, "prices")
    mock.clock.run_until_idle()
    mock.handler("orders", call=lambda _event, context: context.tenant_id)
    mock.handler("prices", returns=None)
    return client


def invoke(client: Any, tenant: str, name: str = "orders", **params: Any) -> Any:
    return client.invoke(FunctionName=name, TenantId=tenant, **params)


def result(answer: Any) -> Any:
    return json.loads(answer["Payload"].read())


# -- who is asked for a tenant


@pytest.mark.parametrize(("operation", "params"), WAYS_IN)
def test_a_function_that_isolates_tenants_wants_one_in_every_way_in(
    shared: Any, mock: LambdaMock, operation: str, params: dict[str, Any]
) -> None:
    call = getattr(shared, xform_name(operation))
    assert error_of(call, FunctionName="orders", **params) == WANTED
    mock.clock.run_until_idle()
    assert mock.invocations("orders") == []
    assert call(FunctionName="orders", TenantId="blue", **params)["StatusCode"] < 300


@pytest.mark.parametrize(("operation", "params"), WAYS_IN)
def test_any_other_function_refuses_one_in_every_way_in(shared: Any, operation: str, params: dict[str, Any]) -> None:
    call = getattr(shared, xform_name(operation))
    assert error_of(call, FunctionName="prices", TenantId="blue", **params) == UNWANTED


def test_the_deprecated_way_in_cannot_name_one(shared: Any) -> None:
    assert error_of(shared.invoke_async, FunctionName="orders", InvokeArgs=b"{}") == WANTED


def test_a_missing_function_is_missed_before_its_tenant(shared: Any) -> None:
    assert error_of(shared.invoke, FunctionName="refunds", TenantId="blue")[:2] == (404, "ResourceNotFoundException")


def test_a_tenant_is_looked_at_before_the_state_and_before_the_event(client: Any) -> None:
    create(client, TenancyConfig=PER_TENANT)
    assert error_of(client.invoke, FunctionName="orders", Payload=b"{") == WANTED


@pytest.mark.parametrize(
    ("tenant", "constraint"),
    [
        ("blue!", r"Member must satisfy regular expression pattern: [a-zA-Z0-9\._:\/=+\-@ ]+"),
        ("x" * 257, "Member must have length less than or equal to 256"),
    ],
)
def test_a_tenant_is_checked_as_the_model_says(shared: Any, tenant: str, constraint: str) -> None:
    text = f"1 validation error detected: Value '{tenant}' at 'tenantId' failed to satisfy constraint: {constraint}"
    assert error_of(invoke, client=shared, tenant=tenant) == (400, "ValidationException", text)


def test_an_alias_and_a_version_isolate_as_their_function_does(shared: Any) -> None:
    shared.publish_version(FunctionName="orders")
    shared.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    assert error_of(shared.invoke, FunctionName="orders:live") == WANTED
    assert result(invoke(shared, "blue", "orders:live")) == "blue"


# -- environments


def test_each_tenant_has_a_cold_start_and_environments_of_its_own(shared: Any, mock: LambdaMock) -> None:
    for tenant in ("blue", "red", "blue", "red", "green"):
        assert result(invoke(shared, tenant)) == tenant

    assert [one.cold for one in mock.invocations("orders")] == [True, True, False, False, True]
    assert [(one.tenant, one.cold, one.warm) for one in mock.function("orders").environments] == [
        ("blue", 1, 1),
        ("red", 1, 1),
        ("green", 1, 0),
    ]
    assert "tenant blue" in repr(mock.function("orders").environments[0])
    assert [one.tenant for one in mock.invocations("orders")] == ["blue", "red", "blue", "red", "green"]


def test_the_globals_of_a_tenant_are_never_anothers(client: Any, mock: LambdaMock) -> None:
    code = zip_of("seen = []\n\ndef handler(event, context):\n    seen.append(context.tenant_id)\n    return seen\n")
    create(client, TenancyConfig=PER_TENANT, Code={"ZipFile": code})
    mock.clock.run_until_idle()
    assert [result(invoke(client, tenant)) for tenant in ("blue", "red", "blue")] == [
        ["blue"],
        ["red"],
        ["blue", "blue"],
    ]


def test_a_function_without_tenancy_has_none_in_its_context(shared: Any, mock: LambdaMock) -> None:
    mock.handler("prices", call=lambda _event, context: context.tenant_id)
    assert result(shared.invoke(FunctionName="prices")) is None
    assert mock.function("prices").environments[0].tenant is None


def test_a_restart_in_the_environment_of_a_tenant_keeps_it(shared: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=[SystemExit(1), "well"])
    invoke(shared, "blue")
    assert result(invoke(shared, "blue")) == "well"
    assert [one.tenant for one in mock.function("orders").environments] == ["blue"]


def test_all_tenants_share_the_concurrency_of_the_function(settled: Any, mock: LambdaMock) -> None:
    create(settled, "shared", TenancyConfig=PER_TENANT)
    mock.clock.run_until_idle()
    settled.put_function_concurrency(FunctionName="shared", ReservedConcurrentExecutions=1)
    inner: list[Any] = []

    def shared(_event: Any, context: Any) -> None:
        if context.tenant_id == "blue":
            inner.append(error_of(invoke, client=settled, tenant="red", name="shared"))

    mock.handler("shared", call=shared)
    invoke(settled, "blue", "shared")
    assert inner[0][:2] == (429, "TooManyRequestsException")
    assert mock.metrics.sum("Throttles", "shared") == 1


def test_an_account_has_only_so_many_environments_of_tenants_idle_ones_included(settled: Any, mock: LambdaMock) -> None:
    create(settled, "shared", TenancyConfig=PER_TENANT)
    mock.clock.run_until_idle()
    mock.handler("shared", returns=None)
    mock.handler("prices", returns=None)
    mock.limits.tenant_environments = 2
    for tenant in ("blue", "red"):
        invoke(settled, tenant, "shared")

    answer = error_of(invoke, client=settled, tenant="green", name="shared")

    assert answer[:2] == (429, "TooManyRequestsException")
    assert invoke(settled, "blue", "shared")["StatusCode"] == 200
    assert settled.invoke(FunctionName="prices")["StatusCode"] == 200
    mock.clock.advance(mock.timings["spin_down"])
    assert invoke(settled, "green", "shared")["StatusCode"] == 200


# -- asynchronous invocations


def test_an_event_keeps_its_tenant_in_every_attempt(shared: Any, mock: LambdaMock) -> None:
    seen: list[str] = []

    def orders(_event: Any, context: Any) -> None:
        seen.append(context.tenant_id)
        if len(seen) < 3:
            raise RuntimeError("no")

    mock.handler("orders", call=orders)
    invoke(shared, "blue", InvocationType="Event")
    mock.clock.run_until_idle()

    assert seen == ["blue"] * 3
    assert [(one.attempt, one.tenant, one.cold) for one in mock.invocations("orders")] == [
        (1, "blue", True),
        (2, "blue", False),
        (3, "blue", False),
    ]


def test_an_event_is_dropped_where_its_function_was_made_anew_without_tenants(shared: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    invoke(shared, "blue", InvocationType="Event")
    shared.delete_function(FunctionName="orders")
    create(shared)
    mock.clock.run_until_idle()
    assert [one.tenant for one in mock.invocations("orders")] == ["blue"]
    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1


def test_what_becomes_of_an_event_with_a_tenant_goes_to_its_destination(shared: Any, mock: LambdaMock) -> None:
    shared.put_function_event_invoke_config(
        FunctionName="orders", DestinationConfig={"OnSuccess": {"Destination": f"{ARN}prices"}}
    )
    invoke(shared, "blue", InvocationType="Event")
    mock.clock.run_until_idle()
    assert json.loads(mock.invocations("prices")[0].payload)["responsePayload"] == "blue"


def test_a_destination_that_isolates_tenants_cannot_be_reached(shared: Any, mock: LambdaMock) -> None:
    shared.put_function_event_invoke_config(
        FunctionName="prices", DestinationConfig={"OnSuccess": {"Destination": f"{ARN}orders"}}
    )
    shared.invoke(FunctionName="prices", InvocationType="Event")
    mock.clock.run_until_idle()
    assert WANTED[2] in str(mock.destinations[0].error)
    assert mock.metrics.sum("DestinationDeliveryFailures", "prices") == 1
    assert mock.invocations("orders") == []


def test_a_durable_execution_runs_for_one_tenant(client: Any, mock: LambdaMock) -> None:
    create(client, TenancyConfig=PER_TENANT, DurableConfig={"ExecutionTimeout": 600})
    mock.clock.run_until_idle()
    seen: list[str] = []

    def orders(event: Any, context: Any) -> Any:
        seen.append(context.tenant_id)
        if len(event["InitialExecutionState"]["Operations"]) > 1:
            return {"Status": "SUCCEEDED", "Result": "1"}
        wait = {"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}
        client.checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"], CheckpointToken=event["CheckpointToken"], Updates=[wait]
        )
        return {"Status": "PENDING"}

    mock.handler("orders", call=orders)
    assert error_of(client.invoke, FunctionName="orders", Qualifier="$LATEST") == WANTED
    invoke(client, "blue", Qualifier="$LATEST")
    assert seen == ["blue", "blue"]


# -- logs and telemetry


def platform(text: str) -> dict[str, dict[str, Any]]:
    """Return the records of the platform's events in a JSON log, by type."""
    lines = [json.loads(line) for line in text.splitlines() if line]
    return {line["type"].partition(".")[2]: line["record"] for line in lines if "type" in line}


def test_a_json_log_names_the_tenant(client: Any, mock: LambdaMock) -> None:
    source = "import logging\n\ndef handler(event, context):\n    logging.getLogger().warning('late')\n"
    logging = {"LogFormat": "JSON", "SystemLogLevel": "DEBUG"}
    create(client, TenancyConfig=PER_TENANT, LoggingConfig=logging, Code={"ZipFile": zip_of(source)})
    mock.clock.run_until_idle()
    invoke(client, "blue")

    log = mock.invocations("orders")[0].log

    records = platform(log)
    assert {kind for kind, record in records.items() if record.get("tenantId") == "blue"} == {
        "start",
        "runtimeDone",
        "report",
    }
    (line,) = [json.loads(line) for line in log.splitlines() if "late" in line]
    assert (line["message"], line["tenantId"]) == ("late", "blue")


def test_a_text_log_does_not(client: Any, mock: LambdaMock) -> None:
    source = "import logging\n\ndef handler(event, context):\n    logging.getLogger().warning('late')\n"
    create(client, TenancyConfig=PER_TENANT, Code={"ZipFile": zip_of(source)})
    mock.clock.run_until_idle()
    invoke(client, "blue")
    assert "late" in mock.invocations("orders")[0].log
    assert "blue" not in mock.invocations("orders")[0].log


def test_a_json_log_without_tenants_names_none(client: Any, mock: LambdaMock) -> None:
    create(client, LoggingConfig={"LogFormat": "JSON"})
    mock.clock.run_until_idle()
    client.invoke(FunctionName="orders")
    assert "tenant" not in mock.invocations("orders")[0].log


def test_extensions_hear_of_the_tenant_by_telemetry_alone(shared: Any, mock: LambdaMock) -> None:
    extension = mock.extension("agent", function="orders", events=["INVOKE"], telemetry=["platform"])
    invoke(shared, "blue")
    told = {one["type"]: one["record"].get("tenantId") for one in extension.telemetry_received}
    assert {kind for kind, tenant in told.items() if tenant == "blue"} == {
        "platform.start",
        "platform.runtimeDone",
        "platform.report",
    }
    assert "blue" not in json.dumps(extension.received)


# -- what does not go with it


def excluded(what: str) -> tuple[int, str, str]:
    text = f"{what} is not supported for functions that are enabled with tenancy configuration."
    return 400, "InvalidParameterValueException", text


def test_neither_provisioned_concurrency_nor_a_url_nor_an_event_source_goes_with_tenants(shared: Any) -> None:
    shared.publish_version(FunctionName="orders")
    shared.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    for qualifier in ("1", "live"):
        assert error_of(
            shared.put_provisioned_concurrency_config,
            FunctionName="orders",
            Qualifier=qualifier,
            ProvisionedConcurrentExecutions=1,
        ) == excluded("Provisioned concurrency")
    for alias in ({}, {"Qualifier": "live"}):
        assert error_of(shared.create_function_url_config, FunctionName="orders", AuthType="NONE", **alias) == excluded(
            "A function URL"
        )
    assert error_of(shared.create_event_source_mapping, FunctionName="orders", EventSourceArn=QUEUE) == excluded(
        "An event source mapping"
    )


def test_a_mapping_cannot_be_moved_to_a_function_that_isolates_tenants(shared: Any, mock: LambdaMock) -> None:
    uuid = shared.create_event_source_mapping(FunctionName="prices", EventSourceArn=QUEUE)["UUID"]
    mock.clock.run_until_idle()
    assert error_of(shared.update_event_source_mapping, UUID=uuid, FunctionName="orders") == excluded(
        "An event source mapping"
    )


def test_snap_start_does_not_go_with_tenants(shared: Any) -> None:
    snap_start = {"ApplyOn": "PublishedVersions"}
    assert error_of(create, client=shared, name="other", TenancyConfig=PER_TENANT, SnapStart=snap_start) == excluded(
        "SnapStart"
    )
    assert error_of(shared.update_function_configuration, FunctionName="orders", SnapStart=snap_start) == excluded(
        "SnapStart"
    )


def test_tenancy_shows_in_every_view_and_stays_through_updates(shared: Any, mock: LambdaMock) -> None:
    shared.update_function_configuration(FunctionName="orders", Timeout=5)
    mock.clock.run_until_idle()
    version = shared.publish_version(FunctionName="orders")
    views = [
        version,
        shared.get_function_configuration(FunctionName="orders"),
        shared.get_function(FunctionName="orders")["Configuration"],
        shared.list_functions()["Functions"][0],
    ]
    assert [view["TenancyConfig"] for view in views] == [PER_TENANT] * 4
    assert "TenancyConfig" not in shared.get_function_configuration(FunctionName="prices")


def test_an_unknown_mode_of_isolation_is_refused(client: Any) -> None:
    code, message = error_of(create, client=client, TenancyConfig={"TenantIsolationMode": "PER_USER"})[1:]
    assert (code, message) == (
        "ValidationException",
        "1 validation error detected: Value 'PER_USER' at 'tenancyConfig.tenantIsolationMode' failed to satisfy "
        "constraint: Member must satisfy enum value set: [PER_TENANT]",
    )


def test_a_tenants_environment_ends_after_its_idle_time(shared: Any, mock: LambdaMock) -> None:
    invoke(shared, "blue")
    mock.clock.advance(timedelta(seconds=mock.timings["spin_down"]))
    assert result(invoke(shared, "blue")) == "blue"
    assert [one.cold for one in mock.invocations("orders")] == [True, True]
