"""Live views of durable executions, ``m.durable("orders")``: run one, answer its callbacks, see what it has done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.backend import Backend
from lambda_states_mock.engine.operation_faults import OperationPlace
from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, WrongStateError, nearest
from lambda_states_mock.instants import iso_seconds
from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.invocation.durable.views import event_view, operation_view
from lambda_states_mock.resources.arn import LATEST, Place, function_reference
from lambda_states_mock.resources.durable_execution import LONGEST, DurableOperation
from lambda_states_mock.states.durable_execution import OPEN_STATES
from lambda_states_mock.states.durable_operation import OperationStatus
from lambda_states_mock.store import Partition

_FOR_SOMEBODY = frozenset({OperationStatus.OPEN, OperationStatus.TIMED})


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation of an execution, as it was when it was looked up.

    Attributes: *details*, as the API has the operation; *children*, the operations inside of it.
    """

    details: Mapping[str, Any]
    children: tuple[OperationView, ...]

    @property
    def id(self) -> str:
        return str(self.details["Id"])

    @property
    def name(self) -> str | None:
        return self.details.get("Name")

    @property
    def type(self) -> str:
        """``STEP``, ``CONTEXT``, ``WAIT``, ``CALLBACK`` or ``CHAINED_INVOKE``."""
        return str(self.details["Type"])

    @property
    def sub_type(self) -> str | None:
        return self.details.get("SubType")

    @property
    def status(self) -> str:
        """``STARTED``, ``PENDING``, ``READY``, ``SUCCEEDED`` ..."""
        return str(self.details["Status"])

    @property
    def attempts(self) -> int:
        """How many attempts of a step are over."""
        return int(self._own.get("Attempt", 0))

    @property
    def result(self) -> Any:
        """The result, parsed where it is JSON; None without one."""
        return _parsed(self._own.get("Result"))

    @property
    def error(self) -> Mapping[str, Any] | None:
        return self._own.get("Error")

    @property
    def due(self) -> datetime | None:
        """When it ends or goes on by itself: a wait, a step before its next attempt."""
        return self._own.get("ScheduledEndTimestamp") or self._own.get("NextAttemptTimestamp")

    @property
    def _own(self) -> Mapping[str, Any]:
        return next((value for member, value in self.details.items() if member.endswith("Details")), {})

    def _line(self) -> str:
        attempts = f" after {self.attempts} attempts" if self.attempts > 1 else ""
        due = f", due {iso_seconds(self.due)}" if self.due is not None and self.status != "SUCCEEDED" else ""
        return f"{self.name or self.id}  {self.sub_type or self.type}  {self.status}{attempts}{due}"


class Operations(Sequence[OperationView]):
    """The operations of an execution: a tree, which prints as one. Indexed, those of the top; `named` finds all."""

    def __init__(self, top: Sequence[OperationView]) -> None:
        self._top = tuple(top)

    def __getitem__(self, index: Any) -> Any:
        return self._top[index]

    def __len__(self) -> int:
        return len(self._top)

    def walk(self) -> Iterator[tuple[int, OperationView]]:
        """Yield each operation with its depth, those inside of a context behind it."""

        def below(views: Sequence[OperationView], depth: int) -> Iterator[tuple[int, OperationView]]:
            for view in views:
                yield depth, view
                yield from below(view.children, depth + 1)

        return below(self._top, 0)

    def named(self, name: str) -> OperationView:
        """Return the first operation with that *name* or id, at any depth. Raises UnknownNameError if there is none."""
        __tracebackhide__ = True
        known = []
        for _, view in self.walk():
            if name in (view.name, view.id):
                return view
            known.append(view.name or view.id)
        raise UnknownNameError(f'no operation "{name}":{nearest(name, known)} There are: {", ".join(known) or "none"}.')

    def __str__(self) -> str:
        return "\n".join(f"{'  ' * depth}{view._line()}" for depth, view in self.walk())  # noqa: SLF001 - of this module

    __repr__ = __str__


class CallbackView(NamesWhatItHas):
    """A callback that an execution waits for. Parameters: the *backend*, the *partition*, and its *id*."""

    def __init__(self, backend: Backend, place: Place, callback_id: str) -> None:
        self._backend = backend
        self._place = place
        self.id = callback_id

    def succeed(self, result: Any = None) -> None:
        """Answer it with *result*: bytes or text as they are, None for none, anything else as JSON.

        Raises ServiceError where AWS refuses the answer: the callback is closed.
        """
        sent = result if isinstance(result, (bytes, str, type(None))) else json.dumps(result)
        given = {} if sent is None else {"Result": sent.encode() if isinstance(sent, str) else sent}
        self._call("SendDurableExecutionCallbackSuccess", given)

    def fail(self, error_type: str = "CallbackError", message: str = "failed by the test") -> None:
        """Let it fail with an error of *error_type* and *message*. Raises as `succeed`."""
        error = {"ErrorType": error_type, "ErrorMessage": message}
        self._call("SendDurableExecutionCallbackFailure", {"Error": error})

    def heartbeat(self) -> None:
        """Let it be heard of. Raises as `succeed`."""
        self._call("SendDurableExecutionCallbackHeartbeat", {})

    def _call(self, operation: str, params: Mapping[str, Any]) -> None:
        account, region = self._place
        self._backend.call(operation, {"CallbackId": self.id, **params}, region=region, account=account)


class ExecutionView(NamesWhatItHas):
    """A live view of one durable execution. Parameters: the *backend* and the execution."""

    def __init__(self, backend: Backend, durable: Durable) -> None:
        self._backend = backend
        self._durable = durable
        self.arn: str = durable.record.arn
        self.name: str = durable.record.name

    def __repr__(self) -> str:
        return f"<durable execution {self.name} of {self._durable.key[0]}: {self.status}>"

    @property
    def status(self) -> str:
        """``RUNNING``, ``PAUSED``, ``SUCCEEDED``, ``FAILED`` ...; ``ABSENT`` once it is no longer kept."""
        self._backend.clock.catch_up()
        return self._durable.state.name

    @property
    def input(self) -> Any:
        """The input, parsed where it is JSON."""
        return _parsed(self._durable.record.payload)

    @property
    def result(self) -> Any:
        """The result, parsed where it is JSON. Raises WrongStateError, with the operations, unless it has succeeded."""
        __tracebackhide__ = True
        if self.status != "SUCCEEDED":
            told = "" if self.error is None else f": {self.error.get('ErrorType')}: {self.error.get('ErrorMessage')}"
            raise WrongStateError(
                f"{self!r} has no result{told}\n"
                f"{self.operations}\n  Its history is in .history; .error is what it has failed with."
            )
        return _parsed(self._durable.record.result)

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The error of one that has not succeeded: ``ErrorType``, ``ErrorMessage`` ...; None without one."""
        return self._durable.record.error

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events, as GetDurableExecutionHistory answers them."""
        record = self._durable.record
        return [event_view(record, event, data=True) for event in self._durable.history]

    @property
    def event_types(self) -> list[str]:
        """The types of the events in the history, in order."""
        return [event.type for event in self._durable.history]

    @property
    def operations(self) -> Operations:
        """The operations, as a tree."""
        inside: dict[str | None, list[DurableOperation]] = {}
        for one in self._durable.operations:
            inside.setdefault(one.parent_id, []).append(one)

        def views(parent: str | None) -> tuple[OperationView, ...]:
            return tuple(
                OperationView(operation_view(self._durable, one), views(one.id)) for one in inside.get(parent, ())
            )

        return Operations(views(None))

    def operation(self, name: str) -> OperationView:
        """Return the operation called *name*, or with that id, at any depth. Raises UnknownNameError for none."""
        __tracebackhide__ = True
        return self.operations.named(name)

    @property
    def waits_for(self) -> list[str]:
        """The names of what it waits for: callbacks, waits, retries, chained invocations."""
        durable = self._durable
        return [_names_of(one, durable.operation(one.parent_id or ""))[0] for one in durable.awaited()]

    def callback(self, name: str) -> CallbackView:
        """Return the open callback called *name*, also inside of a wait-for-callback of that name.

        Raises UnknownNameError if there is no such callback, WrongStateError if it is closed.
        """
        __tracebackhide__ = True
        durable = self._durable
        callbacks = [one for one in durable.operations if one.type == "CALLBACK"]
        asked = {one.id: durable.operation(one.parent_id or "") for one in callbacks}
        found = [one for one in callbacks if name in _names_of(one, asked[one.id])]
        if not found:
            known = sorted({known for one in callbacks for known in _names_of(one, asked[one.id])[:1]})
            raise UnknownNameError(
                f'no callback "{name}" in {self!r}:{nearest(name, known)} There are: {", ".join(known) or "none"}.'
            )
        still_open = [one for one in found if durable.status_of(one) in _FOR_SOMEBODY]
        if not still_open:
            raise WrongStateError(f'the callback "{name}" of {self!r} is closed: {durable.status_of(found[-1]).name}')
        return CallbackView(self._backend, durable.partition.place, still_open[-1].callback_id or "")

    def go_on(self, *, within: float | timedelta = LONGEST) -> ExecutionView:
        """Move the clock until it has ended, or waits for somebody: a callback, or to be resumed. Return itself.

        Parameters: *within*, how far at most, in seconds or as a timedelta.

        Raises ClockError if neither comes within that time.
        """
        __tracebackhide__ = True
        self._backend.clock.advance_until(self._rests, within=within)
        return self

    def _rests(self) -> bool:
        durable = self._durable
        if durable.state not in OPEN_STATES or durable.state.name == "PAUSED":
            return True
        record = durable.record
        if record.invoked or record.woken:
            return False
        awaited = durable.awaited()
        return bool(awaited) and all(durable.status_of(one) in _FOR_SOMEBODY for one in awaited)

    def stop(self, error_type: str | None = None, message: str | None = None) -> None:
        """Stop it, with an error of *error_type* and *message*."""
        error = {"ErrorType": error_type, "ErrorMessage": message}
        given = {member: value for member, value in error.items() if value is not None}
        self._call("StopDurableExecution", {"Error": given} if given else {})

    def pause(self, reason: str | None = None) -> None:
        """Ask for a pause: it is paused as soon as Lambda has processed that. Raises ServiceError as AWS does."""
        self._call("PauseDurableExecution", {} if reason is None else {"Reason": reason})

    def resume(self, reason: str | None = None) -> None:
        """Ask for it to go on. Raises ServiceError as AWS does."""
        self._call("ResumeDurableExecution", {} if reason is None else {"Reason": reason})

    def _call(self, operation: str, params: Mapping[str, Any]) -> None:
        account, region = self._durable.partition.place
        self._backend.call(operation, {"DurableExecutionArn": self.arn, **params}, region=region, account=account)


class DurableView(NamesWhatItHas):
    """The durable executions of one function. Parameters: the *backend*, its *place*, *name* and *qualifier*."""

    def __init__(self, backend: Backend, place: Place, name: str, qualifier: str) -> None:
        self._backend = backend
        self._place = place
        self.name = name
        self.qualifier = qualifier

    def __repr__(self) -> str:
        return f"<durable executions of {self.name}: {len(self.executions)}>"

    @property
    def _partition(self) -> Partition:
        return self._backend.service.store.at(self._place)

    @property
    def executions(self) -> list[ExecutionView]:
        """The executions of all versions that are still kept, oldest first."""
        runs = self._backend.service.durable
        return [
            ExecutionView(self._backend, Durable(runs, self._partition, one.key))
            for one in self._partition.durable_executions.under((self.name,))
        ]

    def execution(self, which: str) -> ExecutionView:
        """Return the execution called *which*, or with that ARN. Raises UnknownNameError if there is none."""
        __tracebackhide__ = True
        executions = self.executions
        for one in executions:
            if which in (one.name, one.arn):
                return one
        known = [one.name for one in executions]
        raise UnknownNameError(
            f'no durable execution "{which}" of {self.name}:{nearest(which, known)} '
            f"There are: {', '.join(known) or 'none'}."
        )

    @property
    def latest(self) -> ExecutionView:
        """The execution that began last. Raises UnknownNameError if there is none."""
        __tracebackhide__ = True
        executions = self.executions
        if not executions:
            raise UnknownNameError(
                f'no durable execution of {self.name}\n  Begin one:  m.durable("{self.name}").run(...)'
            )
        return executions[-1]

    def start(self, payload: Any = None, *, name: str | None = None) -> ExecutionView:
        """Begin an execution and return its view: as an asynchronous Invoke does.

        Parameters: *payload*, bytes as they are, anything else as JSON; *name*, of the execution.
        Raises ServiceError where AWS refuses the Invoke.
        """
        given = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        params: dict[str, Any] = {"FunctionName": self.name, "Qualifier": self.qualifier, "InvocationType": "Event"}
        if payload is not None:
            params["Payload"] = given
        if name is not None:
            params["DurableExecutionName"] = name
        answer = self._backend.call("Invoke", params, region=self._place.region, account=self._place.account)
        return self.execution(answer["DurableExecutionArn"])

    def run(
        self, payload: Any = None, *, name: str | None = None, within: float | timedelta = LONGEST
    ) -> ExecutionView:
        """Begin an execution and move the clock to its end, or to where it waits for somebody. Return its view.

        Parameters and errors: as `start` and `ExecutionView.go_on`.
        """
        __tracebackhide__ = True
        return self.start(payload, name=name).go_on(within=within)

    def callback(self, name: str) -> CallbackView:
        """Return the open callback called *name* of the latest execution. Errors: as `ExecutionView.callback`."""
        __tracebackhide__ = True
        return self.latest.callback(name)

    @property
    def history(self) -> list[dict[str, Any]]:
        """The history of the latest execution."""
        __tracebackhide__ = True
        return self.latest.history

    @property
    def operations(self) -> Operations:
        """The operations of the latest execution, as a tree."""
        __tracebackhide__ = True
        return self.latest.operations

    def on(self, operation: str) -> OperationPlace:
        """Choose an operation for a fault, as ``m.faults.on_operation(operation, function=...)`` does."""
        __tracebackhide__ = True
        return self._backend.faults.on_operation(operation, function=self.name)


def durable_view_of(backend: Backend, name: str, *, account: str, region: str) -> DurableView:
    """Return the view of the durable executions of *name*: a name, ``name:qualifier`` or an ARN.

    Raises TypeError if *name* is no string.
    """
    __tracebackhide__ = True
    given: object = name
    if not isinstance(given, str):
        raise TypeError(f'durable() needs the name of a function, as in durable("orders"), not {given!r}')
    reference = function_reference(name)
    if reference is None:
        return DurableView(backend, Place(account, region), name, LATEST)
    place = Place(reference.account or account, reference.region or region)
    return DurableView(backend, place, reference.name, reference.qualifier or LATEST)


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text


def _names_of(one: DurableOperation, parent: DurableOperation | None) -> tuple[str, ...]:
    """Return what a callback is called: by its context where that waits for it, by its own name, by its ids."""
    outer = parent.name if parent is not None and parent.sub_type == "WaitForCallback" else None
    return tuple(name for name in (outer, one.name, one.id, one.callback_id) if name is not None)
