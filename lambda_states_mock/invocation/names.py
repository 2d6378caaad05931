"""From a name and a qualifier to the function, version or alias that is meant."""

from __future__ import annotations

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST, Place, function_reference
from lambda_states_mock.resources.function import Alias, Function, Version
from lambda_states_mock.service_errors import FUNCTION_NOT_FOUND, FUNCTIONS_ONLY, ServiceError
from lambda_states_mock.store import Partition, Store


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

    def arn_of(self, version: Version) -> str:
        """Return the ARN as asked for, where it leads to *version*."""
        return version.arn if self.qualifier is None else self.arn

    def not_found(self, qualifier: str | None = None) -> ServiceError:
        """Return AWS's answer for what does not exist; *qualifier* where the request gave none."""
        return FUNCTION_NOT_FOUND.error(arn=self.place.function_arn(self.name, self.qualifier or qualifier))

    def function(self, missing: str | None = None) -> Function:
        """Return the function. Raises ResourceNotFoundException.

        Parameters: *missing*, the qualifier that the error names. None: the function alone is missing, whatever
        qualifier was asked for (recorded of DeleteFunction).
        """
        function = self.partition.functions.get(self.name)
        if function is None:
            raise FUNCTION_NOT_FOUND.error(arn=self.place.function_arn(self.name, missing))
        return function

    def function_alone(self, missing: str | None = None) -> Function:
        """Return the function. Raises as `function`, and InvalidParameterValueException where a version is named."""
        if self.qualifier is not None:
            raise FUNCTIONS_ONLY.error()
        return self.function(missing)

    def version(self) -> Version:
        """Return the version meant: an alias leads to its main version. Raises ResourceNotFoundException."""
        number = LATEST
        if self.qualifier:
            alias = self.alias()
            number = alias.function_version if alias is not None else self.qualifier
        version = self.partition.version(self.name, number)
        if version is None:
            raise self.not_found()
        return version

    def latest(self) -> Version:
        """Return the unpublished version. Raises ResourceNotFoundException."""
        version = self.partition.version(self.name, LATEST)
        if version is None:
            raise FUNCTION_NOT_FOUND.error(arn=self.place.function_arn(self.name))
        return version

    def alias(self) -> Alias | None:
        """Return the alias meant, if the qualifier is one."""
        return self.partition.aliases.get((self.name, self.qualifier)) if self.qualifier else None


def named_in(store: Store, text: str, home: Place) -> ResolvedName | None:
    """Return what *text*, a name or an ARN, names in *store*; None for what is neither.

    Parameters: *home*, where a function is whose account or region *text* does not say.
    """
    reference = function_reference(text)
    if reference is None:
        return None
    place = Place(reference.account or home.account, reference.region or home.region)
    return ResolvedName(store.at(place), reference.name, reference.qualifier)
