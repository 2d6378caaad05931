"""Code can be fetched from where GetFunction and GetLayerVersion say it is."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.test_mock import create, zipped


def location(client: Any, name: str = "orders") -> str:
    return str(client.get_function(FunctionName=name)["Code"]["Location"])


@pytest.mark.parametrize("moto", [True, False])
def test_the_code_of_a_function_can_be_fetched(lambda_mock: LambdaMock, moto: bool) -> None:
    client = create()
    if moto:
        with mock_aws():
            response = requests.get(location(client), timeout=5)
    else:
        response = requests.get(location(client), timeout=5)
    assert (response.status_code, response.content) == (200, zipped())


@pytest.mark.lambda_mock(timings="instant")
def test_an_earlier_version_keeps_its_own_code(lambda_mock: LambdaMock) -> None:
    client = create()
    client.publish_version(FunctionName="orders")
    client.update_function_code(FunctionName="orders", ZipFile=zipped("def handler(event, context): return 2"))
    assert requests.get(location(client, "orders:1"), timeout=5).content == zipped()
    assert requests.get(location(client), timeout=5).content != zipped()


def test_the_content_of_a_layer_can_be_fetched(lambda_mock: LambdaMock) -> None:
    published = create().publish_layer_version(LayerName="tools", Content={"ZipFile": zipped()})
    assert requests.get(published["Content"]["Location"], timeout=5).content == zipped()


def test_after_ten_minutes_the_url_has_expired(lambda_mock: LambdaMock) -> None:
    url = location(create())
    lambda_mock.clock.advance(601)
    response = requests.get(url, timeout=5)
    assert response.status_code == 403
    assert "Request has expired" in response.text


def test_the_code_of_a_deleted_function_is_gone() -> None:
    with mock_lambda(timings="instant"):
        client = create()
        url = location(client)
        client.delete_function(FunctionName="orders")
        response = requests.get(url, timeout=5)
    assert response.status_code == 404
    assert "NoSuchKey" in response.text
