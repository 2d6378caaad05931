"""moto's accounts. Credentials from its STS or IAM belong to one of them, and so do the calls made with them."""

from __future__ import annotations

import sys
from typing import Any

_IAM = "moto.iam.models"
_MODELS = "moto.core.models"


def gives_credentials() -> bool:
    """Tell whether moto is active and has given out credentials, as far as can be known without a look."""
    models: Any = sys.modules.get(_MODELS)
    return _IAM in sys.modules and models is not None and bool(models.botocore_stubber.enabled)


def account_of(access_key: str) -> str | None:
    """Return the account to which moto's *access_key* belongs; None for its default one, and for unknown keys."""
    iam: Any = sys.modules.get(_IAM)
    if iam is None or not gives_credentials():
        return None
    account = str(iam.get_account_id_from(access_key))
    return account if account != iam.DEFAULT_ACCOUNT_ID else None
