"""Repository of refusals by a limit or a list. They are stored as decisions.

    PK DEC#<id>   SK DEC   entity "decision"

The list index holds them under ``DECISIONS#<client>#<0 to 3>``; those of a limit that only records
under ``RECORDED#<client>#<0 to 3>``, so that neither list reads the other one's. Clients' names are
in lower case, so no other bucket of a client has such a name. The index by phone holds them under
``dec#<phone key>``, apart from deliveries to the number.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any, Final

from ringpass.aws.client_index import BY_CLIENT
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.phone_index import BY_PHONE
from ringpass.aws.transaction import Put
from ringpass.clock import from_text

_SHARDS: Final = 4
_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A send that was refused before anything was reserved; or one that would have been.

    Attributes:
        id: ``dec_`` and 32 characters.
        client: The client.
        at: When, in RFC 3339.
        code: The code of the refusal: ``limit_reached`` or ``not_allowed``.
        limit: The limit or the list that refused.
        channel: How the number would have been reached.
        country: The number's country.
        phone: The number, masked.
        number: The number, E.164 in clear; empty: it was deleted, or an earlier release wrote this.
        phone_key: Its look-up key; empty: the number was deleted.
        starts: Whether it would have started a verification.
        retry_after: Seconds until the limit ends.
        cap: What the limit allows; of a pause, its seconds.
        counted: The count then.
        ip_key: Look-up key of the end user's address, if there is one.
        verification_id: The verification that it was for; None if it would have started one.
        step: The step that was refused, counted from 0; None: it was a single send.
        refused: Whether it was refused. If not, the limit is in mode ``record``: it was sent.
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
    refused: bool = True
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RefusalRepository:
    """Repository of refusals.

    Attributes:
        table: The table.
        retention_seconds: How long a refusal is kept.
    """

    table: Table
    retention_seconds: int = 0

    def add(self, refusal: Refusal) -> None:
        """Write a refusal."""
        self.table.put(self._item(refusal), None)

    def put(self, refusal: Refusal) -> Put:
        """Returns the part of a transaction that writes a refusal."""
        return Put(self._item(refusal), None)

    def _item(self, refusal: Refusal) -> Item:
        created = from_text(refusal.at)
        shard = ord(refusal.id[-1]) % _SHARDS
        return asdict(refusal) | {
            **_key(refusal.id),
            "entity": "decision",
            "client_bucket": _bucket(refusal.client, shard, refused=refusal.refused),
            "listed_at": listed_at(refusal),
            "phone_key": _phone_bucket(refusal.phone_key),
            "client_listed_at": f"{refusal.client}#{listed_at(refusal)}",
            "expires_at": int(created.timestamp()) + self.retention_seconds,
        }

    def erase(self, refusal: Refusal) -> bool:
        """Remove from a refusal what identifies a person; returns whether it was written."""
        try:
            self.table.update(
                _key(refusal.id),
                "SET phone = :phone REMOVE phone_key, client_listed_at, ip_key, #number",
                # It is masked already, but for the last digits.
                {":phone": f"{refusal.phone[:-3]}***", ":key": _phone_bucket(refusal.phone_key)},
                names={"#number": "number"},
                condition="phone_key = :key",
            )
        except ConditionFailed:
            return False
        return True

    def of_phone(self, client: str, phone_key: str, after: str, before: str) -> Iterator[Refusal]:
        """A client's refusals of a number, newest first: ``after <= listed_at < before``."""
        start, end = f"{client}#{after}", f"{client}#{before}"
        buckets = [_phone_bucket(phone_key)]
        return map(from_item, self.table.list_items(BY_PHONE, buckets, start, end, _PAGE))

    def of_client(
        self, client: str, after: str, before: str, *, refused: bool = True
    ) -> Iterator[Refusal]:
        """Returns a client's refusals, newest first, ``after <= listed_at < before``.

        Args:
            client: The client.
            after: The oldest position.
            before: The position after the newest one.
            refused: False: the sends instead that a limit in mode ``record`` would have refused.
        """
        buckets = [_bucket(client, shard, refused=refused) for shard in range(_SHARDS)]
        return map(from_item, self.table.list_items(BY_CLIENT, buckets, after, before, _PAGE))


def listed_at(refusal: Refusal) -> str:
    """Returns the position of a refusal in a list: its instant, then its id."""
    return f"{refusal.at}#{refusal.id}"


def from_item(item: Item) -> Refusal:
    """Returns the refusal of an item."""
    names = [attribute.name for attribute in fields(Refusal)]
    values: dict[str, Any] = {name: item[name] for name in names if name in item}
    values["phone_key"] = item.get("phone_key", "").removeprefix(_phone_bucket(""))
    return Refusal(**values)


def _key(refusal_id: str) -> Item:
    return {"PK": f"DEC#{refusal_id}", "SK": "DEC"}


def _phone_bucket(phone_key: str) -> str:
    return f"dec#{phone_key}"


def _bucket(client: str, shard: int, *, refused: bool) -> str:
    return f"{'DECISIONS' if refused else 'RECORDED'}#{client}#{shard}"
