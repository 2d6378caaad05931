"""From a request's FunctionName and Qualifier to the function, version or alias that is meant."""

from __future__ import annotations

from dataclasses import dataclass

from lambda_states_mock.resources.arn import LATEST, Place, function_reference
from lambda_states_mock.resources.function import Alias, Function, Version
from lambda_states_mock.service import Call, Params
from lambda_states_mock.service_errors import FUNCTION_NOT_FOUND, FUNCTIONS_ONLY, QUALIFIER_MISMATCH, ServiceError
from lambda_states_mock.store import Partition


@dataclass(frozen=True, slots=True)
class ResolvedName:
    """What a request names: a function at a place, and perhaps a version or an alias of it."""

    partition: Partition
    name: str
    qualifier: str | None

    @property
    def place(self) -> Place:
        return self.partition.place

    @property
    def arn(self) -> str:
        """The ARN as asked for, qualifier included."""
        return self.place.function_arn(self.name, self.qualifier)

    def not_found(self, qualifier: str | None = None) -> ServiceError:
        """Return AWS's answer for what does not exist; *qualifier* where the request gave none."""
        return FUNCTION_NOT_FOUND.error(arn=self.place.function_arn(self.name, self.qualifier or qualifier))

    def function(self) -> Function:
        """Return the function. Raises ResourceNotFoundException."""
        function = self.partition.functions.get(self.name)
        if function is None:
            raise self.not_found()
        return function

    def function_alone(self) -> Function:
        """Return the function. Raises InvalidParameterValueException where a version or alias of it is named."""
        if self.qualifier is not None:
            raise FUNCTIONS_ONLY.error()
        return self.function()

    def version(self) -> Version:
        """Return the version meant: an alias leads to its main version. Raises ResourceNotFoundException."""
        alias = self.alias()
        number = alias.function_version if alias is not None else self.qualifier or LATEST
        version = self.partition.version(self.name, number)
        if version is None:
            raise self.not_found()
        return version

    def latest(self) -> Version:
        """Return the unpublished version. Raises ResourceNotFoundException."""
        version = self.partition.version(self.name, LATEST)
        if version is None:
            raise self.not_found()
        return version

    def alias(self) -> Alias | None:
        """Return the alias meant, if the qualifier is one."""
        return self.partition.aliases.get((self.name, self.qualifier)) if self.qualifier else None


def named(call: Call, params: Params, *, qualifier: str | None = None) -> ResolvedName:
    """Return what *params* name by FunctionName and Qualifier; *qualifier*, in place of the parameter.

    Raises InvalidParameterValueException where the name's qualifier and the parameter disagree.
    """
    return reference(call, params["FunctionName"], qualifier or params.get("Qualifier"))


def reference(call: Call, text: str, qualifier: str | None = None) -> ResolvedName:
    """Return what *text*, a name or ARN, and *qualifier* name."""
    parsed = function_reference(text)
    if parsed is None:
        raise FUNCTION_NOT_FOUND.error(arn=call.place.function_arn(text, qualifier))
    if parsed.qualifier and qualifier and parsed.qualifier != qualifier:
        raise QUALIFIER_MISMATCH.error()
    if parsed.region and parsed.region != call.place.region:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Functions from '{parsed.region}' are not reachable in this region ('{call.place.region}')",
        )
    place = Place(parsed.account or call.place.account, call.place.region)
    return ResolvedName(call.at(place), parsed.name, parsed.qualifier or qualifier)
