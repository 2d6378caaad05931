"""Python code in a zip: which modules it finds, and which find it."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tests.execution.stage import Stage, spec, zip_files, zip_of


@pytest.mark.parametrize(
    ("path", "handler"),
    [
        ("app.py", "app.handler"),
        ("src/app.py", "src/app.handler"),
        ("src/app.py", "src.app.handler"),
        ("src/deep/app.py", "src/deep/app.handler"),
        ("src/deep/app.py", "src.deep/app.handler"),
        ("index.py", "index.handler"),
        ("queue.py", "queue.handler"),
        ("with-dash.py", "with-dash.handler"),
    ],
)
def test_a_handler_is_found_by_its_path(stage: Stage, path: str, handler: str) -> None:
    code = zip_files({path: "def handler(event, context): return [__name__, __file__]"})
    name, file = stage.result(spec(code, handler=handler))
    assert name == handler.rpartition(".")[0].replace("/", ".")
    assert Path(file).parts[-len(Path(path).parts) :] == Path(path).parts


def test_code_with_packages_can_import_its_parts(stage: Stage) -> None:
    code = zip_files(
        {
            "src/__init__.py": "from .names import NAME",
            "src/names.py": "NAME = 'orders'",
            "src/app.py": (
                "from . import NAME\nfrom src import names\nfrom lib.db import table\n"
                "def handler(event, context): return [NAME, names.NAME, table]"
            ),
            "lib/db.py": "table = 'x'",
        }
    )
    assert stage.result(spec(code, handler="src/app.handler")) == ["orders", "orders", "x"]


def test_imports_inside_of_the_handler_find_the_modules_of_the_zip(stage: Stage) -> None:
    code = zip_of(
        app="def handler(event, context):\n    import part\n    import lib.deep\n    return [part.x, lib.deep.x]",
        part="x = 1",
        lib__deep="x = 2",
    )
    assert [stage.result(spec(code)) for _ in range(2)] == [[1, 2], [1, 2]]


def test_a_lazy_import_is_done_once(stage: Stage) -> None:
    code = zip_of(app="def handler(e, c):\n    import part\n    part.x += 1\n    return part.x", part="x = 0")
    assert [stage.result(spec(code)) for _ in range(3)] == [1, 2, 3]


def test_a_missing_lazy_import_is_an_error_of_the_handler(stage: Stage) -> None:
    payload = stage.result(spec("def handler(event, context): import nowhere_to_be_found"))
    assert payload["errorType"] == "ModuleNotFoundError"


def test_functions_with_modules_of_the_same_name_do_not_meet(stage: Stage) -> None:
    functions = [
        spec(
            zip_of(
                app="from part import x\ndef handler(e, c):\n    import lazy\n    return [x, lazy.x]",
                part=f"x = {n}",
                lazy=f"x = {n}",
            ),
            name=f"orders-{n}",
        )
        for n in (1, 2)
    ]
    for _ in range(2):
        assert [stage.result(function) for function in functions] == [[1, 1], [2, 2]]


@pytest.mark.parametrize("name", ["app", "src.app"])
def test_a_module_of_the_test_with_the_same_name_is_neither_used_nor_lost(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = types.ModuleType(name)
    own.x = "of the test"  # type: ignore[attr-defined]
    parent = name.rpartition(".")[0]
    if parent:
        package = types.ModuleType(parent)
        package.__path__ = []
        monkeypatch.setitem(sys.modules, parent, package)
    monkeypatch.setitem(sys.modules, name, own)
    path = f"{name.replace('.', '/')}.py"
    code = zip_files({path: "x = 'of the zip'\ndef handler(event, context): return x"})
    assert stage.result(spec(code, handler=f"{name}.handler")) == "of the zip"
    assert sys.modules[name] is own


def test_the_standard_library_and_what_is_installed_are_shared(stage: Stage) -> None:
    code = "import json, botocore\ndef handler(event, context): return [id(json), id(botocore)]"
    assert stage.result(spec(code)) == [id(json), id(importlib.import_module("botocore"))]


def test_a_file_named_like_the_standard_library_does_not_replace_it(stage: Stage) -> None:
    code = zip_of(app="import json\ndef handler(event, context): return json.dumps(1)", json="")
    assert stage.result(spec(code)) == "1"


def test_a_copy_of_botocore_in_the_zip_is_not_used(stage: Stage) -> None:
    app = "import botocore\ndef handler(event, context): return botocore.__name__"
    assert stage.result(spec(zip_files({"app.py": app, "botocore/__init__.py": "1/0"}))) == "botocore"


def test_a_copy_of_something_installed_in_the_zip_is_used(stage: Stage) -> None:
    installed = importlib.import_module("jmespath")
    app = "import jmespath\ndef handler(event, context): return jmespath.x"
    assert stage.result(spec(zip_files({"app.py": app, "jmespath/__init__.py": "x = 1"}))) == 1
    assert sys.modules["jmespath"] is installed
    assert installed.search("a", {"a": 1}) == 1


def test_classes_of_the_zip_can_be_looked_up_by_their_module(stage: Stage) -> None:
    code = """
    import pickle, sys, typing
    from dataclasses import dataclass
    @dataclass
    class Order:
        name: "str"
    def handler(event, context):
        again = pickle.loads(pickle.dumps(Order("x")))
        return [again.name, typing.get_type_hints(Order)["name"].__name__, __name__ in sys.modules]
    """
    assert stage.result(spec(code)) == ["x", "str", True]


def test_files_beside_the_code_are_found(stage: Stage) -> None:
    code = zip_files(
        {
            "app.py": "import os, pathlib\n"
            "def handler(event, context):\n"
            "    by_root = pathlib.Path(os.environ['LAMBDA_TASK_ROOT'], 'data/text.txt').read_text()\n"
            "    return [by_root, pathlib.Path(__file__).with_name('data').joinpath('text.txt').read_text()]",
            "data/text.txt": "hello",
        }
    )
    assert stage.result(spec(code)) == ["hello", "hello"]


def test_each_environment_has_a_temporary_folder_of_its_own_that_lasts(stage: Stage) -> None:
    code = """
    import pathlib, tempfile
    def handler(event, context):
        with tempfile.NamedTemporaryFile(delete=False): pass
        return len(list(pathlib.Path(tempfile.gettempdir()).iterdir()))
    """
    assert [stage.result(spec(code)) for _ in range(3)] == [1, 2, 3]
    assert stage.result(spec(code, name="refunds")) == 1


def test_the_working_directory_stays_that_of_the_test(stage: Stage) -> None:
    assert stage.result(spec("import os\ndef handler(event, context): return os.getcwd()")) == str(Path.cwd())


# -- layers


def test_layers_provide_modules(stage: Stage) -> None:
    layers = (
        zip_files({"python/shared.py": "x = 'from python/'", "python/both.py": "x = 'first'"}),
        zip_files(
            {
                "python/lib/python3.13/site-packages/packed.py": "x = 'from site-packages'",
                "python/lib/python3.9/site-packages/other.py": "",
                "python/both.py": "x = 'second'",
            }
        ),
    )
    code = "import shared, packed, both\ndef handler(event, context): return [shared.x, packed.x, both.x]"
    assert stage.result(spec(code, layers_code=layers)) == ["from python/", "from site-packages", "second"]
    code = "import other"
    assert "No module named 'other'" in stage.result(spec(code, layers_code=layers))["errorMessage"]


def test_the_code_of_the_function_comes_before_its_layers(stage: Stage) -> None:
    layer = zip_files({"python/both.py": "x = 'layer'"})
    code = zip_of(app="import both\ndef handler(event, context): return both.x", both="x = 'function'")
    assert stage.result(spec(code, layers_code=(layer,))) == "function"


def test_an_error_in_a_layer_is_shown_in_opt(stage: Stage) -> None:
    layer = zip_files({"python/shared.py": "def fail(): raise ValueError"})
    code = "import shared\ndef handler(event, context): shared.fail()"
    trace = stage.result(spec(code, layers_code=(layer,)))["stackTrace"]
    assert trace[-1].startswith('  File "/opt/python/shared.py", line 1, in fail\n')


# -- loggers


def test_a_logger_of_the_function_is_not_that_of_the_test(stage: Stage) -> None:
    own = logging.getLogger("app")
    own.setLevel("ERROR")
    try:
        code = """
        import logging
        log = logging.getLogger(__name__)
        log.setLevel("DEBUG")
        def handler(event, context):
            log.debug("seen")
            return logging.getLogger("app") is log
        """
        for _ in range(2):
            outcome = stage.invoke(spec(code))
            assert outcome.payload == b"true"
            assert "\tseen\n" in outcome.log
        assert logging.getLogger("app") is own
        assert own.level == logging.ERROR
    finally:
        del logging.root.manager.loggerDict["app"]


def test_an_installed_package_that_a_function_imports_first_stays_for_all(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "installed"
    folder.mkdir()
    (folder / "imported_first_by_a_function.py").write_text("x = 1")
    monkeypatch.syspath_prepend(str(folder))
    stage.result(spec("import imported_first_by_a_function\ndef handler(event, context): pass"))
    module: Any = sys.modules.pop("imported_first_by_a_function")
    assert module.x == 1
