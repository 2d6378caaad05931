"""The Python blocks of a page, as tests: pytest runs each after the imports and constants of those above it."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A Python block: the *page* it is on, the *line* where it begins, its *code*, and the *imports* above it."""

    page: str
    line: int
    code: str
    imports: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def as_tests(self) -> str:
        """A test module that runs the block."""
        module = ast.parse(self.code)
        if any(name.startswith(("test", "Test")) for name in _defined(module)):
            return f"{self.imports}\n{self.code}"
        return f"{self.imports}\n\ndef test_the_block():\n{textwrap.indent(self.code, '    ')}"


def _defined(module: ast.Module) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in module.body if isinstance(node, kinds)]


def blocks_of(text: str, page: str) -> list[Block]:
    """Return the Python blocks of *text*, in order."""
    found: list[Block] = []
    imports: list[str] = []
    for match in _FENCE.finditer(text):
        if match["language"] != "python":
            continue
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, match["code"], "\n".join(imports)))
        module = ast.parse(match["code"])
        imports += [ast.unparse(node) for node in module.body if _is_for_all_blocks(node)]
    return found


def _is_for_all_blocks(node: ast.stmt) -> bool:
    """Tell whether the blocks below see *node*: an import, or a constant."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
    return isinstance(node, (ast.Import, ast.ImportFrom))
