"""Pair of tokens of Zalo's OAuth, as the secret ``zalo_token`` stores it.

    {"access_token": "...", "refresh_token": "...",
     "access_expires_at": "2026-11-22T09:30:00.000Z",
     "refresh_expires_at": "2027-02-19T08:30:00.000Z"}

The access token is sent with every request and lives 25 hours. The refresh token gets the next
pair, once, and lives three months. Source: Zalo's OAuth v4.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ringpass.clock import from_text, to_text
from ringpass.redaction import Secret

# Zalo's documented lifetimes, for a pair that comes without its own.
ACCESS_LIFETIME: Final = timedelta(hours=25)
REFRESH_LIFETIME: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and its refresh token."""

    access_token: Secret
    refresh_token: Secret
    access_expires_at: datetime
    refresh_expires_at: datetime

    @classmethod
    def from_tokens(
        cls,
        access_token: str,
        refresh_token: str,
        now: datetime,
        access_lifetime: timedelta = ACCESS_LIFETIME,
        refresh_lifetime: timedelta = REFRESH_LIFETIME,
    ) -> Self:
        """Returns the pair that Zalo issued at ``now``."""
        return cls(
            Secret(access_token),
            Secret(refresh_token),
            now + access_lifetime,
            now + refresh_lifetime,
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Returns the pair in a secret's text.

        Raises:
            ValueError: There is none. The error does not repeat the text.
        """
        try:
            fields: Any = json.loads(text)
            return cls(
                _token(fields, "access_token"),
                _token(fields, "refresh_token"),
                from_text(fields["access_expires_at"]),
                from_text(fields["refresh_expires_at"]),
            )
        except (ValueError, KeyError, TypeError):
            raise ValueError("the secret holds no pair of tokens of Zalo's") from None

    def to_text(self) -> str:
        """Returns the text that ``from_text`` reads, with both tokens in clear."""
        return json.dumps(
            {
                "access_token": self.access_token.reveal(),
                "refresh_token": self.refresh_token.reveal(),
                "access_expires_at": to_text(self.access_expires_at),
                "refresh_expires_at": to_text(self.refresh_expires_at),
            }
        )


def _token(fields: dict[str, Any], name: str) -> Secret:
    token = fields[name]
    if not isinstance(token, str) or not token:
        raise ValueError("a token is not a text")
    return Secret(token)
