"""The deployers of public tools, as they are: each deploys one function, or updates it where it is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tests.clients.deploying import REGION, package, session

NAME = "shop-dev"
ROLE = "arn:aws:iam::123456789012:role/runner"


def chalice() -> None:
    client = _chalice()
    if client.lambda_function_exists(NAME):
        client.update_function(NAME, package("new"), environment_variables={"STAGE": "prod"}, timeout=20)
    else:
        client.create_function(
            function_name=NAME, role_arn=ROLE, zip_contents=package("new"), runtime="python3.12", handler="app.handler"
        )


@cache
def _chalice() -> Any:
    import botocore.session
    from chalice.awsclient import TypedAWSClient

    made = botocore.session.Session()
    made.set_config_variable("region", REGION)
    made.set_credentials("testing", "testing")
    return TypedAWSClient(made)


def zappa() -> None:
    tool = _zappa()
    if tool.get_lambda_function_versions(NAME):
        tool.update_lambda_function("zappa-packages", NAME, s3_key="shop.zip")
    else:
        tool.create_lambda_function(
            bucket="zappa-packages", s3_key="shop.zip", function_name=NAME, handler="app.handler", runtime="python3.12"
        )


@cache
def _zappa() -> Any:
    from zappa.core import Zappa

    made = Zappa(boto_session=session(), runtime="python3.12")
    made.credentials_arn = ROLE
    return made


def c7n() -> None:
    from c7n.mu import LambdaFunction, LambdaManager, PythonPackageArchive

    archive = PythonPackageArchive()
    archive.add_contents("app.py", "def handler(event, context):\n    return 'new'\n")
    archive.close()
    described = {
        "name": NAME,
        "handler": "app.handler",
        "runtime": "python3.12",
        "description": "sweeps",
        "memory_size": 256,
        "timeout": 60,
        "role": ROLE,
    }
    try:
        LambdaManager(session).publish(LambdaFunction(described, archive))
    finally:
        archive.remove()


TOOLS: tuple[Callable[[], None], ...] = (chalice, zappa, c7n)
