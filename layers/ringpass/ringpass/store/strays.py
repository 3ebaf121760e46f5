"""Webhook deliveries that name no call: kept, so that nothing a provider said is lost.

PK RAW#<provider>#<sha-256 of the body>   SK RAW   entity "stray"
"""

from dataclasses import dataclass
from datetime import datetime

from ringpass.clock import to_text
from ringpass.store.table import Table


@dataclass(frozen=True, slots=True)
class Strays:
    """Writes strays."""

    table: Table
    retention_seconds: int

    def add(self, provider: str, digest: str, raw: str, why: str, now: datetime) -> None:
        """Keep what came; the same bytes again are counted."""
        self.table.update(
            {"PK": f"RAW#{provider}#{digest}", "SK": "RAW"},
            "SET entity = :entity, provider = :provider, why = :why, #raw = :raw, "
            "created_at = if_not_exists(created_at, :now), last_at = :now, "
            "expires_at = if_not_exists(expires_at, :expires) ADD times :one",
            {
                ":entity": "stray",
                ":provider": provider,
                ":why": why,
                ":raw": raw,
                ":now": to_text(now),
                ":expires": int(now.timestamp()) + self.retention_seconds,
                ":one": 1,
            },
            names={"#raw": "raw"},
        )
