"""What entering a mock makes, and leaving it undoes. It is not in `mock`, so that `mock` imports nothing heavy."""

# ruff: noqa: E402

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from lambda_states_mock.private_names import check_python

check_python()  # before what touches these names is imported

from lambda_states_mock.adapters import activation, active_mocks
from lambda_states_mock.adapters.freezing import Freeze, FreezegunCompanion, frozen_now
from lambda_states_mock.adapters.mock_threads import MockThreads
from lambda_states_mock.adapters.moto_neighbours import MotoNeighbours
from lambda_states_mock.adapters.present import present
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.adapters.time_travelling import TimeMachineCompanion, travelled_now
from lambda_states_mock.backend import Backend
from lambda_states_mock.dependencies.neighbours import Neighbours
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.event_sources.beside import SourcesBeside
from lambda_states_mock.execution.function_threads import is_frozen
from lambda_states_mock.execution.runtimes.choice import ProcessOptions
from lambda_states_mock.options import MockOptions, default_chaos
from lambda_states_mock.restoring import all_of

if TYPE_CHECKING:
    from lambda_states_mock.chaos.living import Chaos
    from lambda_states_mock.chaos.world import ChaosWorld


def _world_of(options: MockOptions) -> ChaosWorld | None:
    chaos = options.chaos if options.chaos is not None else default_chaos()
    if chaos is None:
        return None
    from lambda_states_mock.chaos.drawing import world_of  # few tests need it

    return world_of(chaos)


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None


@atexit.register
def close_what_was_left_open() -> None:
    """End the mocks that were begun and never ended, so that the process leaves nothing behind."""
    all_of([partial(mock.close, check_faults=False) for mock in reversed(active_mocks.owners())])


def _moto_sources() -> SourcesBeside:
    from lambda_states_mock.adapters.moto_sources import MotoSources  # few tests need it

    return MotoSources()


class OpenMock:
    """A mock that answers until it is closed. If it cannot be opened, nothing of it stays.

    Parameters: *owner*, the `LambdaMock` that the test holds; *make_backend*, in place of `Backend`; *make_threads*, in
    place of `MockThreads`; *make_neighbours* and *make_sources*, of the services beside Lambda, in place of moto's.
    """

    def __init__(
        self,
        options: MockOptions,
        *,
        owner: object,
        make_backend: Callable[..., Backend] = Backend,
        make_threads: type[MockThreads] = MockThreads,
        make_neighbours: Callable[[Hints], Neighbours] = MotoNeighbours,
        make_sources: Callable[[], SourcesBeside] = _moto_sources,
    ) -> None:
        self.chaos: Chaos | None = None
        self._undo: list[Callable[[], object]] = []  # an ExitStack does the same at several times the cost
        try:
            self._open(options, owner, make_backend, make_threads, make_neighbours, make_sources)
        except BaseException:
            with suppress(BaseException):  # what has kept it from being opened is the first error
                self.close()
            raise

    def _open(
        self,
        options: MockOptions,
        owner: object,
        make_backend: Callable[..., Backend],
        make_threads: type[MockThreads],
        make_neighbours: Callable[[Hints], Neighbours],
        make_sources: Callable[[], SourcesBeside],
    ) -> None:
        timings = Timings(options.timings)
        world = _world_of(options)
        start, threads = options.start if options.start is not None else present(), make_threads(is_frozen)
        self.clock = clock = SharedClock(start, company=threads, hang_after=_seconds(options.hang_after))
        self._undo.append(clock.close)  # last of all
        own = None
        if options.freeze and frozen_now() is None and travelled_now() is None:
            freeze = Freeze(clock.now)
            self._undo.append(freeze.stop)
            own = freeze.factory
        # In the order in which they are moved: a ticking freezegun within time-machine goes by time-machine's time.
        companions = TimeMachineCompanion(clock), FreezegunCompanion(clock, own=own)
        for companion in companions:
            companion.moved(clock.standing)
            clock.link(companion)
            self._undo.append(partial(clock.unlink, companion))
        chance, hints = Chance(options.seed), Hints()
        self.backend = backend = make_backend(
            clock=clock,
            chance=chance,
            timings=timings,
            account=options.account,
            region=options.region,
            neighbours=make_neighbours(hints),
            sources_beside=make_sources,
            consistency=max(options.consistency, world.readers_are_late_by) if world else options.consistency,
            waking_error=options.waking_error,
            hints=hints,
            processes=ProcessOptions(options.processes, options.process_time, options.sandbox),
        )
        self._undo.append(backend.close)
        mock = active_mocks.ActiveMock(
            backend=backend,
            clock=clock,
            threads=threads,
            chance=chance,
            account=options.account,
            region=options.region,
            sleep=options.sleep,
            max_sleep=options.max_sleep,
            whole_requests=options.whole_requests,
            owner=owner,
        )
        activation.enter(mock)
        self._undo.append(partial(activation.leave, mock))
        self._undo.append(backend.end_running)  # while its calls still come to this mock
        if world is not None:
            from lambda_states_mock.chaos.living import Chaos

            self.chaos = Chaos(world, backend)

    def also_close(self, close: Callable[[], object]) -> None:
        """Call *close* before anything else when this mock is left."""
        self._undo.append(close)

    def close(self) -> None:
        """Undo everything, the last first; each is done, whatever the others raise. Then raise the first error."""
        undo, self._undo = self._undo, []
        all_of(reversed(undo))
