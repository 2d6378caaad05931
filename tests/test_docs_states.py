"""The pages of docs/states are what the tables say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_states_mock.api_model import botocore_version, model_date
from lambda_states_mock.command.cli import state_pages

FOLDER = Path(__file__).parent.parent / "docs" / "states"
HOW = "write them anew:  lambda-states-mock states --write docs/states"


@pytest.mark.parametrize("name", sorted(state_pages()))
def test_a_page_says_what_its_table_says(name: str) -> None:
    page = FOLDER / name

    assert page.is_file(), f"{page} is missing; {HOW}"
    assert page.read_text(encoding="utf-8") == state_pages()[name], f"{page} is stale; {HOW}"


def test_there_is_no_page_without_a_table() -> None:
    assert {page.name for page in FOLDER.iterdir()} == set(state_pages())


@pytest.mark.parametrize("name", sorted(state_pages()))
def test_a_page_names_the_model_that_its_codes_come_from(name: str) -> None:
    made_of = f"the API's model of botocore {botocore_version()}, {model_date()}"

    assert made_of in (FOLDER / name).read_text(encoding="utf-8")
