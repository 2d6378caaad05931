"""What the kit finds in the deployers of public tools, which run unmodified. docs/testing.md tells it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from lambda_states_mock.testing import (
    ENDS_AS_WANTED,
    NEVER_WHILE_REFUSED,
    WAITS_FOR_SOMETHING,
    BrokenLawError,
    ChaosWorld,
    Disturbance,
    Fails,
    LateReaders,
    Law,
    LeftAlone,
    RoleLate,
    Takes,
    Throttled,
    check_deployer,
)
from tests.testing import tools

pytestmark = [
    # c7n reads its archive (PythonPackageArchive.get_bytes, get_reader) without closing the file.
    pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader:ResourceWarning"),
]


class Row(NamedTuple):
    """What one tool does wrong in a world: the law that it breaks, and the kind of the finding."""

    tool: str
    entry: Disturbance
    law: Law
    kind: str


NO_SUBNET = Fails("create", "SubnetOutOfIPAddresses")
IDLE = LeftAlone(15, before=4)
FOUND = [
    Row("chalice", IDLE, WAITS_FOR_SOMETHING, "waits in vain"),
    Row("zappa", IDLE, WAITS_FOR_SOMETHING, "waits in vain"),
    Row("c7n", IDLE, WAITS_FOR_SOMETHING, "waits in vain"),
    Row("chalice", NO_SUBNET, NEVER_WHILE_REFUSED, "UpdateFunctionCode is refused"),
    Row("zappa", NO_SUBNET, NEVER_WHILE_REFUSED, "UpdateFunctionCode is refused"),
    Row("c7n", NO_SUBNET, ENDS_AS_WANTED, "returns unfinished"),
    Row("zappa", RoleLate(8), ENDS_AS_WANTED, "raises InvalidParameterValueException"),
    Row("c7n", RoleLate(8), ENDS_AS_WANTED, "raises InvalidParameterValueException"),
    Row("chalice", RoleLate(None), WAITS_FOR_SOMETHING, "waits in vain"),
    Row("chalice", LateReaders(2), ENDS_AS_WANTED, "raises WaiterError"),
    Row("zappa", LateReaders(2), ENDS_AS_WANTED, "raises WaiterError"),
    Row("c7n", LateReaders(2), ENDS_AS_WANTED, "raises WaiterError"),
]
SURVIVED = [
    *[(tool, entry) for tool in ("chalice", "zappa", "c7n") for entry in (Takes("create", 90), Takes("update", 90))],
    *[(tool, Throttled("GetFunctionConfiguration", 3)) for tool in ("chalice", "zappa", "c7n")],
    ("chalice", RoleLate(8)),
]


@pytest.mark.parametrize("row", FOUND, ids=lambda row: f"{row.tool}, {row.entry}")
def test_what_is_found_in_a_tool(row: Row) -> None:
    pytest.importorskip(row.tool)
    with pytest.raises(BrokenLawError) as raised:
        check_deployer(getattr(tools, row.tool), expect=tools.NAME, worlds=[ChaosWorld(row.entry)])
    assert (raised.value.law, raised.value.report.finding.kind) == (row.law, row.kind)


@pytest.mark.parametrize(("tool", "entry"), [*SURVIVED, *[(tool, None) for tool in ("chalice", "zappa", "c7n")]])
def test_what_a_tool_survives(tool: str, entry: Disturbance | None) -> None:
    pytest.importorskip(tool)
    check_deployer(getattr(tools, tool), expect=tools.NAME, worlds=[ChaosWorld(*[entry] if entry else [])])
