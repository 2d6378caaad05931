"""What calls of their own set for a function.

That is when its runtime is brought up to date (by itself, with the function, or never), and whether a function that
invokes itself in a circle is stopped.
"""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import RUNTIME_VERSION_UNWANTED, RUNTIME_VERSION_WANTED
from lambda_states_mock.shapes.views import given
from lambda_states_mock.states import last_update


@operation("GetRuntimeManagementConfig")
def get_runtime_management_config(call: Call, params: Params) -> View:
    return runtime_management_view(call.named(params).version())


@operation("PutRuntimeManagementConfig")
def put_runtime_management_config(call: Call, params: Params) -> View:
    wanted, mode, arn = call.named(params), params["UpdateRuntimeOn"], params.get("RuntimeVersionArn")
    if mode == "Manual" and arn is None:
        raise RUNTIME_VERSION_WANTED.error()
    if mode != "Manual" and arn is not None:
        raise RUNTIME_VERSION_UNWANTED.error()
    version = wanted.version()  # (I) what is sent is looked at before what it is for
    if version.number == LATEST:
        call.service.lifecycles.check_update(version, last_update.UpdateEvent.UPDATE_ASKED)
    configuration, live_configuration = (
        replace(one, update_runtime_on=mode, runtime_version_arn=arn)
        for one in (version.configuration, version.live_configuration)
    )
    version = replace(version, configuration=configuration, live_configuration=live_configuration)
    wanted.partition.put(version)
    return runtime_management_view(version)


def runtime_management_view(version: Version) -> View:
    """Return how the runtime of *version* is kept up to date; RuntimeVersionArn only where one was chosen."""
    view = {
        "UpdateRuntimeOn": version.configuration.update_runtime_on,
        "FunctionArn": version.place.function_arn(version.name, version.number),
        "RuntimeVersionArn": version.configuration.runtime_version_arn,
    }
    return given(view)


@operation("GetFunctionRecursionConfig")
def get_function_recursion_config(call: Call, params: Params) -> View:
    return {"RecursiveLoop": call.named(params).function().recursive_loop}


@operation("PutFunctionRecursionConfig")
def put_function_recursion_config(call: Call, params: Params) -> View:
    wanted, loop = call.named(params), params["RecursiveLoop"]
    wanted.partition.functions.put(wanted.name, replace(wanted.function(), recursive_loop=loop))
    return {"RecursiveLoop": loop}
