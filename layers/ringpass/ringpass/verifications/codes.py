"""Codes that are kept nowhere: derived from a pepper and a nonce whenever one is needed.

What an item holds of a code is a ``SealedCode``; without the pepper (a secret of its own) nothing
can be computed from it. A code that the caller chose is kept masked by digits derived in the same
way, a one-time pad.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any, Final, Self

from ringpass.aws.secrets import Secrets
from ringpass.errors import Unavailable
from ringpass.redaction import Secret

_NONCE_BYTES: Final = 16
_WORD_BYTES: Final = 8
_PEPPERS: Final = "code_peppers"


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code as an item holds it.

    Attributes:
        pepper: Id of the pepper.
        nonce: 32 hexadecimal characters, random.
        digits: How many the code has.
        masked: The caller's own code, masked; None if the code is derived.
    """

    pepper: str
    nonce: str
    digits: int
    masked: str | None = None

    def to_item(self) -> dict[str, Any]:
        """As the table keeps it."""
        return {
            "pepper": self.pepper,
            "nonce": self.nonce,
            "digits": self.digits,
            "masked": self.masked,
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """What ``to_item`` wrote."""
        return cls(item["pepper"], item["nonce"], item["digits"], item.get("masked"))


@dataclass(frozen=True, slots=True)
class Codes:
    """Seals and reveals codes with the stack's peppers.

    Their secret is a map of ids to peppers: ``{"0": "...", "2026-11-22T02:00:00Z": "..."}``. The
    greatest id is the current one; the others open what was sealed before it came.
    """

    secrets: Secrets

    def new(self, digits: int) -> SealedCode:
        """Seal a new code of so many digits.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        return SealedCode(self._current()[0], secrets.token_hex(_NONCE_BYTES), digits)

    def own(self, code: Secret) -> SealedCode:
        """Seal a code that the caller chose.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        pepper_id, pepper = self._current()
        nonce = secrets.token_hex(_NONCE_BYTES)
        digits = code.reveal()
        masked = _shifted(digits, _digits(pepper, "pad", nonce, len(digits)), 1)
        return SealedCode(pepper_id, nonce, len(digits), masked)

    def reveal(self, sealed: SealedCode) -> Secret:
        """The code itself, to be sent.

        Raises:
            Unavailable: Its pepper cannot be read.
        """
        return Secret(self._open(sealed))

    def is_right(self, sealed: SealedCode, guess: Secret) -> bool:
        """Whether a guess is the code; takes as long for a wrong one as for the right one.

        Raises:
            Unavailable: Its pepper cannot be read.
        """
        return hmac.compare_digest(self._open(sealed).encode(), guess.reveal().encode())

    def was_given(self, sealed: SealedCode, code: Secret | None) -> bool:
        """Whether a sealed code is the one that a caller gave; None: it gave none.

        Of a code whose pepper is gone only the length can be compared.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        if code is None or sealed.masked is None:
            return code is None and sealed.masked is None
        if len(code.reveal()) != sealed.digits:
            return False
        return not self.can_open(sealed) or self.is_right(sealed, code)

    def can_open(self, sealed: SealedCode) -> bool:
        """Whether the code's pepper is still there: all are dropped in time.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        return self._find(sealed.pepper) is not None

    def guess_mark(self, guess: str, code: Secret) -> str:
        """Tells two codes apart that were guessed under the same name.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        pepper_id, pepper = self._current()
        return _mark(pepper_id, pepper, guess, code)

    def is_marked(self, mark: str, guess: str, code: Secret) -> bool:
        """Whether ``guess_mark`` was made of this code; also where that can no longer be told.

        Raises:
            Unavailable: The peppers cannot be read.
        """
        pepper_id = mark.rpartition(":")[0]
        pepper = self._find(pepper_id)
        if pepper is None:
            return True
        return hmac.compare_digest(mark, _mark(pepper_id, pepper, guess, code))

    def _open(self, sealed: SealedCode) -> str:
        pepper = self._pepper(sealed.pepper)
        if sealed.masked is None:
            return _digits(pepper, "code", sealed.nonce, sealed.digits)
        pad = _digits(pepper, "pad", sealed.nonce, sealed.digits)
        return _shifted(sealed.masked, pad, -1)

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
            # It may be a new one, put in since the secret was read.
            pepper = self.secrets.fields(_PEPPERS, refresh=True).get(pepper_id)
        return pepper


def _mark(pepper_id: str, pepper: Secret, guess: str, code: Secret) -> str:
    message = f"guess:{guess}:{code.reveal()}".encode()
    digest = hmac.new(pepper.reveal().encode(), message, sha256).hexdigest()
    # 128 bits tell two codes apart; the item that holds the guesses stays small.
    return f"{pepper_id}:{digest[:32]}"


def _digits(pepper: Secret, purpose: str, nonce: str, digits: int) -> str:
    """So many digits, each as likely as any other.

    Numbers beyond the last whole multiple of 10^digits are passed over: a remainder would favour
    the low codes.
    """
    codes = 10**digits
    whole = 2 ** (8 * _WORD_BYTES)
    fair = whole - whole % codes
    for block in count():
        message = f"{purpose}:{nonce}:{digits}:{block}".encode()
        stream = hmac.new(pepper.reveal().encode(), message, sha256).digest()
        for start in range(0, len(stream), _WORD_BYTES):
            number = int.from_bytes(stream[start : start + _WORD_BYTES], "big")
            if number < fair:
                return f"{number % codes:0{digits}}"
    raise AssertionError("count() does not end")


def _shifted(code: str, pad: str, sign: int) -> str:
    """Each digit moved on by the pad's, or back."""
    pairs = zip(code, pad, strict=True)
    return "".join(str((int(digit) + sign * int(by)) % 10) for digit, by in pairs)
