"""Deleting functions and versions. One whose durable executions are under way is Deleting until they have ended.

Lambda invokes it for those meanwhile, and begins no new ones (I, from the reason ``DrainingDurableExecutions`` of AWS's
model).
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Version
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, OPEN_STATES
from lambda_states_mock.states.function import FunctionEvent
from lambda_states_mock.store import Partition

if TYPE_CHECKING:
    from lambda_states_mock.invocation.durable.execution import Durable


def delete_function(admission: Admission, registry: LifecycleRegistry, partition: Partition, name: str) -> bool:
    """Delete the function *name* with all its versions. Return whether it is gone; else it is Deleting.

    Raises ServiceError where AWS refuses that.
    """
    lifecycles = admission.lifecycles
    versions = list(reversed(partition.versions.under((name,))))  # $LATEST last
    drains = _is_busy(registry, partition, name)
    event = FunctionEvent.DRAIN_ASKED if drains else FunctionEvent.DELETE_ASKED
    for version in versions:  # all of them first: what is refused changes nothing
        lifecycles.check(version, event)
    if drains:
        for version in versions:
            lifecycles.drain(version)
        return False
    gone = [lifecycles.delete(version) for version in versions]
    if all(gone):
        partition.delete_function(name)
    registry.end_under(versions[-1].arn)
    admission.pool.discard(partition.place, name)
    return all(gone)


def delete_version(admission: Admission, registry: LifecycleRegistry, partition: Partition, version: Version) -> bool:
    """Delete one published version. Return whether it is gone; else it is Deleting.

    Raises ServiceError where AWS refuses that.
    """
    lifecycles, name, number = admission.lifecycles, version.name, version.number
    drains = _is_busy(registry, partition, name, number)
    lifecycles.check(version, FunctionEvent.DRAIN_ASKED if drains else FunctionEvent.DELETE_ASKED)
    if drains:
        lifecycles.drain(version)
        return False
    is_gone = lifecycles.delete(version)
    if is_gone:
        partition.delete_version(version)
    registry.end_under(version.arn)
    admission.pool.discard(partition.place, name, number)
    return is_gone


def drained(durable: Durable) -> None:
    """Delete the function of an execution that has ended, or its version, if that has waited for this end."""
    execution, runs = durable.record, durable.runs
    if runs.admission.lifecycles.drains(durable.partition.place, execution.function, execution.version):
        label = f"{execution.function} has no durable executions any more"
        place = durable.partition, execution.function, execution.version
        runs.clock.call_later(timedelta(0), partial(_go_on, runs.admission, runs.registry, *place), label=label)


def _go_on(admission: Admission, registry: LifecycleRegistry, partition: Partition, name: str, number: str) -> None:
    """Delete what drains, unless executions are under way still."""
    version, lifecycles = partition.version(name, number), admission.lifecycles
    if version is None:
        return
    if lifecycles.drains(partition.place, name, LATEST):
        delete_function(admission, registry, partition, name)
    elif lifecycles.drains(partition.place, name, number):
        delete_version(admission, registry, partition, version)


def _is_busy(registry: LifecycleRegistry, partition: Partition, name: str, number: str | None = None) -> bool:
    """Tell whether durable executions of a function, or of one version of it, are not over."""
    return any(
        number in (None, one.version) and registry.of(DURABLE_EXECUTION, one.arn).state in OPEN_STATES
        for one in partition.durable_executions.under((name,))
    )
