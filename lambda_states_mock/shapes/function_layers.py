"""From the ``Layers`` of a function to the layer versions that they name."""

from __future__ import annotations

from collections.abc import Sequence

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_layer
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.code import Code, unzipped_size
from lambda_states_mock.resources.function import Configuration, Layer
from lambda_states_mock.resources.layer import layer_reference
from lambda_states_mock.service import Call


def layers_of(call: Call, arns: Sequence[str]) -> tuple[Layer, ...]:
    """Return the layer versions that a function in *call*'s place names by *arns*.

    Layers of other accounts are accepted. Where that account has them in this mock, their policies have to share them,
    and the function has their content; else it is without.
    Raises InvalidParameterValueException for too many, for one that is not there, and for one named twice.
    """
    if len(arns) > call.service.limits.layers:
        raise texts.TOO_MANY_LAYERS.error(limit=call.service.limits.layers)
    first: dict[str, str] = {}
    for arn in arns:
        layer = arn.rpartition(":")[0]
        if layer in first:
            raise texts.LAYER_TWICE.error(first=first[layer], second=arn)
        first[layer] = arn
    return tuple(_layer(call, arn) for arn in arns)


def _layer(call: Call, arn: str) -> Layer:
    reference = layer_reference(arn)
    if reference is None or reference.version is None:  # one of AWS's own
        return Layer(arn)
    if reference.region != call.place.region:
        raise texts.LAYER_IN_OTHER_REGION.error(region=call.place.region)
    account = reference.account or call.place.account
    partition = call.service.store.at(Place(account, call.place.region))
    version = partition.layer_versions.get((reference.name, -reference.version))
    if version is not None:
        if account != call.place.account:
            service, number = call.service, reference.version
            check_layer(service.world, service.store, "GetLayerVersion", account, reference.name, number, call.place)
        return Layer(arn, version.code.size, version.code.zip)
    if account == call.place.account:
        raise texts.UNKNOWN_LAYER_VERSION.error(arn=arn)
    return Layer(arn)


def check_unzipped_total(call: Call, configuration: Configuration, code: Code) -> None:
    """Raise InvalidParameterValueException if *code* and its layers together unpack to more than is allowed."""
    contents = [layer.content for layer in configuration.layers if layer.content is not None]
    if code.zip is None or not contents:
        return
    limit = call.service.limits.unzipped_bytes
    size = sum(unzipped_size(content) or 0 for content in (code.zip, *contents))
    if size > limit:
        raise texts.UNZIPPED_WITH_LAYERS_TOO_LARGE.error(limit=limit, size=size)
