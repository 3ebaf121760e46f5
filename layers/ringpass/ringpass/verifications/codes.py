"""Derives codes from a pepper and a nonce whenever one is needed; no code is stored.

An item holds a ``SealedCode``; without the pepper (a secret of its own) nothing can be computed
from it. A code that the caller chose is stored masked by digits derived in the same way, a one-time
pad.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any, Final, Self

from ringpass.aws.secrets import CACHE_SECONDS, Secrets
from ringpass.clock import to_text
from ringpass.errors import Unavailable
from ringpass.redaction import Secret

_NONCE_BYTES: Final = 16
_WORD_BYTES: Final = 8
_PEPPERS: Final = "code_peppers"


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code as an item stores it.

    Attributes:
        pepper: Id of the pepper.
        nonce: 32 hexadecimal characters, random.
        digits: Length of the code.
        masked: The caller's own code, masked; None if the code is derived.
    """

    pepper: str
    nonce: str
    digits: int
    masked: str | None = None

    @property
    def placeholder(self) -> Secret:
        """Zeros instead of the code, where only the form of an order is checked."""
        return Secret("0" * self.digits)

    def to_item(self) -> dict[str, Any]:
        """The item's map."""
        return {
            "pepper": self.pepper,
            "nonce": self.nonce,
            "digits": self.digits,
            "masked": self.masked,
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` wrote."""
        return cls(item["pepper"], item["nonce"], item["digits"], item.get("masked"))


@dataclass(frozen=True, slots=True)
class Codes:
    """Seals and reveals codes with the stack's peppers.

    Their secret is a map of ids to peppers: ``{"0": "...", "2026-11-22T02:00:00Z": "..."}``. The
    greatest id is the current one; the others open what was sealed before it came.
    """

    secrets: Secrets

    def generate(self, digits: int) -> SealedCode:
        """Generate a sealed code of so many digits.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        return SealedCode(self._current()[0], secrets.token_hex(_NONCE_BYTES), digits)

    def seal(self, code: Secret) -> SealedCode:
        """Seal a code that the caller chose.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        pepper_id, pepper = self._current()
        nonce = secrets.token_hex(_NONCE_BYTES)
        digits = code.reveal()
        masked = _shift(digits, _digits(pepper, "pad", nonce, len(digits)), 1)
        return SealedCode(pepper_id, nonce, len(digits), masked)

    def reveal(self, sealed_code: SealedCode) -> Secret:
        """Return the code itself, to be sent.

        Raises:
            Unavailable: Its pepper cannot be read.
        """
        return Secret(self._open(sealed_code))

    def is_right(self, sealed_code: SealedCode, guess: Secret) -> bool:
        """Whether a guess is the code, compared in constant time.

        Raises:
            Unavailable: Its pepper cannot be read.
        """
        return hmac.compare_digest(self._open(sealed_code).encode(), guess.reveal().encode())

    def matches(self, sealed_code: SealedCode, code: Secret | None) -> bool:
        """Whether a sealed code is the caller's own ``code``; None: the caller chose none.

        If the code's pepper is gone, only the length can be compared.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        if code is None or sealed_code.masked is None:
            return code is None and sealed_code.masked is None
        if len(code.reveal()) != sealed_code.digits:
            return False
        return not self.can_open(sealed_code) or self.is_right(sealed_code, code)

    def can_open(self, sealed_code: SealedCode) -> bool:
        """Whether the code's pepper still exists: all are dropped in time.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        return self._find(sealed_code.pepper) is not None

    def guess_mark(self, guess_key: str, code: Secret) -> str:
        """Return a mark that tells two codes apart that were guessed under the same key.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        pepper_id, pepper = self._current()
        return _mark(pepper_id, pepper, guess_key, code)

    def matches_mark(self, mark: str, guess_key: str, code: Secret) -> bool:
        """Whether the mark is of this code; True also if that can no longer be checked.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        pepper_id = mark.rpartition(":")[0]
        pepper = self._find(pepper_id)
        if pepper is None:
            return True
        return hmac.compare_digest(mark, _mark(pepper_id, pepper, guess_key, code))

    def marks(self, text: str, now: datetime) -> list[str]:
        """Return keyed hashes of a text that holds a code: one for each pepper, the newest last.

        A pepper that not every function may have read yet is left out, so that all agree.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        self._current()
        peppers = self.secrets.fields(_PEPPERS)
        known_since = to_text(now - timedelta(seconds=2 * CACHE_SECONDS))
        # An id is the instant from which its pepper is used (``ringpass.verifications.peppers``).
        ids = [id_ for id_ in sorted(peppers) if id_ <= known_since] or [min(peppers)]
        message = f"mark:{text}".encode()
        return [
            hmac.new(peppers[id_].reveal().encode(), message, sha256).hexdigest() for id_ in ids
        ]

    def _open(self, sealed_code: SealedCode) -> str:
        pepper = self._pepper(sealed_code.pepper)
        if sealed_code.masked is None:
            return _digits(pepper, "code", sealed_code.nonce, sealed_code.digits)
        pad = _digits(pepper, "pad", sealed_code.nonce, sealed_code.digits)
        return _shift(sealed_code.masked, pad, -1)

    def _current(self) -> tuple[str, Secret]:
        peppers = self.secrets.fields(_PEPPERS)
        if not peppers:
            raise Unavailable("There is no code pepper.")
        latest = max(peppers)
        return latest, peppers[latest]

    def _pepper(self, pepper_id: str) -> Secret:
        pepper = self._find(pepper_id)
        if pepper is None:
            raise Unavailable("The pepper of this code is gone.")
        return pepper

    def _find(self, pepper_id: str) -> Secret | None:
        pepper = self.secrets.fields(_PEPPERS).get(pepper_id)
        if pepper is None:
            # It may be new: added since the secret was read.
            pepper = self.secrets.fields(_PEPPERS, refresh=True).get(pepper_id)
        return pepper


def _mark(pepper_id: str, pepper: Secret, guess_key: str, code: Secret) -> str:
    message = f"guess:{guess_key}:{code.reveal()}".encode()
    digest = hmac.new(pepper.reveal().encode(), message, sha256).hexdigest()
    # 128 bits tell two codes apart; the item that holds the guesses stays small.
    return f"{pepper_id}:{digest[:32]}"


def _digits(pepper: Secret, purpose: str, nonce: str, digits: int) -> str:
    """Derive so many digits, each as likely as any other.

    Numbers from the last whole multiple of 10^digits on are skipped: a remainder would favour the
    low codes.
    """
    codes = 10**digits
    whole = 2 ** (8 * _WORD_BYTES)
    fair_limit = whole - whole % codes
    for block in count():
        message = f"{purpose}:{nonce}:{digits}:{block}".encode()
        stream = hmac.new(pepper.reveal().encode(), message, sha256).digest()
        for start in range(0, len(stream), _WORD_BYTES):
            number = int.from_bytes(stream[start : start + _WORD_BYTES], "big")
            if number < fair_limit:
                return f"{number % codes:0{digits}}"
    raise AssertionError("count() does not end")


def _shift(code: str, pad: str, sign: int) -> str:
    """Add the pad's digits to the code's, or subtract them, modulo 10."""
    pairs = zip(code, pad, strict=True)
    return "".join(str((int(digit) + sign * int(pad_digit)) % 10) for digit, pad_digit in pairs)
