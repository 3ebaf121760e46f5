"""Items of decisions: refusals by a limit or a list, with what was known then.

    PK DEC#<id>   SK DEC   entity "decision"

They stand in the list index under ``DECISIONS#<client>#<0 to 3>``. Clients' names are in lower
case, so nothing else of a client's can be taken for them.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any, Final

from ringpass.aws.dynamodb import Index, Item, Table
from ringpass.clock import from_text

_SHARDS: Final = 4
_PAGE: Final = 50
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A send that was refused before anything was reserved.

    Attributes:
        id: ``dec_`` and 32 characters.
        client: Who asked.
        at: When, RFC 3339.
        code: The code of the refusal: ``limit_reached`` or ``not_allowed``.
        limit: The limit or the list that refused.
        channel: How the number would have been reached.
        country: The number's country.
        phone: The number, masked.
        phone_key: Its look-up key.
        starts: Whether it would have started a verification.
        retry_after: Seconds until the limit ends.
        cap: What the limit allows; of a pause, its seconds.
        counted: What was counted then.
        ip_key: Look-up key of the end user's address, if one was given.
        verification_id: The verification that it was for; None if it would have started one.
        step: The step that was refused, counted from 0; None: it was a single send.
    """

    id: str
    client: str
    at: str
    code: str
    limit: str
    channel: str
    country: str
    phone: str
    phone_key: str = field(repr=False)
    starts: bool
    retry_after: int | None = None
    cap: int | Decimal | None = None
    counted: int | Decimal | None = None
    ip_key: str | None = None
    verification_id: str | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class RefusalRepository:
    """Reads and writes decisions.

    Attributes:
        table: The table.
        retention_seconds: How long a decision is kept.
    """

    table: Table
    retention_seconds: int = 0

    def add(self, decision: Refusal) -> None:
        """Write a decision."""
        created = from_text(decision.at)
        item = asdict(decision) | {
            **_key(decision.id),
            "entity": "decision",
            "client_bucket": _bucket(decision.client, ord(decision.id[-1]) % _SHARDS),
            "listed_at": listed_at(decision),
            "expires_at": int(created.timestamp()) + self.retention_seconds,
        }
        self.table.put(item, None)

    def of_client(self, client: str, after: str, before: str) -> Iterator[Refusal]:
        """A client's decisions, newest first, ``after <= listed_at < before``."""
        buckets = [_bucket(client, shard) for shard in range(_SHARDS)]
        return map(_from_item, self.table.list_items(_BY_CLIENT, buckets, after, before, _PAGE))


def listed_at(decision: Refusal) -> str:
    """Where a decision stands in a list: its instant, and its id to tell equal ones apart."""
    return f"{decision.at}#{decision.id}"


def _from_item(item: Item) -> Refusal:
    names = [each.name for each in fields(Refusal)]
    known: dict[str, Any] = {name: item[name] for name in names if name in item}
    return Refusal(**known)


def _key(decision_id: str) -> Item:
    return {"PK": f"DEC#{decision_id}", "SK": "DEC"}


def _bucket(client: str, shard: int) -> str:
    return f"DECISIONS#{client}#{shard}"
