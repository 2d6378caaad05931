"""The house plan: who may import whom, read from the imports of every module of the package.

Each module and folder lives on a floor, and imports only from floors below its own; what it needs of its own floor is
named in the table. A new module needs a row here first: to say where it lives is to say what it is for.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "lambda_states_mock"
ROOT = Path(__file__).parent.parent / PACKAGE
LONGEST_MODULE = 450
LOOKED_UP = {Path("service_errors.py")}  # a list of texts, which nobody reads from top to bottom
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "misc"}


@dataclass(frozen=True)
class Row:
    """Where a module lives.

    Parameters:
        floor: it may import our modules from below this floor.
        beside: what it may import on its own floor.
        never: what it may not import although it is below.
        foreign: the third-party libraries that it may import.
    """

    floor: int
    beside: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


def row(floor: int, *, beside: str = "", never: str = "", foreign: str = "") -> Row:
    return Row(floor, frozenset(beside.split()), frozenset(never.split()), frozenset(foreign.split()))


HOUSE = {
    "errors": row(0),
    "quick_dataclasses": row(0),
    "patterns": row(0),
    "genuine": row(0),
    "service_errors": row(0, beside="quick_dataclasses"),
    "instants": row(0, beside="errors patterns"),
    "leaving": row(0, beside="errors"),
    "printing": row(0),
    "newest": row(0),
    "http_exchange": row(0),
    "http_framing": row(0),
    "json_reading": row(0),
    "json_problems": row(0, beside="json_reading patterns"),
    "restoring": row(0),
    "made_later": row(0),
    "private_names": row(0, beside="errors quick_dataclasses"),
    "clock": row(0, beside="errors instants quick_dataclasses"),
    "states": row(0, beside="errors quick_dataclasses service_errors"),  # not the clock: a table knows no time
    "api_model": row(1),
    "resources": row(1),
    "store": row(1, beside="resources"),
    "engine": row(2, never="resources store"),
    "wire": row(2, never="clock states resources store"),
    "dependencies": row(3, never="wire"),
    "lifecycles": row(4, never="wire"),
    "execution": row(5, never="wire"),
    "invocation": row(6, never="wire"),
    "event_sources": row(7, never="wire"),
    "service": row(7, beside="event_sources", never="wire"),
    "shapes": row(8, never="wire"),
    "operations": row(9, never="wire"),  # operations know nothing of HTTP
    "api_calls": row(9, beside="needed_policy"),
    "needed_policy": row(9, never="wire"),
    "assembly": row(9),
    "timeline_entries": row(9, beside="api_calls", never="wire"),
    "calls_from_within": row(10),
    "backend": row(10, beside="calls_from_within"),
    "chaos": row(11, never="wire"),
    "adapters": row(
        11, foreign="aiobotocore aiohttp boto3 botocore freezegun httpx moto responses time_machine trio urllib3"
    ),
    "options": row(12),
    "decorating": row(12),
    "live_view": row(12),
    "mapping_views": row(12),
    "durable_view": row(12),
    "opening": row(12, beside="options"),
    "activating": row(12, beside="decorating options"),  # of a mock it is given the class
    "process_view": row(12),
    "mock": row(12, beside="activating durable_view live_view mapping_views opening options process_view"),
    "reporting": row(13, foreign="rich"),
    "__init__": row(14),
    "server": row(15, foreign="aiohttp"),
    "startup": row(16),
    "client": row(16),
    "command": row(17, foreign="boto3 botocore"),
    "testing": row(16, never="wire", foreign="hypothesis"),
    "pytest_timelines": row(16, foreign="pytest"),
    "pytest_chaos": row(16, foreign="pytest"),
    "pytest_plugin": row(17, foreign="pytest _pytest"),
    "__main__": row(18),
}

FROM_ABOVE = {Path("engine/timeline.py"): {"reporting"}, Path("mock.py"): {"server"}}
"""What a module imports from above its floor, in the methods that a test calls to look at something."""

# aiobotocore, moto and the like are built on botocore: it does not count as an adapter's second library.
UNDER_ALL_ADAPTERS = {"botocore"}

RANDOM = {"random", "secrets", "uuid", "os.urandom"}
WALL_CLOCK = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.sleep",
    "time.time",
    "time.time_ns",
}
RUNTIMES = "execution/runtimes/in_process"
CHOOSE_A_RUNTIME = {"assembly.py"}

CORE = {
    "api_calls",
    "assembly",
    "dependencies",
    "engine",
    "event_sources",
    "execution",
    "invocation",
    "lifecycles",
    "operations",
}
CORE |= {"resources", "service", "shapes", "store", "wire"}
CHANGED_BY_THEIR_MODULE = {
    Path("dependencies/world.py"): {"self.permissions"},  # a property that leads to a property
    Path("engine/driver.py"): {"machine", "self.causes"},
    Path("execution/function_threads.py"): {"RUNNING"},
    Path("invocation/async_queue.py"): {"event"},
    Path("execution/hang_guard.py"): {"watch", "watch.outer"},
    Path("execution/sleeping.py"): {"_stack", "detached", "first"},
    # It takes the place of what a process has, as the imitation does.
    Path("execution/runtimes/processes/inside/python_start.py"): {
        "_datetime",
        "_one",
        "loops",
        "made",
        "spec.loader",
        "_time",
        "sys",
    },
    Path("lifecycles/functions.py"): {"self.of(version.place, version.name, version.number)"},
}
"""Objects other than `self` whose attributes a module assigns: it defines them, and nobody else changes them."""

# Where the outside world comes in.
MAY_ASK_THE_MACHINE = {
    "adapters": RANDOM | WALL_CLOCK,
    "engine/chance.py": RANDOM,
    "genuine.py": {"random"},  # its functions, which nobody calls here
    "execution/runtimes/in_process/random_values.py": RANDOM | WALL_CLOCK,  # the dice of a function's own code
    "execution/runtimes/in_process/noted.py": RANDOM,  # and what that code makes of the dice of the test
    "execution": WALL_CLOCK,  # a function's code runs there, in real time, but its dice are ours
    "server": {"time.monotonic"},  # programs that sleep for real
    "server/door.py": {"secrets"},  # what nobody may guess
    "command/demo.py": {"time.perf_counter"},  # a stopwatch, to show how little real time has passed
}


@dataclass(frozen=True)
class Import:
    name: str  # dotted, absolute
    line: int
    only_for_types: bool


@dataclass(frozen=True)
class Reading:
    """What the text of a module says. The tree is not kept: those of all modules together are large.

    Parameters: *attributes*, dotted, each with its line; *assigned*, of whose attributes some are set; *classes*, by
    name with what they are made of; *decorators*, of whatever has some.
    """

    lines: int
    imports: tuple[Import, ...]
    attributes: tuple[tuple[str, int], ...]
    assigned: frozenset[str]
    classes: tuple[tuple[str, tuple[str, ...]], ...]
    decorators: tuple[str, ...]


@cache
def modules(root: Path = ROOT) -> list[Path]:
    return sorted(path.relative_to(root) for path in root.rglob("*.py") if "__pycache__" not in path.parts)


def home(module: Path) -> str:
    """Return the name in the table under which *module* lives: its folder on top of the package, or its own."""
    return module.parts[0] if len(module.parts) > 1 else module.stem


def read(module: Path, root: Path = ROOT) -> Reading:
    """Return what *module* has in it."""
    return _read(module, root)


@cache
def _read(module: Path, root: Path) -> Reading:
    """Read *module*: what it imports anywhere, in functions too, ``from a import b`` as ``a.b``, and the rest."""
    text = (root / module).read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text, str(module))))
    typing_only = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    return Reading(
        len(text.splitlines()),
        tuple(
            Import(name, getattr(node, "lineno", 0), id(node) in typing_only)
            for node in nodes
            for name in imported_names(node, module)
        ),
        tuple((dotted(node), node.lineno) for node in attributes),
        frozenset(ast.unparse(node.value) for node in attributes if isinstance(node.ctx, ast.Store)),
        tuple((one.name, tuple(map(ast.unparse, (*one.bases, *one.decorator_list)))) for one in classes),
        tuple(ast.unparse(one) for node in nodes for one in getattr(node, "decorator_list", ())),
    )


def imports(module: Path, root: Path = ROOT) -> tuple[Import, ...]:
    """Return what *module* imports."""
    return read(module, root).imports


def imported_names(node: ast.AST, module: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        package = [PACKAGE, *module.parent.parts]
        above = package[: len(package) - node.level + 1] if node.level else []
        source = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{source}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "import_module":
        literals = [
            inner.value for argument in node.args for inner in ast.walk(argument) if isinstance(inner, ast.Constant)
        ]
        return [literal for literal in literals if isinstance(literal, str) and literal.startswith(f"{PACKAGE}.")]
    return []


def dotted(node: ast.expr) -> str:
    """Return the name that *node* is, as ``time.sleep``; what is no name before a dot counts as ``?``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def home_of_import(name: str, root: Path = ROOT) -> str | None:
    """Return where the module of ours called *name* lives; None for other people's."""
    first, _, rest = name.partition(".")
    if first != PACKAGE:
        return None
    top = rest.partition(".")[0]
    exists = (root / top).is_dir() or (root / f"{top}.py").is_file()
    return top if top and exists else "__init__"


def floor_violations(module: Path, root: Path = ROOT) -> list[str]:
    here = home(module)
    mine = HOUSE[here]
    found = []
    for imported in imports(module, root):
        there = home_of_import(imported.name, root)
        if there is None or there == here or there in mine.beside or there in FROM_ABOVE.get(module, ()):
            continue
        if there not in HOUSE:
            found.append(f"{module}:{imported.line} imports {there}, which has no floor")
        elif HOUSE[there].floor >= mine.floor:
            found.append(f"{module}:{imported.line} (floor {mine.floor}) imports {there} (floor {HOUSE[there].floor})")
        elif there in mine.never:
            found.append(f"{module}:{imported.line} imports {there}, which {here} must not know")
    return found


def foreign_libraries(module: Path, root: Path = ROOT) -> set[str]:
    tops = {imported.name.partition(".")[0] for imported in imports(module, root) if not imported.only_for_types}
    return tops - set(sys.stdlib_module_names) - {PACKAGE, ""}


def questions_to_the_machine(module: Path, root: Path = ROOT) -> list[str]:
    """Return where *module* asks for the time of day or for chance without leave. Texts and comments do not count."""
    allowed = MAY_ASK_THE_MACHINE.get(module.as_posix(), MAY_ASK_THE_MACHINE.get(home(module), set()))
    asked = [(one.name, one.line) for one in imports(module, root)]
    asked += read(module, root).attributes
    return [
        f"{module}:{line} uses {name}"
        for name, line in asked
        for forbidden in (RANDOM | WALL_CLOCK) - allowed
        # "datetime.now" is forbidden as "datetime.datetime.now" too, but "chance.uuid" is the seeded source.
        if name == forbidden
        or name.startswith(f"{forbidden}.")
        or (forbidden in WALL_CLOCK and name.endswith(f".{forbidden}"))
    ]


def of(*rooms: str) -> list[Path]:
    """Return the modules of *rooms*."""
    return [module for module in modules() if home(module) in rooms]


# -- the package as it is


def test_every_module_has_a_floor() -> None:
    homeless = {home(module) for module in modules()} - set(HOUSE)
    assert not homeless, f"give {sorted(homeless)} a row in the table of the house plan"


def test_every_room_of_the_table_is_there() -> None:
    assert set(HOUSE) == {home(module) for module in modules()}


def test_a_module_imports_only_from_floors_below_its_own() -> None:
    assert [violation for module in modules() for violation in floor_violations(module)] == []


def test_a_module_imports_no_library_that_is_not_its_own() -> None:
    strange = {module: foreign_libraries(module) - HOUSE[home(module)].foreign for module in modules()}
    assert {str(module): libraries for module, libraries in strange.items() if libraries} == {}


def test_a_module_of_operations_registers_operations() -> None:
    silent = [
        module for module in of("operations") if not any(d.startswith("operation(") for d in read(module).decorators)
    ]
    assert {module.stem for module in silent} == {"__init__", "registry"}


def test_records_of_resources_are_frozen() -> None:
    assert [
        f"{module}: {name}"
        for module in of("resources")
        for name, made_of in read(module).classes
        if not any(one == "NamedTuple" or "Enum" in one or "frozen=True" in one for one in made_of)
    ] == ["resources/limits.py: Limits"]  # a test sets them


def test_dataclasses_of_the_core_are_made_quickly_but_for_those_that_a_test_sees() -> None:
    assert {
        module.as_posix()
        for module in of(*CORE)
        if module.parent.name != "inside"  # it runs where this package is not
        for one in imports(module)
        if one.name == "dataclasses.dataclass"
    } == {"api_calls.py", "engine/fault.py", "engine/timeline.py", "event_sources/journal.py", "invocation/record.py"}


def test_no_module_but_the_assembly_knows_which_runtime_runs() -> None:
    inside = f"{PACKAGE}.{RUNTIMES.replace('/', '.')}"
    assert [
        f"{module}:{one.line} imports {one.name}"
        for module in modules()
        if module.as_posix() not in CHOOSE_A_RUNTIME and not module.as_posix().startswith(RUNTIMES)
        for one in imports(module)
        if one.name.startswith(inside)
    ] == []


def test_an_object_of_the_core_is_not_wired_up_by_another() -> None:
    changed = {
        module: read(module).assigned - {"self"} - CHANGED_BY_THEIR_MODULE.get(module, set())
        for module in of(*CORE)
        if not module.as_posix().startswith(RUNTIMES)  # it puts the test's process aside, attribute by attribute
    }
    assert {str(module): names for module, names in changed.items() if names} == {}


def test_no_two_classes_share_a_name() -> None:
    named = Counter(name for module in modules() for name, _ in read(module).classes)
    assert [name for name, count in named.items() if count > 1] == []


def test_an_adapter_adapts_one_foreign_library() -> None:
    adapted = {str(module): foreign_libraries(module) - UNDER_ALL_ADAPTERS for module in of("adapters")}
    assert {module: libraries for module, libraries in adapted.items() if len(libraries) > 1} == {}


def test_a_module_takes_time_and_chance_from_the_mock() -> None:
    assert [question for module in modules() for question in questions_to_the_machine(module)] == []


def test_a_module_is_short_enough_to_be_read_at_a_sitting() -> None:
    lengths = {module: read(module).lines for module in modules() if module not in LOOKED_UP}
    assert {str(module): lines for module, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_a_module_is_named_after_what_it_holds() -> None:
    assert [str(module) for module in modules() if SAYS_NOTHING & {*module.parent.parts, module.stem}] == []


def test_neighbours_on_a_floor_do_not_import_each_other_in_a_circle() -> None:
    TopologicalSorter({name: mine.beside for name, mine in HOUSE.items()}).prepare()


def test_the_table_names_neighbours_of_the_same_floor_and_bans_from_below() -> None:
    for name, mine in HOUSE.items():
        assert {HOUSE[neighbour].floor for neighbour in mine.beside} <= {mine.floor}, name
        assert all(HOUSE[banned].floor < mine.floor for banned in mine.never), name


# -- the reader of imports itself


def written(root: Path, module: str, text: str) -> Path:
    path = root / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Path(module)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    for name in ("clock", "backend", "mock", "store"):
        written(tmp_path, f"{name}.py", "")
    for name in ("states", "operations", "wire", "engine"):
        written(tmp_path, f"{name}/__init__.py", "")
    return tmp_path


@pytest.mark.parametrize(
    ("module", "text", "found"),
    [
        ("store.py", "import lambda_states_mock.backend", "store.py:1 (floor 1) imports backend (floor 10)"),
        ("store.py", "from lambda_states_mock import backend", "store.py:1 (floor 1) imports backend (floor 10)"),
        ("store.py", "from . import backend", "store.py:1 (floor 1) imports backend (floor 10)"),
        ("store.py", "from lambda_states_mock import mock_lambda", "store.py:1 (floor 1) imports __init__ (floor 14)"),
        ("store.py", "def f():\n    from .mock import x", "store.py:2 (floor 1) imports mock (floor 12)"),
        (
            "store.py",
            "import importlib\nimportlib.import_module('lambda_states_mock.mock')",
            "store.py:2 (floor 1) imports mock (floor 12)",
        ),
        (
            "states/a.py",
            "from lambda_states_mock.clock import Timer",
            "states/a.py:1 (floor 0) imports clock (floor 0)",
        ),
        (
            "operations/a.py",
            "from ..wire import parse",
            "operations/a.py:1 imports wire, which operations must not know",
        ),
        ("wire/a.py", "from ..operations.b import c", "wire/a.py:1 (floor 2) imports operations (floor 9)"),
        (
            "engine/a.py",
            "from lambda_states_mock.store import Store",
            "engine/a.py:1 imports store, which engine must not know",
        ),
    ],
)
def test_an_import_from_above_is_found_out(elsewhere: Path, module: str, text: str, found: str) -> None:
    assert floor_violations(written(elsewhere, module, text), elsewhere) == [found]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("operations/a.py", "from lambda_states_mock.operations.b import c"),
        ("operations/a.py", "from .b import c"),
        ("operations/a.py", "from lambda_states_mock.store import Store"),
        ("backend.py", "from lambda_states_mock import clock, wire"),
        ("mock.py", "import json"),
    ],
)
def test_an_import_from_below_or_from_the_own_folder_is_fine(elsewhere: Path, module: str, text: str) -> None:
    assert floor_violations(written(elsewhere, module, text), elsewhere) == []


@pytest.mark.parametrize(
    "text",
    [
        "import random",
        "from uuid import uuid4",
        "import secrets",
        "import time\ntime.time()",
        "from time import monotonic",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\nclock = datetime.utcnow",
        "import os\nos.urandom(4)",
    ],
)
def test_a_question_to_the_machine_is_found_out(elsewhere: Path, text: str) -> None:
    assert questions_to_the_machine(written(elsewhere, "store.py", text), elsewhere)


def test_to_ask_the_seeded_source_is_not_to_ask_the_machine(elsewhere: Path) -> None:
    text = "def f(world):\n    return world.chance.uuid(), world.chance.random()\n"
    assert questions_to_the_machine(written(elsewhere, "store.py", text), elsewhere) == []


def test_to_write_about_the_machines_time_is_not_to_ask_for_it(elsewhere: Path) -> None:
    text = '"""Unlike `datetime.now()`."""\nHINT = "time.time() goes on"  # as does time.monotonic()\n'
    assert questions_to_the_machine(written(elsewhere, "store.py", text), elsewhere) == []


def test_an_import_for_type_checkers_alone_needs_no_library(elsewhere: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mypy_boto3_lambda\nimport yaml\n"
    assert foreign_libraries(written(elsewhere, "store.py", text), elsewhere) == {"yaml"}
