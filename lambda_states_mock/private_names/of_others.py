"""The private names of HTTP clients, of libraries that stop time, and of pytest."""

from __future__ import annotations

from lambda_states_mock.private_names.row import Without, names_of

OF_OTHERS = (
    *names_of(
        "adapters.aiohttp_hook",
        "aiohttp",
        Without.NO_USE,
        "its requests would leave the process",
        "aiohttp:TCPConnector._create_connection",
        "aiohttp.client_proto:ResponseHandler.start_timeout",
        "aiohttp.client_proto:ResponseHandler.set_exception",
    ),
    *names_of(
        "adapters.urllib3_hook",
        "urllib3",
        Without.NO_MOCK,
        "requests that no client of AWS's makes would leave the process",
        "urllib3.response:HTTPHeaderDict",
    ),
    *names_of(
        "adapters.responses_mocks",
        "responses",
        Without.LEFT_OUT,
        "it refuses requests to Lambda",
        "responses:RequestsMock._find_match",
    ),
    *names_of(
        "adapters.freezing:companion",
        "freezegun",
        Without.NO_USE,
        "the two clocks cannot be one",
        "freezegun.api:freeze_factories",
        "freezegun.api:FrozenDateTimeFactory.time_to_freeze",
        "freezegun.api:TickingDateTimeFactory.start",
    ),
    *names_of(
        "adapters.frozen_modules:start",
        "freezegun",
        Without.LEFT_OUT,
        "with freeze=True, freezegun looks through all modules each time",
        "freezegun.api:sys",
    ),
    *names_of(
        "adapters.time_travelling:companion",
        "time-machine",
        Without.NO_USE,
        "the two clocks cannot be one",
        "time_machine:traveller_stack|time_machine:coordinates_stack",
        "time_machine:Traveller.time_ns|time_machine:Coordinates.time_ns",
    ),
    *names_of(
        "adapters.freezing:stop watch",
        "pytest",
        Without.LEFT_OUT,
        "with freeze=True, pytest's durations are 0",
        "_pytest.timing",
    ),
)
