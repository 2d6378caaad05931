"""Whichever botocore the client has: the same timeline, the same ids and the same answers, byte for byte."""

from __future__ import annotations

import functools

import pytest

from .files import recorded
from .story import Told, by_client, by_requests

RECORDED = recorded()
told_by_client = functools.cache(by_client)


@functools.cache
def told_by_requests(version: str) -> Told:
    return by_requests([*RECORDED[version]])


def test_clients_of_several_years_are_recorded() -> None:
    minors = [int(version.split(".")[1]) for version in RECORDED]
    assert min(minors) == 34
    assert len(set(minors)) >= 4


@pytest.mark.parametrize("version", RECORDED)
def test_requests_of_another_version_have_the_answers_that_the_installed_one_gets(version: str) -> None:
    assert told_by_requests(version).answers == told_by_client().answers


@pytest.mark.parametrize("version", RECORDED)
def test_requests_of_another_version_bring_the_same_timeline(version: str) -> None:
    assert told_by_requests(version).timeline == told_by_client().timeline


def test_the_installed_version_asks_at_the_moments_at_which_the_others_asked() -> None:
    moments = {version: [request["at"] for request in requests] for version, requests in RECORDED.items()}
    now = [request["at"] for request in told_by_client().requests]
    assert moments == dict.fromkeys(RECORDED, now)


def test_the_recorded_requests_differ_from_each_other() -> None:
    agents = {requests[0]["headers"]["user-agent"] for requests in RECORDED.values()}
    assert len(agents) == len(RECORDED)
