"""One mock, served by a test: ``m.serve()``."""

from __future__ import annotations

from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.server.clock_policies import policy_maker
from lambda_states_mock.server.threaded import Server
from lambda_states_mock.server.worlds import Worlds


class Served:
    """A mock that answers over HTTP, until `close` or until it ends.

    Attributes: *url*, the address, which ends in a secret: ``AWS_ENDPOINT_URL_LAMBDA``, or ``endpoint_url=``.
    """

    def __init__(self, server: Server) -> None:
        self._server: Server | None = server
        self.url = server.address

    def __repr__(self) -> str:
        return f"<Served {self.url}{'' if self._server is not None else ', closed'}>"

    def close(self) -> None:
        """Reply no more. Without effect where that was said before."""
        server, self._server = self._server, None
        if server is not None:
            server.__exit__()


def serve(mock: LambdaMock, *, port: int, clock: str) -> Served:
    """Serve *mock*; parameters and errors are those of `LambdaMock.serve`."""
    server = Server(Worlds(policy_maker(clock), first=mock), port=port)
    return Served(server.__enter__())
