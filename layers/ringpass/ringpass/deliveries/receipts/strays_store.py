"""Events of which there is nothing to be done: that they came is kept, and not what they say.

PK RAW#<provider>#<keyed digest>   SK RAW   entity "stray"

What could not be read or matched is ``store.unmatched_payloads``.
"""

from dataclasses import dataclass
from datetime import datetime

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clock import to_text
from ringpass.ids import payload_id


@dataclass(frozen=True, slots=True)
class UnmatchedReceiptRepository:
    """Writes strays.

    Attributes:
        table: The table.
        secrets: The stack's secrets: digests are keyed, as texts can be guessed.
        retention_seconds: How long they are kept.
    """

    table: Table
    secrets: Secrets
    retention_seconds: int

    def add(self, provider: str, digest: str, raw: str, why: str, now: datetime) -> None:
        """Keep that an event came; the same one again is counted.

        Args:
            provider: Who told it.
            digest: What tells it from others.
            raw: Its names, and the words that say what it is.
            why: Why it is of no use.
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
                ":why": why,
                ":raw": raw,
                ":now": to_text(now),
                ":expires": int(now.timestamp()) + self.retention_seconds,
                ":one": 1,
            },
            names={"#raw": "raw"},
        )
