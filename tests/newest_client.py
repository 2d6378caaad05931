"""A client that knows the API as our model has it, whichever botocore is installed."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from lambda_states_mock.api_model import of_lambda
from tests.kept_clients import kept_client


def newest_client(config: Config | None = None) -> Any:
    """Return a client of Lambda whose model has all operations and shapes of ours; with *config* it is a new one."""
    options: dict[str, Any] = {} if config is None else {"config": config}
    return kept_client(session=_session(), **options)


@cache
def _session() -> boto3.session.Session:
    session = boto3.session.Session()
    loader = session._session.get_component("data_loader")
    load = loader.load_service_model

    @cache
    def load_service_model(service: str, type_name: str, *rest: Any, **options: Any) -> Any:
        model = load(service, type_name, *rest, **options)
        if (service, type_name) != ("lambda", "service-2"):
            return model
        ours = {part: {**model[part], **of_lambda.data()[part]} for part in ("operations", "shapes")}
        return {**model, **ours, "metadata": {**model["metadata"]}}  # another model has metadata of its own

    loader.load_service_model = load_service_model
    return session
