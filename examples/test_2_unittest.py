"""unittest: the decorator gives each test of a class a world of its own, setUp and tearDown included."""

from __future__ import annotations

import unittest

import deployer

from lambda_states_mock import current, mock_lambda


@mock_lambda(start="2026-01-01T00:00:00Z")
class DeployTest(unittest.TestCase):
    def setUp(self) -> None:
        deployer.deploy("orders", deployer.answering("one"))

    def test_the_function_is_there(self) -> None:
        assert current().function("orders").state == "Active"

    def test_it_has_one_version(self) -> None:
        assert current().function("orders").versions == ["1"]


if __name__ == "__main__":
    unittest.main()
