"""The API's operations: one module for each family of resources, functions named as the client's methods."""

from importlib import import_module
from pkgutil import iter_modules

from lambda_states_mock.operations.registry import BUILT

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)  # each registers its operations

__all__ = ["BUILT"]
