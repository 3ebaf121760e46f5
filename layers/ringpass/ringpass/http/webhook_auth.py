"""Authenticates webhook requests by their secret token; texts of refusals."""

import hmac
from collections.abc import Iterable
from typing import Final

from ringpass.redaction import Secret

# The same text also for other refusals: an attacker must not learn what to change.
REFUSAL: Final = "The webhook's token is not valid."
BAD_SIGNATURE: Final = "The webhook's signature is not valid."


def is_valid(token: str, secrets: Iterable[Secret]) -> bool:
    """Returns whether ``token`` is one of the valid ones, in constant time.

    Several tokens are valid while one replaces another.
    """
    token_bytes = token.encode(errors="surrogatepass")
    # All secrets are compared, so the time does not reveal which one matched.
    matches = [hmac.compare_digest(token_bytes, secret.reveal().encode()) for secret in secrets]
    return any(matches)
