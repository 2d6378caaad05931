"""The environment variables that a function sees: its own, and all those that Lambda sets.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html ; the values are those recorded inside of
functions.
"""

from __future__ import annotations

from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.resources.runtime import family_of
from lambda_states_mock.states.execution_environment import InitializationType

TASK_ROOT = "/var/task"
RUNTIME_API = "169.254.100.1:9001"
CREDENTIALS_URI = f"http://{RUNTIME_API}/2021-04-23/credentials"
XRAY_DAEMON = "169.254.100.1:2000"

# Not reserved: a function may set them otherwise.
_DEFAULTS = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": XRAY_DAEMON,
    "_AWS_XRAY_DAEMON_ADDRESS": XRAY_DAEMON.partition(":")[0],
    "_AWS_XRAY_DAEMON_PORT": XRAY_DAEMON.partition(":")[2],
}


_STARTED_BY_A_SHELL = frozenset({"python", "nodejs", "ruby", "dotnet"})
_PYTHON_WITH_LOCALE = (3, 12)
_WITH_OLD_NAMES = frozenset({"java8.al2", "java11"})  # of the credentials


def variables(
    spec: EnvironmentSpec, *, session: RoleSession, log_stream: str, task_root: str = TASK_ROOT
) -> dict[str, str]:
    """Return the variables of one execution environment of *spec*; ``_X_AMZN_TRACE_ID`` comes with each invocation.

    Parameters: *session*, of the role, with its credentials; *log_stream*, of the environment; *task_root*, where the
    code really is: a function opens files by ``LAMBDA_TASK_ROOT``.
    """
    return {
        **_DEFAULTS,
        **_of_the_runtime(spec.configuration.runtime or ""),
        **(spec.configuration.environment or {}),
        **_reserved(spec, log_stream, task_root),
        **_credentials(spec, session),
    }


def _credentials(spec: EnvironmentSpec, session: RoleSession) -> dict[str, str]:
    if spec.initialization_type is InitializationType.SNAP_START:  # one snapshot, many credentials
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": CREDENTIALS_URI,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": session.authorization_token,
        }
    key = session.access_key_id
    secret, token = session.secret_access_key, session.session_token
    own = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
    if spec.configuration.runtime in _WITH_OLD_NAMES:
        return {**own, "AWS_ACCESS_KEY": key, "AWS_SECRET_KEY": secret}
    return own


def _of_the_runtime(runtime: str) -> dict[str, str]:
    """Return what a runtime of this name finds beside all that is the same everywhere (recorded)."""
    kind, version = family_of(runtime)
    found = {"PWD": TASK_ROOT, "SHLVL": "0"} if kind in _STARTED_BY_A_SHELL else {}
    if kind == "python":
        found["PYTHONPATH"] = "/var/runtime"
        if version >= _PYTHON_WITH_LOCALE:
            found["LC_CTYPE"] = "C.UTF-8"
    if kind == "nodejs":
        modules = f"/opt/nodejs/node{version[0]}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules"
        found["NODE_PATH"] = f"{modules}:/var/runtime:/var/task"
    return found


def _reserved(spec: EnvironmentSpec, log_stream: str, task_root: str) -> dict[str, str]:
    reserved = {
        "_HANDLER": spec.configuration.handler or "",
        "AWS_REGION": spec.version.place.region,
        "AWS_DEFAULT_REGION": spec.version.place.region,
        "AWS_LAMBDA_FUNCTION_NAME": spec.version.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.configuration.memory_size),
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version.number,
        "AWS_LAMBDA_INITIALIZATION_TYPE": spec.initialization_type.value,
        "AWS_LAMBDA_RUNTIME_API": RUNTIME_API,
        "LAMBDA_TASK_ROOT": task_root,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
    }
    if spec.logging.format == "JSON":
        reserved["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        reserved["AWS_LAMBDA_LOG_LEVEL"] = spec.logging.application_level or "INFO"
    if spec.configuration.runtime is not None and not spec.configuration.runtime.startswith("provided"):
        reserved["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{spec.configuration.runtime}"
    if spec.initialization_type is not InitializationType.SNAP_START:  # one snapshot, many log streams
        reserved["AWS_LAMBDA_LOG_GROUP_NAME"] = spec.logging.group
        reserved["AWS_LAMBDA_LOG_STREAM_NAME"] = log_stream
    return reserved
