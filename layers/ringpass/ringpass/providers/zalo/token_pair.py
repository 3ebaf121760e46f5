"""The pair of tokens that Zalo's OAuth gives, as the secret ``zalo_token`` holds it.

    {"access_token": "...", "refresh_token": "...",
     "access_expires_at": "2026-11-22T09:30:00.000Z",
     "refresh_expires_at": "2027-02-19T08:30:00.000Z"}

The access token goes with every request and lives 25 hours. The refresh token gets the next pair,
once, and lives three months. Source: Zalo's OAuth v4.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ringpass.clock import from_text, to_text
from ringpass.redaction import Secret

# What Zalo says of a pair that comes without its times.
ACCESS_LIFE: Final = timedelta(hours=25)
REFRESH_LIFE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token, and the refresh token that came with it."""

    access_token: Secret
    refresh_token: Secret
    access_expires_at: datetime
    refresh_expires_at: datetime

    @classmethod
    def made(
        cls,
        access_token: str,
        refresh_token: str,
        now: datetime,
        access_life: timedelta = ACCESS_LIFE,
        refresh_life: timedelta = REFRESH_LIFE,
    ) -> Self:
        """A pair that Zalo has just made."""
        return cls(
            Secret(access_token), Secret(refresh_token), now + access_life, now + refresh_life
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The pair that a secret's text holds.

        Raises:
            ValueError: It holds none. The text is not repeated.
        """
        try:
            found: Any = json.loads(text)
            return cls(
                _token(found, "access_token"),
                _token(found, "refresh_token"),
                from_text(found["access_expires_at"]),
                from_text(found["refresh_expires_at"]),
            )
        except (ValueError, KeyError, TypeError):
            raise ValueError("the secret holds no pair of tokens of Zalo's") from None

    def to_text(self) -> str:
        """As ``from_text`` reads it: with both tokens in clear."""
        return json.dumps(
            {
                "access_token": self.access_token.reveal(),
                "refresh_token": self.refresh_token.reveal(),
                "access_expires_at": to_text(self.access_expires_at),
                "refresh_expires_at": to_text(self.refresh_expires_at),
            }
        )


def _token(found: dict[str, Any], name: str) -> Secret:
    token = found[name]
    if not isinstance(token, str) or not token:
        raise ValueError("a token is not a text")
    return Secret(token)
