"""Unmatched receipts: events that need no work. It is stored that they came, not what they say.

PK RAW#<provider>#<keyed digest>   SK RAW   entity "stray"

Payloads that could not be read or matched are dead letters: ``unmatched_payloads_store``.
"""

from dataclasses import dataclass
from datetime import datetime

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.ids import payload_id


@dataclass(frozen=True, slots=True)
class UnmatchedReceiptRepository:
    """Repository of unmatched receipts.

    Attributes:
        table: The table.
        secrets: The stack's secrets: digests are keyed, as texts can be guessed.
        retention_seconds: How long they are stored.
    """

    table: Table
    secrets: Secrets
    retention_seconds: int

    def add(self, provider: str, digest: str, raw: str, reason: str, now: datetime) -> None:
        """Store that an event came. Idempotent: a repetition is only counted.

        Args:
            provider: Who sent it.
            digest: Identifies it.
            raw: Its names, and the words that say what it is.
            reason: Why it needs no work.
            now: When it came.
        """
        key = self.secrets.value("lookup", "key")
        id_ = payload_id(key, provider, digest.encode())
        self.table.update(
            {"PK": f"RAW#{provider}#{id_}", "SK": "RAW"},
            "SET entity = :entity, provider = :provider, why = :why, #raw = :raw, "
            "created_at = if_not_exists(created_at, :now), last_at = :now, "
            "expires_at = if_not_exists(expires_at, :expires) ADD times :one",
            {
                ":entity": "stray",
                ":provider": provider,
                ":why": reason,
                ":raw": raw,
                ":now": to_text(now),
                ":expires": int(now.timestamp()) + self.retention_seconds,
                ":one": 1,
            },
            names={"#raw": "raw"},
        )
