"""Lock on a refresh token: acquired before a token refresh, as Zalo accepts each token once.

    PK OAU#<provider>   SK OAU   entity "token_claim"   digest, version, tries, first_at, at

One item for each provider; ``digest`` is the token's SHA-256. A second use is refused while the
first may still be running. After the lease it is allowed, and gets the number of the use.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.clock import to_text

# Longer than any refresh token lives.
_RETENTION: Final = timedelta(days=120)
_ASSIGNMENTS: Final = (
    "entity = :entity, digest = :digest, version = :version, #at = :now, expires_at = :expires"
)


@dataclass(frozen=True, slots=True)
class RefreshLock:
    """Lock on one refresh token of each provider.

    Attributes:
        table: The table.
        lease: How long a holder of the lock can be running.
    """

    table: Table
    lease: timedelta

    def acquire(self, provider: str, digest: str, version: str, now: datetime) -> int | None:
        """Acquire the lock; returns which use of the token this is, or None while it is in use.

        Args:
            provider: The provider that issued the token.
            digest: The token's SHA-256.
            version: The version of the secret that the next pair is for.
            now: The time.
        """
        values: dict[str, Any] = {
            ":entity": "token_claim",
            ":digest": digest,
            ":version": version,
            ":now": to_text(now),
            ":expires": int((now + _RETENTION).timestamp()),
            ":one": 1,
        }
        names = {"#at": "at"}
        try:
            # The token is not the one of the last use: this is its first use.
            first_use = f"SET {_ASSIGNMENTS}, first_at = :now, tries = :one"
            condition = "attribute_not_exists(PK) OR digest <> :digest"
            item = self.table.update(
                _key(provider), first_use, values, names=names, condition=condition
            )
        except ConditionFailed:
            values[":over"] = to_text(now - self.lease)
            next_use = f"SET {_ASSIGNMENTS} ADD tries :one"
            condition = "digest = :digest AND #at < :over"
            try:
                item = self.table.update(
                    _key(provider), next_use, values, names=names, condition=condition
                )
            except ConditionFailed:
                return None
        return int(item["tries"])

    def release(self, provider: str, digest: str) -> None:
        """Release the lock of a token that was not used."""
        with suppress(ConditionFailed):
            self.table.update(
                _key(provider),
                "SET #at = :never ADD tries :less",
                {":digest": digest, ":never": "2000", ":less": -1},
                names={"#at": "at"},
                condition="digest = :digest",
            )


def _key(provider: str) -> Item:
    return {"PK": f"OAU#{provider}", "SK": "OAU"}
