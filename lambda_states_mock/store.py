"""What exists: tables of frozen records, partitioned by account and region. The only mutable thing about resources.

Readers may see it late, since AWS's control plane is eventually consistent: a table remembers what was there before.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import (
    UNNUMBERED,
    Alias,
    Function,
    Policy,
    ProvisionedConcurrency,
    Version,
    version_index,
)

if TYPE_CHECKING:
    from lambda_states_mock.resources.capacity_provider import CapacityProvider, ScalingConfig
    from lambda_states_mock.resources.code_signing_config import CodeSigningConfig
    from lambda_states_mock.resources.durable_execution import (
        DurableExecution,
        DurableOperation,
        ExecutionKey,
        HistoryEvent,
        OperationKey,
    )
    from lambda_states_mock.resources.event_invoke_config import EventInvokeConfig
    from lambda_states_mock.resources.event_source_mapping import EventSourceMapping
    from lambda_states_mock.resources.function_url_config import FunctionUrlConfig
    from lambda_states_mock.resources.layer import LayerHistory, LayerVersion

K = TypeVar("K", bound=Any)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Delay:
    """How late readers see a change. Parameters: *now*, the clock; *length*, zero for at once."""

    now: Callable[[], datetime]
    length: timedelta

    @property
    def seen(self) -> datetime:
        """The moment as of which readers see the world."""
        return self.now() - self.length


class Past(Generic[K, R]):
    """The changes of one table that readers do not see yet. Parameters: the *delay* after which they do."""

    def __init__(self, delay: Delay) -> None:
        self._delay = delay
        self._changes: deque[tuple[datetime, K, R | None]] = deque()

    def note(self, key: K, before: R | None) -> None:
        """Remember what was at *key* until now; None: nothing was."""
        self._changes.append((self._delay.now(), key, before))

    def before_changes(self) -> dict[K, R | None]:
        """Return what readers still see at the keys that were changed of late."""
        seen = self._delay.seen
        while self._changes and self._changes[0][0] <= seen:
            self._changes.popleft()
        return {key: before for _, key, before in reversed(self._changes)}


class Table(Generic[K, R]):
    """Records by key, and the keys in order, so that a page costs what the page holds.

    Parameters: *size*, of a record in bytes; `size` is then the sum of all, kept up to date; *remembers*, whether
    `ever` has what was deleted, too.
    """

    def __init__(self, size: Callable[[R], int] = lambda _record: 0, *, remembers: bool = False) -> None:
        self._size_of = size
        self.size = 0
        self._records: dict[K, R] = {}
        self._keys: list[K] = []
        self._past: Past[K, R] | None = None
        self._deleted: set[K] | None = set() if remembers else None

    def be_seen_late(self, delay: Delay) -> None:
        """Let `seen` tell of changes only after *delay*."""
        self._past = Past(delay)

    def seen(self) -> Table[K, R]:
        """Return the table as readers see it: without the changes that are too new for them."""
        unseen = self._past.before_changes() if self._past is not None else {}
        if not unseen:
            return self
        table: Table[K, R] = Table(self._size_of)
        for key, record in {**self._records, **unseen}.items():
            if record is not None:
                table.put(key, record)
        return table

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: K) -> bool:
        return key in self._records

    def __iter__(self) -> Iterator[R]:
        return iter([self._records[key] for key in self._keys])

    def __getitem__(self, key: K) -> R:
        return self._records[key]

    def get(self, key: K) -> R | None:
        """Return the record at *key*, or None."""
        return self._records.get(key)

    def put(self, key: K, record: R) -> None:
        """Let *record* be what is at *key*."""
        replaced = self._records.get(key)
        if self._past is not None:
            self._past.note(key, replaced)
        if replaced is None:
            insort(self._keys, key)
        else:
            self.size -= self._size_of(replaced)
        self.size += self._size_of(record)
        self._records[key] = record

    def delete(self, key: K) -> R | None:
        """Remove what is at *key*, if anything, and return it."""
        record = self._records.pop(key, None)
        if record is not None:
            if self._past is not None:
                self._past.note(key, record)
            del self._keys[bisect_left(self._keys, key)]
            if self._deleted is not None:
                self._deleted.add(key)
            self.size -= self._size_of(record)
        return record

    def ever(self) -> set[K]:
        """Return the keys at which there is something, or ever was in a table that remembers."""
        return {*self._records, *(self._deleted or ())}

    def delete_under(self, prefix: tuple[Any, ...]) -> None:
        """Remove the records whose (tuple) keys begin with *prefix*."""
        for key in self.keys_under(prefix):
            self.delete(key)

    def under(self, prefix: tuple[Any, ...]) -> list[R]:
        """Return the records whose (tuple) keys begin with *prefix*, in order of their keys."""
        return [self._records[key] for key in self.keys_under(prefix)]

    def keys_under(self, prefix: tuple[Any, ...]) -> list[K]:
        """Return the (tuple) keys that begin with *prefix*, in order."""
        return self._keys_from(bisect_left(self._keys, prefix), prefix)

    def page(
        self,
        limit: int,
        *,
        after: K | None = None,
        prefix: tuple[Any, ...] = (),
        chosen: Callable[[R], bool] | None = None,
    ) -> tuple[list[R], K | None]:
        """Return up to *limit* records in order of their keys, and the key to go on *after*; None: that was all.

        Parameters: *after*, the last key of the page before; *prefix*, of tuple keys; *chosen*, which records count.
        """
        start = bisect_left(self._keys, prefix) if prefix else 0
        if after is not None:
            start = max(start, bisect_right(self._keys, after))
        keys = self._keys_from(start, prefix, limit + 1, chosen)
        more = len(keys) > limit
        keys = keys[:limit]
        return [self._records[key] for key in keys], keys[-1] if more and keys else None

    def _keys_from(
        self, start: int, prefix: tuple[Any, ...], count: int | None = None, chosen: Callable[[R], bool] | None = None
    ) -> list[K]:
        keys: list[K] = []
        for index in range(start, len(self._keys)):
            key = self._keys[index]
            if (prefix and key[: len(prefix)] != prefix) or len(keys) == count:
                break
            if chosen is None or chosen(self._records[key]):
                keys.append(key)
        return keys


def marker_of(key: Any) -> str:
    """Return *key* as the opaque ``Marker`` of a page."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def key_of(marker: str) -> Any:
    """Return the key that *marker* stands for. Raises ValueError for what is no marker of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(marker.encode()))
    except (ValueError, RecursionError) as error:
        raise ValueError(marker) from error
    return tuple(key) if isinstance(key, list) else key


@dataclass(eq=False, slots=True)
class Story:
    """What has happened in one durable execution.

    Attributes: *operations*, by id, in the order of their starts; *events*, its history; *unheard*, the ids of
    operations that the next checkpoint will be told of.
    """

    operations: dict[str, DurableOperation] = field(default_factory=dict)
    events: list[HistoryEvent] = field(default_factory=list)
    unheard: set[str] = field(default_factory=set)


class Partition:
    """All that exists at one place.

    Keys: functions by name; versions by (name, number), ``$LATEST`` being number 0; aliases by (function, name);
    policies and URLs by (function, qualifier or ""); event invoke configs by (function, qualifier or ``$LATEST``);
    layers by name, their versions and policies by (name, -number); code signing configs by ARN;
    event source mappings by UUID; provisioned concurrency and scaling by (function, qualifier); capacity providers by
    name; durable executions by (function, sequence), which (function, name) leads to; their stories by that, too;
    callbacks by id.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.functions: Table[str, Function] = Table(remembers=True)
        self.versions: Table[tuple[str, int], Version] = Table(size=lambda version: version.code.size, remembers=True)
        self.aliases: Table[tuple[str, str], Alias] = Table(remembers=True)
        self.policies: Table[tuple[str, str], Policy] = Table()
        self.event_invoke_configs: Table[tuple[str, str], EventInvokeConfig] = Table()
        self.function_urls: Table[tuple[str, str], FunctionUrlConfig] = Table()
        self.layers: Table[str, LayerHistory] = Table()
        self.layer_versions: Table[tuple[str, int], LayerVersion] = Table(size=lambda version: version.code.size)
        self.layer_policies: Table[tuple[str, int], Policy] = Table()
        self.code_signing_configs: Table[str, CodeSigningConfig] = Table()
        self.event_source_mappings: Table[str, EventSourceMapping] = Table()
        self.provisioned: Table[tuple[str, str], ProvisionedConcurrency] = Table()
        self.capacity_providers: Table[str, CapacityProvider] = Table()
        self.scaling_configs: Table[tuple[str, str], ScalingConfig] = Table()
        self.durable_executions: Table[ExecutionKey, DurableExecution] = Table()
        self.durable_names: Table[tuple[str, str], int] = Table()
        self.durable_stories: dict[ExecutionKey, Story] = {}
        self.durable_callbacks: Table[str, OperationKey] = Table()
        self._of_qualifiers: tuple[Table[tuple[str, str], Any], ...] = (
            self.policies,
            self.event_invoke_configs,
            self.function_urls,
            self.provisioned,
            self.scaling_configs,
        )
        """Tables with keys (function, qualifier): what hangs on a version or an alias, and goes when it goes."""

    def be_seen_late(self, delay: Delay) -> None:
        """Let readers see changes only after *delay*."""
        for table in vars(self).values():
            if isinstance(table, Table):
                table.be_seen_late(delay)

    def seen(self) -> Partition:
        """Return the partition as readers see it; it is not to be changed."""
        seen = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, Table):
                setattr(seen, name, value.seen())
        return seen

    def version(self, name: str, number: str) -> Version | None:
        """Return version *number* (``$LATEST`` included) of function *name*, or None."""
        index = UNNUMBERED.get(number)
        if index is None:
            if not number.isdecimal():
                return None
            index = version_index(number)
        return self.versions.get((name, index))

    def capacity_provider(self, arn: str) -> CapacityProvider | None:
        """Return the capacity provider that has *arn*, or None: also for one of another place."""
        provider = self.capacity_providers.get(arn.rpartition(":")[2])
        return provider if provider is not None and provider.arn == arn else None

    def put(self, version: Version) -> None:
        """Let *version* be what is there of it."""
        self.versions.put(version.key, version)

    def delete_version(self, version: Version) -> None:
        """Remove a version and all that hangs on it."""
        self.versions.delete(version.key)
        self._delete_what_hangs_on(version.name, version.number)
        for execution in self.durable_executions.under((version.name,)):
            if execution.version == version.number:
                self.delete_execution(execution)

    def delete_alias(self, function: str, name: str) -> None:
        """Remove an alias, if it is there, and all that hangs on it."""
        self.aliases.delete((function, name))
        self._delete_what_hangs_on(function, name)

    def delete_function(self, name: str) -> None:
        """Remove a function with its versions, its aliases, and all that hangs on any of them."""
        self.functions.delete(name)
        for execution in self.durable_executions.under((name,)):
            self.delete_execution(execution)
        tables: tuple[Table[Any, Any], ...] = (
            self.versions,
            self.aliases,
            *self._of_qualifiers,
        )
        for table in tables:
            table.delete_under((name,))

    def delete_execution(self, execution: DurableExecution) -> None:
        """Remove a durable execution with its operations and its history."""
        self.durable_executions.delete(execution.key)
        self.durable_names.delete((execution.function, execution.name))
        for operation in self.durable_stories.pop(execution.key).operations.values():
            if operation.callback_id is not None:
                self.durable_callbacks.delete(operation.callback_id)

    def _delete_what_hangs_on(self, function: str, qualifier: str) -> None:
        for table in self._of_qualifiers:
            table.delete((function, qualifier))


class Store:
    """The partitions, made when first asked for. Parameters: *delay*, how late readers see changes; None: at once."""

    def __init__(self, delay: Delay | None = None) -> None:
        self._delay = delay if delay is not None and delay.length else None
        self._partitions: dict[Place, Partition] = {}

    def at(self, place: Place) -> Partition:
        """Return the partition of *place*."""
        partition = self._partitions.get(place)
        if partition is None:
            partition = self._partitions[place] = Partition(place)
            if self._delay is not None:
                partition.be_seen_late(self._delay)
        return partition

    def seen_at(self, place: Place) -> Partition:
        """Return the partition of *place* as readers see it."""
        partition = self.at(place)
        return partition if self._delay is None else partition.seen()

    @property
    def seen(self) -> datetime | None:
        """The moment as of which readers see the world; None: as it is now."""
        return None if self._delay is None else self._delay.seen

    def __iter__(self) -> Iterator[Partition]:
        return iter(tuple(self._partitions.values()))
