"""The recordings are read as they are meant."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from .packages import make_zip
from .sequences import (
    FOLDER_VARIABLE,
    Call,
    MissingValueError,
    Parameters,
    RecordedSequence,
    Settle,
    StandIns,
    load,
    recordings_folder,
)


def call(index: int = 0, operation: str = "CreateFunction", service: str = "lambda", **params: Any) -> Call:
    return Call(index, service, operation, "us-east-1", params)


def sequence(*steps: Call | Settle) -> RecordedSequence:
    return RecordedSequence("one", complete=True, steps=steps)


def test_sequences_are_loaded_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    step = {"i": 0, "service": "lambda", "operation": "GetPolicy", "region": "us-east-1", "params": {}}
    for name, sequences in (("b.jsonl", ["third"]), ("a.jsonl", ["first", "second"])):
        lines = [json.dumps({"name": each, "complete": True, "calls": [{"settle": True}, step]}) for each in sequences]
        (tmp_path / name).write_text("\n".join(lines))
    loaded = load(tmp_path)
    assert [each.name for each in loaded] == ["first", "second", "third"]
    assert loaded[0].steps == (Settle(), call(operation="GetPolicy"))


def test_what_is_known_of_an_answer_is_kept(tmp_path: Path) -> None:
    base = {"service": "lambda", "operation": "Invoke", "region": "us-east-1", "params": {}}
    steps = [
        {**base, "i": 0, "recorded": None},
        {**base, "i": 1, "recorded_in_part": [{"at": ["Error"], "value": 5}]},
        {**base, "i": 2, "unchecked": "ok"},
    ]
    (tmp_path / "a.jsonl").write_text(json.dumps({"name": "one", "complete": False, "calls": steps}))
    whole, part, unchecked = load(tmp_path)[0].calls
    assert (whole.is_recorded, part.is_recorded, unchecked.is_recorded) == (True, True, False)
    assert part.parts[0].at == ("Error",)
    assert unchecked.unchecked == "ok"


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert recordings_folder() is None
    (tmp_path / "a.jsonl").touch()
    assert recordings_folder() == tmp_path


def test_roles_that_calls_name_are_those_that_no_call_creates() -> None:
    arns = [f"arn:aws:iam::123456789012:role/{name}" for name in ("made", "service/named", "named")]
    steps = (
        call(operation="CreateRole", service="iam", RoleName="made"),
        *(call(Role=arn) for arn in arns),
        call(Role="r1"),
        call(operation="PassRole", service="iam", Role="arn:aws:iam::123456789012:role/elsewhere"),
    )
    assert sequence(*steps).roles == (arns[2], arns[1])


def test_zips_fit_the_handlers_of_the_sequence() -> None:
    assert sequence(call(Handler="index.handler"), call(Handler="echo.Handler")).handler_modules == ("echo", "index")
    assert sequence(call()).handler_modules == ("index",)


def test_following_pages_are_found_by_their_markers() -> None:
    calls = (
        call(3, "ListAliases"),
        call(4, "ListAliases", Marker={"$ref": [3, "NextMarker"]}),
        call(5, "ListAliases", Marker={"$ref": [4, "NextMarker"]}),
        call(6, "ListAliases", Marker="plain"),
    )
    assert sequence(*calls).pages == {3: (4, 5)}


def test_the_same_label_gives_the_same_zip_and_another_one_another() -> None:
    parameters = Parameters()
    first, again, other = (
        parameters.of(call(ZipFile={"$zip": label, "$size": 900}))["ZipFile"] for label in ("A", "A", "B")
    )
    assert first == again != other


@pytest.mark.parametrize("size", [900, 60_000, 2_000_000])
def test_a_zip_has_the_recorded_size_and_can_be_unpacked(size: int) -> None:
    packed = make_zip("A", size=size, modules=("index", "echo"))
    assert len(packed) == size
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {"index.py", "index.js", "echo.py", "echo.js"} <= set(archive.namelist())


def test_a_zip_that_needs_more_than_the_recorded_size_is_larger() -> None:
    assert len(make_zip("A", size=10)) > 10


def test_values_made_of_tokens() -> None:
    tokens: dict[str, Any] = {
        "base": {"$base64": base64.b64encode(b"no zip").decode()},
        "bytes": {"$bytes": "text"},
        "sized": {"$bytes_of_size": 10},
        "long": {"__len__": 7, "__str_sha256__": "..."},
        "list": [{"$bytes": ""}],
    }
    made = Parameters().of(call(**tokens))
    assert made["base"] == b"no zip"
    assert made["bytes"] == b"text"
    assert len(made["sized"]) == 10
    assert isinstance(json.loads(made["sized"]), str)
    assert made["long"] == "aaaaaaa"
    assert made["list"] == [b""]


def test_a_key_with_a_dollar_that_is_no_token_stays() -> None:
    assert Parameters().of(call(Weights={"$LATEST": 0.5})) == {"Weights": {"$LATEST": 0.5}}


def test_a_reference_is_the_value_of_our_own_answer() -> None:
    parameters = Parameters()
    parameters.remember(2, {"Config": {"Items": [{"Arn": "arn:x:csc-0123"}]}})
    reference = [2, "Config", "Items", 0, "Arn"]
    assert parameters.of(call(Arn={"$ref": reference})) == {"Arn": "arn:x:csc-0123"}
    matching = [*reference, {"$match": "csc-[0-9]{4}"}]
    text = "a/${" + json.dumps(reference) + "}/b/${" + json.dumps(matching) + "}"
    assert parameters.of(call(Arn=text)) == {"Arn": "a/arn:x:csc-0123/b/csc-0123"}


@pytest.mark.parametrize("path", [["NextMarker"], ["Items", 3], ["Name", {"$match": "[0-9]+"}], ["Name", "x"]])
def test_a_reference_to_nothing_says_so(path: list[Any]) -> None:
    parameters = Parameters()
    parameters.remember(1, {"Items": [], "Name": "abc"})
    with pytest.raises(MissingValueError, match="our answer to call 1 has nothing at"):
        parameters.of(call(Marker={"$ref": [1, *path]}))


def test_the_hash_of_a_recorded_package_becomes_that_of_ours() -> None:
    parameters = Parameters()
    packed = parameters.of(call(ZipFile={"$zip": "A"}))["ZipFile"]
    recorded = base64.b64encode(hashlib.sha256(b"theirs").digest()).decode()
    ours = base64.b64encode(hashlib.sha256(packed).digest()).decode()
    assert parameters.of(call(CodeSha256=recorded)) == {"CodeSha256": ours}
    assert parameters.of(call(CodeSha256="wrong")) == {"CodeSha256": "wrong"}
    assert parameters.of(call(RevisionId=recorded)) == {"RevisionId": recorded}


def test_ids_that_the_neighbours_gave_out_replace_the_recorded_ones_in_their_order() -> None:
    stand_ins = StandIns()
    stand_ins.offer({"Subnet": {"SubnetId": "subnet-aaaaaaaa1", "VpcId": "vpc-bbbbbbbb1"}})
    stand_ins.offer({"Subnet": {"SubnetId": "subnet-aaaaaaaa2", "VpcId": "vpc-bbbbbbbb1"}})
    parameters = Parameters(stand_ins=stand_ins)
    ids = ["subnet-11111111", "subnet-22222222", "subnet-11111111", "subnet-33333333"]
    assert parameters.of(call(SubnetIds=ids)) == {
        "SubnetIds": ["subnet-aaaaaaaa1", "subnet-aaaaaaaa2", "subnet-aaaaaaaa1", "subnet-33333333"]
    }


def test_an_id_that_stands_for_another_is_not_given_out_twice() -> None:
    stand_ins = StandIns()
    stand_ins.offer({"VpcId": "vpc-bbbbbbbb1"})
    assert stand_ins.replace("vpc-11111111") == "vpc-bbbbbbbb1"
    stand_ins.offer({"VpcId": "vpc-bbbbbbbb1"})
    assert stand_ins.replace("vpc-22222222") == "vpc-22222222"
