"""Checks the secret that a webhook delivery carries."""

import hmac
from collections.abc import Iterable
from typing import Final

from ringpass.redaction import Secret

# Also said where it is not the token that is wrong: who guesses is not told what to change.
REFUSAL: Final = "The webhook's token is not valid."


def is_valid(token: str, valid: Iterable[Secret]) -> bool:
    """Whether ``token`` is one of the valid ones; takes as long for a near miss as for a far one.

    Several are valid while one is being replaced by the next.
    """
    given = token.encode(errors="surrogatepass")
    # Every one is compared: which of them matched must not show in the time either.
    matches = [hmac.compare_digest(given, secret.reveal().encode()) for secret in valid]
    return any(matches)
