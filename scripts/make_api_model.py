"""Make ``lambda_states_mock/api_model/lambda.json`` from the botocore that is installed.

    python -m pip install --upgrade botocore
    python -m scripts.make_api_model

The file is JSON with a line for each trait, member and error: a change of the API is a change of a few lines, and it
loads as quickly as anything that a checkout can hold (see ``docs/architecture.md``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import create_loader

FILE = Path(__file__).parent.parent / "lambda_states_mock" / "api_model" / "lambda.json"
TEXTS = frozenset({"documentation", "documentationUrl"})
LONG = frozenset({"enum", "errors", "members"})


def installed() -> dict[str, Any]:
    """Return what the file holds if it is made from the installed botocore."""
    loader = create_loader()
    service = loader.load_service_model("lambda", "service-2")
    partitions = loader.load_data("partitions")["partitions"]
    return {
        "botocore": botocore.__version__,
        "partitions": {
            each["id"]: sorted(region for region in each["regions"] if "global" not in region) for each in partitions
        },
        "operations": {name: without_texts(traits) for name, traits in service["operations"].items()},
        "shapes": {name: without_texts(traits) for name, traits in service["shapes"].items()},
    }


def without_texts(traits: Any) -> Any:
    """Return *traits* of an operation or shape without what is written for people."""
    if isinstance(traits, Mapping):
        return {
            trait: without_texts(value)
            for trait, value in traits.items()
            # a member may have such a name: it is a mapping then
            if trait not in TEXTS or not isinstance(value, str)
        }
    return [without_texts(each) for each in traits] if isinstance(traits, list) else traits


def text_of(data: Mapping[str, Any]) -> str:
    """Return the text of the file that holds *data*."""
    return "".join(_lines(data, 3, "")) + "\n"


def _lines(value: Any, levels: int, indent: str) -> Iterator[str]:
    """Yield *value* as JSON: what is nested in less than *levels*, and what is `LONG`, has a line for each item."""
    if not levels or not value or not isinstance(value, (Mapping, list)):
        yield json.dumps(value, separators=(",", ":"))
        return
    keyed = isinstance(value, Mapping)
    items = value.items() if isinstance(value, Mapping) else [(None, each) for each in value]
    yield "{" if keyed else "["
    for number, (key, below) in enumerate(items):
        yield f"{',' if number else ''}\n{indent} {f'{json.dumps(key)}:' if keyed else ''}"
        yield from _lines(below, levels - 1 or int(key in LONG), f"{indent} ")
    yield f"\n{indent}{'}' if keyed else ']'}"


def main() -> int:
    """Write the file, and say what it was made from, and when."""
    found = installed()
    made = {"botocore": found.pop("botocore"), "made": date.today().isoformat(), **found}
    FILE.write_text(text_of(made), encoding="utf-8")
    operations, shapes = len(made["operations"]), len(made["shapes"])
    print(f"{FILE.name}: {operations} operations and {shapes} shapes of botocore {made['botocore']}, {made['made']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
