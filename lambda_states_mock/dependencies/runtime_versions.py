"""What a function may be bound to of its runtime: a version, or an alias of a runtime that a customer manages."""

from __future__ import annotations

from lambda_states_mock.dependencies import failure_modes
from lambda_states_mock.dependencies.things import Deletable


class RuntimeVersion(Deletable):
    """A version of a runtime: ``m.world.runtime_versions["arn:aws:lambda:us-east-1::runtime:..."]``.

    It matters to functions that are bound to it (PutRuntimeManagementConfig with ``Manual``); Lambda gives all others
    another one.
    """

    kind = "runtime version"
    gone = failure_modes.RUNTIME_VERSION_GONE

    def withdraw(self) -> None:
        """Let Lambda support it no more, though it is still there."""
        __tracebackhide__ = True
        self._becomes(failure_modes.RUNTIME_VERSION_UNSUPPORTED)


class RuntimeAlias(Deletable):
    """An alias of a customer-managed runtime (``RuntimeConfig``): ``m.world.runtime_aliases["name or ARN:name"]``."""

    kind = "runtime alias"
    gone = failure_modes.RUNTIME_ALIAS_GONE

    def means(self, reference: str) -> bool:
        return reference == self.name or (":" not in self.name and reference.rpartition(":")[2] == self.name)
