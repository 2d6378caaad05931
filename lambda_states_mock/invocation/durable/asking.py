"""How a durable function is asked to run. It stands alone, since each Invoke may be asked about it."""

from __future__ import annotations

from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.service_errors import NOT_DURABLE, QUALIFIER_WANTED


def check_durable(received: Received, *, name: str | None = None) -> None:
    """Raise what AWS answers to parameters that a function cannot be invoked with, whatever is to come of it.

    InvalidParameterValueException: a durable function without a qualifier, another with the *name* of an execution.
    """
    if received.version.configuration.durable is None:
        if name:
            raise NOT_DURABLE.error()
    elif received.target.qualifier is None:
        raise QUALIFIER_WANTED.error()
