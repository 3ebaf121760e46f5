"""Format of API keys, and the authorizer's check of one.

A key is ``rp_<key id>_<secret>``. The table holds the SHA-256 of the secret, which is enough for
256 random bits.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

from ringpass.clients.api_keys.store import ApiKeyRepository, KeyRecord

SCOPES: Final = ("send", "read", "phones:read", "admin")
KEY_ID: Final[re.Pattern[str]] = re.compile(r"[a-z0-9]{12}")
_KEY: Final = re.compile(rf"rp_({KEY_ID.pattern})_([A-Za-z0-9_-]{{43}})")
# RFC 9110, section 11.1: the name of an authentication scheme is case-insensitive.
_BEARER: Final = re.compile(r"bearer[ \t]+(\S+)", re.IGNORECASE)


def new_secret() -> tuple[str, str]:
    """Return the secret part of a new key, and the digest that is stored."""
    secret = secrets.token_urlsafe(32)
    return secret, _digest(secret)


def format_key(key_id: str, secret: str) -> str:
    """Return the whole key, as its owner gets it."""
    return f"rp_{key_id}_{secret}"


def authenticate(keys: ApiKeyRepository, authorization: str, now: str) -> KeyRecord | None:
    """Return the key of an ``Authorization`` header if it is valid at ``now``, else None."""
    bearer = _BEARER.fullmatch(authorization.strip())
    parts = _KEY.fullmatch(bearer.group(1)) if bearer else None
    if parts is None:
        return None
    record = keys.get(parts.group(1))
    if record is None or not record.is_valid(now):
        return None
    is_match = hmac.compare_digest(record.digest, _digest(parts.group(2)))
    return record if is_match else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
