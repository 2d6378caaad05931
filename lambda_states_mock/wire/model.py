"""The installed botocore's model of Lambda: the source of routes, members, constraints and errors.

botocore is imported on first use, so that importing this package costs a test run nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lambda_states_mock.errors import UnknownNameError, nearest

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape


@cache
def lambda_model() -> ServiceModel:
    """Return botocore's service model of Lambda, loaded once per process."""
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    return ServiceModel(create_loader().load_service_model("lambda", "service-2"), "lambda")


@cache
def regions() -> frozenset[str]:
    """Return the regions of AWS that the installed botocore knows, in all partitions."""
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"] if "global" not in region)


@cache
def operation_model(operation: str) -> OperationModel:
    """Return the model of *operation*; UnknownNameError when the installed botocore has none of that name."""
    __tracebackhide__ = True
    service = lambda_model()
    if operation not in service.operation_names:
        hint = nearest(operation, service.operation_names)
        hint = f":{hint}" if hint else '. They have names such as "CreateFunction"; phases are chosen with on_phase().'
        raise UnknownNameError(f'the installed botocore knows no Lambda operation "{operation}"{hint}')
    return service.operation_model(operation)


def members_of(shape: Shape | None) -> dict[str, Any]:
    """Return the members of a structure by name; none for an operation without that shape."""
    return dict(shape.members) if shape is not None else {}  # type: ignore[attr-defined]


def location_of(shape: Shape) -> str | None:
    """Return where outside the body a member travels: uri, querystring, header, headers, statusCode, or None."""
    location: str | None = shape.serialization.get("location")
    return location


def wire_name(shape: Shape, member: str) -> str:
    """Return the name that *member* has on the wire."""
    name: str = shape.serialization.get("name", member)
    return name


@cache
def enum_of(shape: str) -> frozenset[str]:
    """Return the values of the model's enumeration *shape*, e.g. of ``StateReasonCode``."""
    return frozenset(lambda_model().shape_for(shape).enum)  # type: ignore[attr-defined]


def is_service_fault(code: str) -> bool:
    """Tell whether the modelled error *code* is a fault of AWS: HTTP 5xx."""
    status = lambda_model().shape_for(code).metadata.get("error", {}).get("httpStatusCode", 400)
    return bool(status >= 500)


@cache
def modelled_errors(operation: str) -> frozenset[str]:
    """Return the codes of the errors that *operation* declares; ``"*"``: of all that Lambda has.

    Raises UnknownNameError for what is no operation.
    """
    __tracebackhide__ = True
    shapes = lambda_model().error_shapes if operation == "*" else operation_model(operation).error_shapes
    return frozenset(shape.name for shape in shapes)


@cache
def parameters_of(operation: str) -> frozenset[str]:
    """Return the names of the parameters of *operation*; ``"*"``: of all that Lambda has."""
    __tracebackhide__ = True
    operations = lambda_model().operation_names if operation == "*" else [operation]
    return frozenset(name for one in operations for name in members_of(operation_model(one).input_shape))
