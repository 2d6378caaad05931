"""Live views of functions, ``m.function("orders")``: each attribute shows the current state."""

from __future__ import annotations

from collections.abc import Sequence

from lambda_states_mock.backend import Backend
from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, WrongStateError, nearest
from lambda_states_mock.execution.environment_record import EnvironmentRecord
from lambda_states_mock.invocation.known_names import unknown_qualifier
from lambda_states_mock.invocation.logs import Logs
from lambda_states_mock.invocation.record import Invocation, WhatRan
from lambda_states_mock.lifecycles.functions import FunctionLifecycle
from lambda_states_mock.resources.arn import LATEST, FunctionReference, Place, function_reference, looks_like_version
from lambda_states_mock.resources.function import Alias, Version
from lambda_states_mock.store import Partition


class FunctionView(NamesWhatItHas):
    """A live view of one version of a function, ``$LATEST`` by default.

    The function need not exist. Reading what only an existing function has (``state``, ``arn`` ...) then raises
    UnknownNameError. ``history``, ``logs``, ``environments`` and ``versions`` are also those of one that was deleted,
    and raise it for one that never was; ``exists`` and ``timings`` always work.

    Parameters: *backend*, where the function is looked up; its *name*; the *number* of the version; *account* and
    *region*, where the function is, by default those of the mock.
    """

    def __init__(
        self,
        backend: Backend,
        name: str,
        *,
        number: str = LATEST,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        self._backend = backend
        self._place = Place(account or backend.home.account, region or backend.home.region)
        self.name = name
        self.number = number

    def __repr__(self) -> str:
        if not self.exists:
            return f"<function {self._label}: does not exist>"
        return f"<function {self._label}: {self.state}, last update {self.last_update_status}>"

    @property
    def _label(self) -> str:
        return self.name if self.number == LATEST else f"{self.name}:{self.number}"

    @property
    def exists(self) -> bool:
        """Whether the function and version exist."""
        return self._partition.version(self.name, self.number) is not None

    @property
    def state(self) -> str | None:
        """``State`` as AWS shows it: ``Pending``, ``Active``, ``Inactive``, ``Failed`` ..."""
        __tracebackhide__ = True
        return self._lifecycle.shown

    @property
    def state_reason_code(self) -> str | None:
        """``StateReasonCode``, or None."""
        __tracebackhide__ = True
        reason = self._lifecycle.state.reason
        return reason.code if reason else None

    @property
    def last_update_status(self) -> str | None:
        """``LastUpdateStatus`` as AWS shows it; None until the creation has succeeded."""
        __tracebackhide__ = True
        return self._lifecycle.last_update_status

    @property
    def last_update_status_reason_code(self) -> str | None:
        """``LastUpdateStatusReasonCode``, or None."""
        __tracebackhide__ = True
        update = self._lifecycle.update
        return update.reason.code if update is not None and update.reason is not None else None

    @property
    def arn(self) -> str:
        __tracebackhide__ = True
        return self._version.arn

    @property
    def revision_id(self) -> str:
        __tracebackhide__ = True
        return self._version.revision_id

    @property
    def versions(self) -> list[str]:
        """The numbers of the published versions, oldest first."""
        __tracebackhide__ = True
        self._check_known()
        return self._published

    @property
    def _published(self) -> list[str]:
        return [version.number for version in self._partition.versions.under((self.name,)) if version.number != LATEST]

    @property
    def history(self) -> Timeline:
        """The state changes of this function or version, also after it was deleted."""
        __tracebackhide__ = True
        self._check_known()
        label = self._label + self._place.seen_from(self._backend.home)
        return self._backend.timeline.where(lambda transition: transition.subject == label)

    @property
    def logs(self) -> Logs:
        """The log so far: ``lines``, ``streams``, ``text``. ``$LATEST`` has the logs of all versions."""
        __tracebackhide__ = True
        self._check_known()
        number = None if self.number == LATEST else self.number
        return Logs.of(self._backend.service.records, self._place, self.name, number)

    @property
    def environments(self) -> Sequence[EnvironmentRecord]:
        """The execution environments of this version, oldest first, including those that have ended.

        Each has ``state``, ``history``, ``initialization_type``, ``log_stream``, ``cold``, ``warm`` and ``log``.
        """
        __tracebackhide__ = True
        self._check_known()
        return self._backend.service.pool.records(self._place, self.name, self.number)

    @property
    def timings(self) -> Timings:
        """The timings of this function, which fall back to the mock's. You can set them before you create it."""
        return self._backend.service.timings.of(self._place, self.name)

    def version(self, number: str | int) -> FunctionView:
        """Return the view of the published version *number*."""
        return FunctionView(
            self._backend, self.name, number=str(number), account=self._place.account, region=self._place.region
        )

    def alias(self, name: str) -> Alias:
        """Return the alias *name*: its ``function_version``, ``weights``, ``description`` and ``revision_id``.

        Raises UnknownNameError if the function has no such alias.
        """
        __tracebackhide__ = True
        alias = self._partition.aliases.get((self.name, name))
        if alias is None:
            known = [one.name for one in self._partition.aliases.under((self.name,))]
            raise UnknownNameError(
                f'function "{self.name}" has no alias "{name}":{nearest(name, known)} '
                f"Aliases: {', '.join(known) or 'none'}."
            )
        return alias

    def idle(self) -> None:
        """Make the function idle now, as if the idle period had passed.

        Raises UnknownNameError unless the function exists, WrongStateError unless it is ``Active``, NotActiveError
        after the mock has ended.
        """
        __tracebackhide__ = True
        self._backend.check_active("idle()")
        with self._backend.clock.lock:
            state = self._lifecycle.state.shown
            if state != "Active":
                raise WrongStateError(self._why_not_idle(state))
            self._backend.service.lifecycles.idle(self._place, self.name, self.number)

    def _why_not_idle(self, state: str | None) -> str:
        view = self._expression
        found = f"{state} ({self.state_reason_code})" if state == "Failed" else state
        remedies = {
            "Pending": f'Wait for it first:  m.clock.advance_until(lambda: {view}.state == "Active", within=600)',
            "Inactive": "It is idle already. Invoke it to wake it; it is Active again when its restoration has ended.",
            "Failed": "Update its code or configuration, or delete it and create it again.",
        }
        remedy = remedies.get(state or "", f"What happened to it is in  {view}.history.")
        return f"{self._label} cannot fall idle: it is {found}, and only an Active function falls idle\n  {remedy}"

    @property
    def _expression(self) -> str:
        """How a test gets this view of the mock ``m``."""
        home = self._backend.home
        places = zip(("account", "region"), self._place, home, strict=True)
        where = "".join(f', {name}="{value}"' for name, value, usual in places if value != usual)
        version = "" if self.number == LATEST else f'.version("{self.number}")'
        return f'm.function("{self.name}"{where}){version}'

    @property
    def _partition(self) -> Partition:
        return self._backend.service.store.at(self._place)

    def regenerate_snapshot(self) -> None:
        """Let Lambda make this version's SnapStart snapshot anew now, as it does to patch the runtime.

        Its Init runs, and what a fault of the phase ``snapshot`` says happens. If it fails, the version is
        ``Inactive``, and the next Invoke answers SnapStartRegenerationFailureException and tries again.

        Raises UnknownNameError unless the version exists, WrongStateError unless it is ``Active`` and has a snapshot,
        NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self._backend.check_active("regenerate_snapshot()")
        with self._backend.clock.lock:
            version = self._version
            if not version.snapshot or self.state != "Active":
                raise WrongStateError(
                    f"regenerate_snapshot() needs a published version with SnapStart that is Active: {self!r}"
                )
            self._backend.service.lifecycles.regenerate_snapshot(version)

    @property
    def _version(self) -> Version:
        __tracebackhide__ = True
        version = self._partition.version(self.name, self.number)
        if version is None:
            raise self._unknown()
        return version

    @property
    def _lifecycle(self) -> FunctionLifecycle:
        __tracebackhide__ = True
        self._backend.clock.catch_up()
        try:
            return self._backend.service.lifecycles.of(self._place, self.name, self.number)
        except KeyError:
            raise self._unknown() from None

    def _unknown(self) -> UnknownNameError:
        if self.name in self._partition.functions:
            return unknown_qualifier(self.name, self.number, set(self._published))
        return self._backend.service.known.unknown_function(self.name, *self._place)

    def _check_known(self) -> None:
        __tracebackhide__ = True
        account, region = self._place
        self._backend.service.known.check(self.name, self.number, account=account, region=region)


def view_of(backend: Backend, name: str, *, account: str, region: str) -> FunctionView:
    """Return the view of the function or version *name*.

    Parameters: *name*, a name, ``name:version`` or an ARN; *account* and *region*, where it is unless *name* is an ARN.

    Raises UnknownNameError for an alias, TypeError if *name* is no string.
    """
    __tracebackhide__ = True
    reference = _reference("function", name)
    if reference is None:
        return FunctionView(backend, name, account=account, region=region)
    name, qualifier = reference.name, reference.qualifier or LATEST
    if not looks_like_version(qualifier):
        raise UnknownNameError(
            f'"{qualifier}" is no version of "{name}"\n'
            f'  If it is an alias:  m.function("{name}").alias("{qualifier}").function_version  is where it leads to.'
        )
    return FunctionView(
        backend, name, number=qualifier, account=reference.account or account, region=reference.region or region
    )


def invocations_of(backend: Backend, name: str) -> Sequence[Invocation]:
    """Return the invocations of *name*, oldest first: a name, ``name:version``, ``name:alias`` or an ARN.

    Raises TypeError if *name* is no string, UnknownNameError if there is and was no such function, version or alias.
    """
    __tracebackhide__ = True
    reference = _reference("invocations", name)
    account, region, wanted = None, None, None
    if reference is not None:
        name, wanted, account, region = reference.name, reference.qualifier, reference.account, reference.region
    backend.service.known.check(name, wanted, account=account, region=region)

    def fits(ran: WhatRan) -> bool:
        return (
            ran.function == name
            and wanted in (None, ran.version, ran.invoked_arn.rsplit(":", 1)[-1])
            and account in (None, ran.place.account)
            and region in (None, ran.place.region)
        )

    return backend.service.records.where(fits)


def _reference(method: str, name: str) -> FunctionReference | None:
    __tracebackhide__ = True
    given: object = name
    if not isinstance(given, str):
        raise TypeError(f'{method}() needs the name of a function, as in {method}("orders"), not {given!r}')
    return function_reference(name)
