"""One mock, served by a test: ``m.serve()``."""

from __future__ import annotations

from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.server.clock_policies import passes_by_itself, policy_maker
from lambda_states_mock.server.threaded import Server
from lambda_states_mock.server.ticker import Ticker
from lambda_states_mock.server.worlds import Worlds


class Served:
    """A mock that answers over HTTP, until `close` or until it ends.

    Attributes: *url*, the address, which ends in a secret: ``AWS_ENDPOINT_URL_LAMBDA``, or ``endpoint_url=``.
    """

    def __init__(self, server: Server, ticker: Ticker | None = None) -> None:
        self._server: Server | None = server
        self._ticker = ticker
        self.url = server.address

    def __repr__(self) -> str:
        return f"<Served {self.url}{'' if self._server is not None else ', closed'}>"

    def close(self) -> None:
        """Reply no more. Without effect where that was said before."""
        server, self._server = self._server, None
        if server is not None:
            if self._ticker is not None:
                self._ticker.__exit__()
            server.__exit__()


def serve(mock: LambdaMock, *, port: int, clock: str) -> Served:
    """Serve *mock*; parameters and errors are those of `LambdaMock.serve`."""
    worlds = Worlds(policy_maker(clock), first=mock)
    served = Server(worlds, port=port).__enter__()
    if not passes_by_itself(clock):
        return Served(served)
    hints = mock.backend.hints
    ticker = Ticker(worlds, lambda mistake: hints.give(f"{type(mistake).__name__}: {mistake}"))
    return Served(served, ticker.__enter__())
