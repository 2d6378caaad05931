"""AWS Lambda's API as data of our own: operations, routes, shapes, constraints, errors, enumerations, regions.

The data come from botocore's model, without its texts, and do not depend on the botocore that is installed: that one is
the client's. ``scripts/make_api_model.py`` makes them anew.
"""

from lambda_states_mock.api_model.of_lambda import (
    botocore_version,
    enum_of,
    is_service_fault,
    lambda_model,
    members_of_error,
    model_date,
    modelled_errors,
    operation_model,
    origin,
    parameters_of,
    regions,
)
from lambda_states_mock.api_model.views import ApiModel, ModelledOperation, Shape

__all__ = [
    "ApiModel",
    "ModelledOperation",
    "Shape",
    "botocore_version",
    "enum_of",
    "is_service_fault",
    "lambda_model",
    "members_of_error",
    "model_date",
    "modelled_errors",
    "operation_model",
    "origin",
    "parameters_of",
    "regions",
]
