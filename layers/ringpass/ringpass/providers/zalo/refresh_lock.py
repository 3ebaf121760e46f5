"""Who uses a refresh token: written before it is used, because it can be used once.

    PK OAU#<provider>   SK OAU   entity "token_claim"   digest, version, tries, first_at, at

One item for each provider; a token is known by its SHA-256. A second use is refused while the first
may still be running; afterwards it is let through, and told that it is the second.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.clock import to_text

# Long after a refresh token has ended.
_KEPT: Final = timedelta(days=120)
_SETS: Final = (
    "entity = :entity, digest = :digest, version = :version, #at = :now, expires_at = :expires"
)


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """Writes claims.

    Attributes:
        table: The table.
        runs: How long whoever claims a token can be running.
    """

    table: Table
    runs: timedelta

    def claim(self, provider: str, digest: str, version: str, now: datetime) -> int | None:
        """Say that a token is about to be used; how often that was said, or None: it is in use.

        Args:
            provider: Whose token it is.
            digest: The token's SHA-256.
            version: The version of the secret that what it gets is for.
            now: The time.
        """
        used: dict[str, Any] = {
            ":entity": "token_claim",
            ":digest": digest,
            ":version": version,
            ":now": to_text(now),
            ":expires": int((now + _KEPT).timestamp()),
            ":one": 1,
        }
        names = {"#at": "at"}
        try:
            # Another token than the one before: this is its first use.
            first = f"SET {_SETS}, first_at = :now, tries = :one"
            condition = "attribute_not_exists(PK) OR digest <> :digest"
            item = self.table.update(_key(provider), first, used, names=names, condition=condition)
        except ConditionFailed:
            used[":over"] = to_text(now - self.runs)
            again = f"SET {_SETS} ADD tries :one"
            condition = "digest = :digest AND #at < :over"
            try:
                item = self.table.update(
                    _key(provider), again, used, names=names, condition=condition
                )
            except ConditionFailed:
                return None
        return int(item["tries"])

    def release(self, provider: str, digest: str) -> None:
        """Say that a claimed token was not used after all."""
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
