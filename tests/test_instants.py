"""How instants are written: each format in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock import instants

PACKAGE = Path(__file__).parent.parent / "lambda_states_mock"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=timezone.utc)
WHOLE = MOMENT.replace(microsecond=0)
FORMATTING = re.compile(
    r"\.(?:strftime|strptime|isoformat|fromisoformat|ctime|utctimetuple|fromtimestamp)\(|:%[a-zA-Z]|microsecond // "
    r"|\.timestamp\(\) \*|int\([\w.]+\.timestamp\(\)"
)


@pytest.mark.parametrize(
    ("form", "moment", "text"),
    [
        (instants.iso_milliseconds, MOMENT, "2026-01-02T03:04:05.678Z"),
        (instants.iso_milliseconds, WHOLE, "2026-01-02T03:04:05.000Z"),
        (instants.iso_microseconds, MOMENT, "2026-01-02T03:04:05.678999Z"),
        (instants.iso_microseconds, WHOLE, "2026-01-02T03:04:05.000000Z"),
        (instants.iso_shortest, MOMENT, "2026-01-02T03:04:05.678Z"),
        (instants.iso_shortest, WHOLE, "2026-01-02T03:04:05Z"),
        (instants.iso_milliseconds_with_offset, MOMENT, "2026-01-02T03:04:05.678+0000"),
        (instants.iso_seconds_with_offset, MOMENT, "2026-01-02T03:04:05+0000"),
        (instants.iso_file_name, MOMENT, "2026-01-02T03.04.05"),
        (instants.iso_compact, MOMENT, "20260102T030405Z"),
        (instants.date_path, MOMENT, "2026/01/02"),
        (instants.date_and_time, MOMENT, "2026-01-02 03:04:05"),
        (instants.http_date, MOMENT, "Fri, 02 Jan 2026 03:04:05 GMT"),
        (instants.common_log_date, MOMENT, "02/Jan/2026:03:04:05 +0000"),
        (instants.epoch_hex, MOMENT, "695735a5"),
    ],
)
def test_a_moment_is_written_in_a_format(form: Callable[[datetime], str], moment: datetime, text: str) -> None:
    assert form(moment) == text


@pytest.mark.parametrize(
    ("form", "number"),
    [
        (instants.epoch_seconds, 1_767_323_045),
        (instants.epoch_milliseconds, 1_767_323_045_678),
        (instants.epoch_number, 1_767_323_045.678_999),
    ],
)
def test_a_moment_is_a_number(form: Callable[[datetime], float], number: float) -> None:
    assert form(MOMENT) == number


def test_whole_seconds_are_an_integer() -> None:
    assert type(instants.epoch_number(WHOLE)) is int


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_are_exact(milliseconds: int) -> None:
    assert instants.epoch_milliseconds(instants.EPOCH + timedelta(milliseconds=milliseconds)) == milliseconds


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_an_http_date_is_the_standard_librarys(moment: datetime) -> None:
    assert instants.http_date(moment) == format_datetime(moment, usegmt=True)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_a_compact_moment_can_be_read_again(moment: datetime) -> None:
    assert instants.parse_iso_compact(instants.iso_compact(moment)) == moment.replace(microsecond=0)


def test_a_moment_without_a_zone_is_in_utc() -> None:
    assert instants.as_utc(MOMENT.replace(tzinfo=None)) == MOMENT


def test_a_moment_of_another_zone_comes_to_utc() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert instants.as_utc(elsewhere).isoformat() == MOMENT.isoformat()


def test_no_other_module_formats_an_instant() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := [one.strip() for one in path.read_text("utf-8").splitlines() if FORMATTING.search(one)])
    }
    assert found.keys() - {"instants.py"} == {"wire/decode.py"}  # the grammar of requests, whose errors are AWS's
