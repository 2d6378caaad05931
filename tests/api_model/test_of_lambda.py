"""Our own model of the API: what it was made from, what a newer botocore has beyond it, and what it does not need."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.handlers
import botocore.session
import pytest
from botocore.loaders import create_loader

from lambda_states_mock import OperationNotBuiltError, mock_lambda
from lambda_states_mock.adapters.botocore_hook import EVENT
from lambda_states_mock.api_model import of_lambda, regions
from scripts.make_api_model import FILE, installed, text_of
from tests.deploying import create
from tests.test_import_cost import fresh_interpreter

NOT_NEEDED = {"documentation", "documentationUrl"}


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def lacking(theirs: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all that *theirs* has and *ours* has not, or has otherwise."""
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        for name, value in theirs.items():
            below = f"{path}.{name}" if path else name
            if name not in ours:
                yield below
            else:
                yield from lacking(value, ours[name], below)
    elif isinstance(theirs, list) and isinstance(ours, list):
        for value in theirs:
            if value not in ours:
                yield f"{path}: {json.dumps(value)}"
    elif theirs != ours:
        yield f"{path}: {json.dumps(theirs)}, not {json.dumps(ours)}"


same_or_newer = pytest.mark.skipif(
    numbers(botocore.__version__) < numbers(of_lambda.botocore_version()),
    reason=f"botocore {botocore.__version__} is older than the model, which comes from {of_lambda.botocore_version()}",
)


@same_or_newer
def test_the_model_lacks_nothing_that_the_installed_botocore_has() -> None:
    theirs = {name: part for name, part in installed().items() if name != "botocore"}
    found = list(lacking(theirs, of_lambda.data()))
    assert found == [], "python -m scripts.make_api_model, and decide what becomes of what is new"


@pytest.mark.skipif(
    botocore.__version__ != of_lambda.botocore_version(),
    reason=f"the model comes from botocore {of_lambda.botocore_version()}, and {botocore.__version__} is installed",
)
def test_the_file_is_what_the_script_writes() -> None:
    made = {"botocore": botocore.__version__, "made": of_lambda.model_date(), **installed()}
    assert FILE.read_text(encoding="utf-8") == text_of(made), "python -m scripts.make_api_model"


@pytest.mark.parametrize(
    ("newer", "found"),
    [
        ({"operations": {"Dream": {}}}, ["operations.Dream"]),
        ({"shapes": {"Age": {"max": 9}}}, ["shapes.Age.max: 9, not 5"]),
        ({"shapes": {"Age": {"enum": ["old", "new"]}}}, ['shapes.Age.enum: "new"']),
        ({"shapes": {}}, []),
    ],
)
def test_what_a_newer_model_has_beyond_ours_is_listed_by_its_path(newer: dict[str, Any], found: list[str]) -> None:
    ours = {"operations": {}, "shapes": {"Age": {"max": 5, "enum": ["old", "gone"]}}}
    assert list(lacking(newer, ours)) == found


def test_the_file_has_no_texts_for_people() -> None:
    def texts(value: Any) -> Iterator[str]:
        for name, below in value.items() if isinstance(value, dict) else enumerate(value):
            if name in NOT_NEEDED and isinstance(below, str):
                yield below
            elif isinstance(below, (dict, list)):
                yield from texts(below)

    assert list(texts(of_lambda.data())) == []


def test_the_file_is_written_one_way_only() -> None:
    assert FILE.read_text(encoding="utf-8") == text_of(of_lambda.data())


def test_the_model_is_read_on_first_use_alone() -> None:
    code = (
        "import lambda_states_mock.api_model as m, lambda_states_mock.api_model.of_lambda as o\n"
        "print(o.data.cache_info().misses); m.regions(); m.lambda_model(); print(o.data.cache_info().misses)"
    )
    assert fresh_interpreter("-c", code).split() == ["0", "1"]


def test_regions_are_those_of_all_partitions() -> None:
    assert {"us-east-1", "cn-north-1", "us-gov-west-1"} <= regions()
    assert not [region for region in regions() if "global" in region]


# -- a client whose botocore is newer


@pytest.fixture(params=["after", "before"])
def newer_client(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client, in a mock, that knows an operation and a parameter which our model lacks.

    It is of a session that was made before any mock was entered, or after that.
    """
    with mock_lambda():
        listening = [one for one in botocore.handlers.BUILTIN_HANDLERS if one[0] != EVENT or request.param == "after"]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", listening)
    model = json.loads(json.dumps(create_loader().load_service_model("lambda", "service-2")))
    dream = {"name": "Dream", "http": {"method": "POST", "requestUri": "/2031-01-01/dreams"}}
    model["operations"]["Dream"] = {**dream, "input": model["operations"]["Invoke"]["input"]}
    asked = model["shapes"]["GetFunctionConfigurationRequest"]["members"]
    asked["Mood"] = {"shape": "String", "location": "querystring"}
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def load_service_model(service: str, type_name: str, *rest: Any, **options: Any) -> Any:
        return model if (service, type_name) == ("lambda", "service-2") else load(service, type_name, *rest, **options)

    monkeypatch.setattr(loader, "load_service_model", load_service_model)
    with mock_lambda():
        yield session.create_client("lambda")


def test_an_operation_of_a_newer_client_is_named_by_our_own_error(newer_client: Any) -> None:
    with pytest.raises(OperationNotBuiltError) as raised:
        newer_client.dream(FunctionName="orders")
    assert str(raised.value).startswith("Dream is an operation that lambda_states_mock does not answer: ")
    assert f"(of botocore {of_lambda.botocore_version()}, {of_lambda.model_date()})" in str(raised.value)


def test_a_parameter_that_only_a_newer_client_knows_is_passed_over(newer_client: Any) -> None:
    create(newer_client)
    assert newer_client.get_function_configuration(FunctionName="orders", Mood="blue")["FunctionName"] == "orders"
