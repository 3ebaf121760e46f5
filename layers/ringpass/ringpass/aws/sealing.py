"""Authenticated encryption of what has to be kept whole and must not stand anywhere in clear.

Encrypt-then-MAC out of HMAC-SHA-256 alone, as the standard library has no cipher: the key stream is
HMAC in counter mode (NIST SP 800-108) under a random nonce of each sealing, the tag an HMAC over
nonce, ciphertext and what they are about. Both keys are derived from one secret
(docs/adr/0041-what-cannot-be-used-is-kept-sealed.md says why no library and no KMS).
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
# Base64 has digits, and four of them look like a code: whoever searches the table for codes and
# phones must find none by chance.
_WITHOUT_DIGITS: Final = bytes.maketrans(b"0123456789", b"!#$%&*()-_")
_WITH_DIGITS: Final = bytes.maketrans(b"!#$%&*()-_", b"0123456789")


class NotGenuine(Exception):
    """What should be opened was not sealed with this secret, or not about this."""


def seal(key: Secret, about: str, clear: bytes) -> str:
    """Seal ``clear``, as text in base64 without digits.

    Args:
        key: The secret; who has it can open.
        about: What it belongs to: it opens there alone.
        clear: What nobody else may read or change.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ciphertext = _masked(key, nonce, clear)
    sealed = b64encode(nonce + ciphertext + _tag(key, about, nonce, ciphertext))
    return sealed.translate(_WITHOUT_DIGITS).decode()


def unseal(key: Secret, about: str, sealed: str) -> bytes:
    """What ``seal`` sealed.

    Raises:
        NotGenuine: It was sealed with another secret or about something else, or was changed.
    """
    raw = b64decode(sealed.encode().translate(_WITH_DIGITS))
    nonce, ciphertext, tag = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:-_TAG_BYTES], raw[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, about, nonce, ciphertext)):
        raise NotGenuine(about)
    return _masked(key, nonce, ciphertext)


def _masked(key: Secret, nonce: bytes, text: bytes) -> bytes:
    """The text under the key stream of this nonce; twice is the text again."""
    stream_key = derived_key(key, "sealing")
    stream = b"".join(
        hmac.digest(stream_key, nonce + block.to_bytes(8, "big"), "sha256")
        for block in range(-(-len(text) // _BLOCK_BYTES))
    )
    mask = int.from_bytes(stream[: len(text)], "big")
    return (int.from_bytes(text, "big") ^ mask).to_bytes(len(text), "big")


def _tag(key: Secret, about: str, nonce: bytes, ciphertext: bytes) -> bytes:
    subject = about.encode()
    message = len(subject).to_bytes(4, "big") + subject + nonce + ciphertext
    return hmac.digest(derived_key(key, "sealing tags"), message, "sha256")
