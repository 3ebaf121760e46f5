"""Authenticated encryption of stored texts that must not be readable in the table.

Encrypt-then-MAC out of HMAC-SHA-256 alone, as the standard library has no cipher: the key stream is
HMAC in counter mode (NIST SP 800-108) under a random nonce, the tag an HMAC over context, nonce and
ciphertext. Both keys are derived from one secret
(docs/adr/0041-unmatched-payloads-are-stored-sealed.md says why no library and no KMS).
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from typing import Final

from ringpass.ids import derived_key
from ringpass.redaction import Secret

_NONCE_BYTES: Final = 16
_TAG_BYTES: Final = 32
_BLOCK_BYTES: Final = 32
# Base64 has digits, and four of them look like a code: a search of the table for codes and phones
# must not match by chance.
_WITHOUT_DIGITS: Final = bytes.maketrans(b"0123456789", b"!#$%&*()-_")
_WITH_DIGITS: Final = bytes.maketrans(b"!#$%&*()-_", b"0123456789")


class NotGenuine(Exception):
    """A sealed text does not fit this secret or this context, or was changed."""


def seal(key: Secret, context: str, plaintext: bytes) -> str:
    """Encrypt and sign ``plaintext``; returns base64 without digits.

    Args:
        key: The secret that opens it again.
        context: The record that it belongs to; it opens with the same context only.
        plaintext: What nobody else may read or change.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ciphertext = _apply_keystream(key, nonce, plaintext)
    sealed = b64encode(nonce + ciphertext + _tag(key, context, nonce, ciphertext))
    return sealed.translate(_WITHOUT_DIGITS).decode()


def unseal(key: Secret, context: str, sealed: str) -> bytes:
    """Verify and decrypt what ``seal`` returned.

    Raises:
        NotGenuine: It was sealed with another secret or context, or was changed.
    """
    raw = b64decode(sealed.encode().translate(_WITH_DIGITS))
    nonce, ciphertext, tag = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:-_TAG_BYTES], raw[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, context, nonce, ciphertext)):
        raise NotGenuine(context)
    return _apply_keystream(key, nonce, ciphertext)


def _apply_keystream(key: Secret, nonce: bytes, text: bytes) -> bytes:
    """XOR the text with the key stream of this nonce; twice gives the text again."""
    stream_key = derived_key(key, "sealing")
    stream = b"".join(
        hmac.digest(stream_key, nonce + block.to_bytes(8, "big"), "sha256")
        for block in range(-(-len(text) // _BLOCK_BYTES))
    )
    mask = int.from_bytes(stream[: len(text)], "big")
    return (int.from_bytes(text, "big") ^ mask).to_bytes(len(text), "big")


def _tag(key: Secret, context: str, nonce: bytes, ciphertext: bytes) -> bytes:
    context_bytes = context.encode()
    message = len(context_bytes).to_bytes(4, "big") + context_bytes + nonce + ciphertext
    return hmac.digest(derived_key(key, "sealing tags"), message, "sha256")
