"""Finds the private names of other libraries in the sources of the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "lambda_states_mock"
DOCUMENTED = {
    # https://docs.python.org/3/library/: sys, os, _thread, collections.namedtuple
    *("_getframe", "_current_frames", "_exit", "_thread", "_replace"),
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    *("_HANDLER", "_X_AMZN_TRACE_ID", "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT"),
}
"""Names that begin with an underscore, and are there for all to use."""
OURS = {"_lambda_states_mock_owners"}
INSIDE = "execution.runtimes.processes.inside."
"""These modules run in the processes of functions, which have no mock: what is missing there ends such a process."""
SHARED = {
    ("durable_view", "_line"),
    ("engine.timings", "_parent"),
    ("engine.timings", "_seconds"),
    # Of MongoDB's change events: https://www.mongodb.com/docs/manual/reference/change-events/
    ("event_sources.batch_events", "_id"),
    ("event_sources.events.documentdb", "_data"),
    ("event_sources.events.documentdb", "_id"),
    ("event_sources.topic_views", "_id"),
    # What `quick_dataclasses` gives to each class that it makes.
    ("quick_dataclasses", "_compared"),
    # A variable between Lambda and AWS's runtime clients.
    ("execution.runtimes.processes.environment_processes", "_LAMBDA_TELEMETRY_LOG_FD"),
}
"""By their module: what an object uses of another one of its class, and what is data."""


NAMING = {
    *(ast.Attribute, ast.Call, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef),
    *(ast.Import, ast.ImportFrom, ast.Constant, ast.JoinedStr),
}


def is_private(name: str) -> bool:
    begins_so = name.startswith("_") and not name.startswith("__") and name != "_"
    return begins_so and name.isidentifier() and name not in DOCUMENTED | OURS


@cache
def texts() -> dict[str, str]:
    """Return each module of the package as it is written, by its name within the package."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] != "private_names" and not ".".join(parts).startswith(INSIDE):
            found[".".join(parts)] = file.read_text(encoding="utf-8")
    return found


@cache
def sources() -> dict[str, ast.Module]:
    """Return each module of the package, by its name within the package."""
    return {module: ast.parse(text) for module, text in texts().items()}


@cache
def nodes_of(source: ast.Module) -> list[ast.AST]:
    """Return what names something in *source*: a third of all that is there."""
    return [node for node in ast.walk(source) if node.__class__ in NAMING]


def in_use(source: ast.Module, inherited: frozenset[str] = frozenset()) -> set[str]:
    """Return the private names in *source* that its own classes do not have.

    Parameters: *inherited*, what ``self`` may have from classes of other modules.
    """
    own: frozenset[str] = members_of(source) | {part.name for part in source.body if isinstance(part, _DEFINITIONS)}
    foreign_selves = _foreign_selves(source)
    found: set[str] = set()
    for node in nodes_of(source):
        if isinstance(node, ast.Attribute):
            if is_private(node.attr):
                is_foreign = id(node) in foreign_selves
                of_self = not is_foreign and ast.unparse(node.value) in {"self", "cls", "super()"}
                if not of_self or node.attr not in own | inherited:
                    found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(PACKAGE.name):
            found.update((node.module or "").split("."), (alias.name for alias in node.names))
        elif isinstance(node, ast.Import):
            found.update(part for alias in node.names for part in alias.name.split("."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(set(node.value.split(".")) - own)
    return {name for name in found - _in_f_strings(source) if is_private(name)}


_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def members_of(source: ast.Module) -> frozenset[str]:
    """Return what the classes in *source* define, and what their instances are given."""
    told = [node for node in nodes_of(source) if type(node) in {ast.Attribute, ast.ClassDef}]
    return frozenset(name for node in told for name in _defined_by(node))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _defined_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_name(node.value, "self"):
        yield node.attr
    if not isinstance(node, ast.ClassDef):
        return
    for part in node.body:
        if isinstance(part, _DEFINITIONS):
            yield part.name
        elif isinstance(part, (ast.Assign, ast.AnnAssign)):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            names = {inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)}
            yield from names
            if "__slots__" in names:
                yield from (str(inner.value) for inner in ast.walk(part) if isinstance(inner, ast.Constant))


def _foreign_selves(source: ast.Module) -> set[int]:
    """Return the ids of attributes of ``self: Any``: of functions that replace another library's method."""
    return {
        id(node)
        for function in nodes_of(source)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.args.args
        if isinstance(first := function.args.args[0].annotation, ast.Name) and first.id == "Any"
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and _is_name(node.value, function.args.args[0].arg)
    }


def _in_f_strings(source: ast.Module) -> set[str]:
    """Return the texts between the values of f-strings: they are parts of names at most."""
    return {
        str(part.value)
        for text in nodes_of(source)
        if isinstance(text, ast.JoinedStr)
        for part in text.values
        if isinstance(part, ast.Constant)
    }


@cache
def names_in_use() -> frozenset[tuple[str, str]]:
    """Return each module of the package with each private name of another library that it uses."""
    inherited = frozenset[str]().union(*map(members_of, sources().values()))
    found = {(module, name) for module, source in sources().items() for name in in_use(source, inherited)}
    return frozenset(found - SHARED)


@cache
def replaced() -> frozenset[tuple[str, str]]:
    """Return each module of the package with each attribute of another library that it replaces by `Patches`."""
    return frozenset(
        (module, str(node.args[1].value))
        for module, source in sources().items()
        for node in nodes_of(source)
        if isinstance(node, ast.Call) and len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
        if ast.unparse(node.func) == "patches.set"
    )
