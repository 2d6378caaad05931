"""The virtual clock: what moves it, who sleeps by it, and which other clocks keep step with it."""

from lambda_states_mock.clock.timer import Timer
from lambda_states_mock.clock.virtual_clock import ONE_YEAR, VirtualClock

__all__ = ["ONE_YEAR", "Timer", "VirtualClock"]
