"""Mistakes that a type checker finds: each ``ignore`` is needed, or mypy says that it is not."""

from __future__ import annotations

from lambda_states_mock import LambdaMock, mock_lambda


def options() -> None:
    mock_lambda(timing="instant")  # type: ignore[call-overload]
    mock_lambda(seed="7")  # type: ignore[call-overload]
    mock_lambda(sleep="never")  # type: ignore[call-overload]


@mock_lambda
def decorated(name: str) -> int:
    return len(name)


def what_is_decorated_keeps_its_signature() -> str:
    decorated(5)  # type: ignore[arg-type]
    return decorated("orders")  # type: ignore[return-value]


def use(m: LambdaMock) -> None:
    m.clock.advance("5 s")  # type: ignore[arg-type]
    m.function("orders").stat  # type: ignore[attr-defined] # noqa: B018
    m.handler("orders", returns=1, side_effect=ValueError())  # type: ignore[call-overload]
