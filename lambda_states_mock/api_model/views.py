"""Views of a service model's data, which have the form of botocore's ``service-2.json``. They are made on demand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

Traits = Mapping[str, Any]

DEFAULT_STATUS = 200
_NOTHING: Traits = {"type": "structure"}


class Shape:
    """A shape, as the place that refers to it has it: what the reference says wins over what the shape says.

    Attributes:
        name: the shape's own name, not that of the member that has it.
        type_name: structure, list, map, string, blob, timestamp, boolean, integer, long, float, double.
        traits: all that the model says of it, by the model's words: ``max``, ``pattern``, ``required``, ``payload`` ...
        location: where outside the body it travels: uri, querystring, header, headers, statusCode; None: in the body.
    """

    def __init__(self, model: ApiModel, name: str, traits: Traits) -> None:
        self.name = name
        self.type_name: str = traits["type"]
        self.traits = traits
        self.location: str | None = traits.get("location")
        self._model = model

    @cached_property
    def members(self) -> Mapping[str, Shape]:
        """The members of a structure by name, in the model's order; none for another type."""
        refer = self._model.referred_to
        return {name: refer(reference) for name, reference in self.traits.get("members", {}).items()}

    @cached_property
    def member(self) -> Shape:
        """What a list holds; KeyError for another type."""
        return self._model.referred_to(self.traits["member"])

    @cached_property
    def key(self) -> Shape:
        """The keys of a map; KeyError for another type."""
        return self._model.referred_to(self.traits["key"])

    @cached_property
    def value(self) -> Shape:
        """The values of a map; KeyError for another type."""
        return self._model.referred_to(self.traits["value"])

    @property
    def required(self) -> frozenset[str]:
        """The names of the members that a structure must have."""
        return frozenset(self.traits.get("required", ()))

    @property
    def error_status(self) -> int | None:
        """The HTTP status of an error; None where the model has none."""
        status: int | None = self.traits.get("error", {}).get("httpStatusCode")
        return status

    def wire_name(self, member: str) -> str:
        """Return the name on the wire of this shape as the member called *member*."""
        name: str = self.traits.get("locationName", member)
        return name

    def __repr__(self) -> str:
        return f"<Shape {self.name}: {self.type_name}>"


class ModelledOperation:
    """An operation of the model.

    Attributes:
        name: AWS's name of it; method: the HTTP method; uri: the path, with ``{Labels}``, and literal query parts.
        status: the HTTP status of its answer, where no member carries that.
    """

    def __init__(self, model: ApiModel, name: str, traits: Traits) -> None:
        self.name = name
        self.method: str = traits["http"]["method"]
        self.uri: str = traits["http"]["requestUri"]
        self.status: int = traits["http"].get("responseCode", DEFAULT_STATUS)
        self._model = model
        self._traits = traits

    @cached_property
    def input_shape(self) -> Shape:
        """The structure of its parameters: without members when it takes none."""
        return self._referred_to("input")

    @cached_property
    def output_shape(self) -> Shape:
        """The structure of its result: without members when it answers nothing."""
        return self._referred_to("output")

    @property
    def errors(self) -> tuple[str, ...]:
        """The names of the errors that it declares."""
        return tuple(reference["shape"] for reference in self._traits.get("errors", ()))

    def _referred_to(self, part: str) -> Shape:
        return self._model.referred_to(self._traits[part]) if part in self._traits else Shape(self._model, "", _NOTHING)

    def __repr__(self) -> str:
        return f"<ModelledOperation {self.name}: {self.method} {self.uri}>"


class ApiModel:
    """The model of a service.

    Parameters: *data*, in the form of ``service-2.json``; only its ``operations`` and ``shapes`` are looked at.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._operations: Mapping[str, Traits] = data["operations"]
        self._shapes: Mapping[str, Traits] = data["shapes"]

    @property
    def operation_names(self) -> tuple[str, ...]:
        """The names of all operations."""
        return tuple(self._operations)

    @property
    def shape_names(self) -> tuple[str, ...]:
        """The names of all shapes."""
        return tuple(self._shapes)

    @cached_property
    def error_names(self) -> tuple[str, ...]:
        """The names of all errors."""
        return tuple(name for name, traits in self._shapes.items() if traits.get("exception"))

    def __contains__(self, operation: object) -> bool:
        """Tell whether *operation* is the name of one."""
        return operation in self._operations

    def operation(self, name: str) -> ModelledOperation:
        """Return the operation called *name*; KeyError when there is none."""
        return ModelledOperation(self, name, self._operations[name])

    def shape(self, name: str) -> Shape:
        """Return the shape called *name*; KeyError when there is none."""
        return Shape(self, name, self._shapes[name])

    def error(self, code: str) -> Shape | None:
        """Return the shape of the error *code*; None for a code that the model does not have."""
        for name in self.error_names:
            if self._shapes[name].get("error", {}).get("code", name) == code:
                return self.shape(name)
        return None

    def referred_to(self, reference: Traits) -> Shape:
        """Return the shape that *reference* names, with the traits that it adds."""
        name = reference["shape"]
        added = {trait: value for trait, value in reference.items() if trait != "shape"}
        return Shape(self, name, {**self._shapes[name], **added} if added else self._shapes[name])
