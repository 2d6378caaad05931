"""The hosts that a mock answers for: Lambda's own, those of function URLs, and where custom resources answer."""

from __future__ import annotations

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.patterns import compile_later

# https://docs.aws.amazon.com/general/latest/gr/lambda-service.html
LAMBDA = compile_later(r"lambda(?:-fips)?\.(?P<region>[a-z]{2}[a-z-]*-\d+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")
FUNCTION_URL = compile_later(r"[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws")
CUSTOM_RESOURCE_ANSWERS = compile_later(
    r"cloudformation-custom-resource-response-[a-z0-9]+\.s3(?:\.[a-z0-9-]+)?\.amazonaws\.com"
)


def is_answered(host: str | None) -> bool:
    """Tell whether a mock is active and answers requests to *host*: it is Lambda's, or that of a function URL."""
    if active_mocks.innermost() is None or host is None:
        return False
    host = plain_name(host)
    return any(known.fullmatch(host) for known in (LAMBDA, FUNCTION_URL, CUSTOM_RESOURCE_ANSWERS))


def plain_name(host: str) -> str:
    """Return *host* as it is compared: in lower case, and without the dot at the end of a name that is complete."""
    return host.lower().removesuffix(".")
