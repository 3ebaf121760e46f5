"""Items of calls between an OA and its customers.

    PK OCL#<id>                SK OCL    entity "oa_call": the call
    PK OLK#<digest of token>   SK OLK    entity "oa_call_link": the call that a link belongs to
    PK OCO#U#<user id>         SK <id>   entity "oa_call_placed": a call placed to this customer
    PK OCO#P#<phone key>       SK <id>   the same, by the customer's number
    PK OCC#<digest>            SK OCC    entity "oa_call_told": the call that Zalo has told of

A call is written in one transaction with all that leads to it. Calls stand in the list index under
``OACALLS#<oa id>``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, Index, Item, Put, Table, Update
from ringpass.clock import from_text, to_text
from ringpass.oa.calls.model import AutoReply, Call, Ended, ended_item, reply_item

_PAGE: Final = 50
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_FIRST, _LAST = " ", "~"  # before and after any id as text
_ABSENT: Final = "attribute_not_exists(PK)"
_THERE: Final = "attribute_exists(PK)"
_LEARN_USER: Final = ", user_id = if_not_exists(user_id, :user)"
# Of a customer who is called more often than this in two days, the older calls are left alone.
_MOST_PLACED: Final = 100
_PLACED_KEPT: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class CallRepository:
    """Reads and writes calls.

    Attributes:
        table: The stack's table.
        retention_seconds: How long a call is kept.
    """

    table: Table
    retention_seconds: int

    def get(self, call_id: str) -> Call | None:
        """A call, or None."""
        item = self.table.get(_key(call_id))
        return Call.from_item(item) if item else None

    def of_link(self, digest: str) -> Call | None:
        """The call of a link, by the digest of the link's token; two reads."""
        entry = self.table.get({"PK": f"OLK#{digest}", "SK": "OLK"})
        return self.get(entry["call_id"]) if entry else None

    def told(self, digest: str) -> Call | None:
        """The call that was told of under this digest before; two reads."""
        entry = self.table.get(_told_key(digest))
        return self.get(entry["call_id"]) if entry else None

    def place(self, call: Call, link_digest: str, now: datetime) -> None:
        """Write a call that an agent may open.

        Raises:
            ConditionFailed: There is one with this id.
        """
        kept = int((now + _PLACED_KEPT).timestamp())
        link = {
            "PK": f"OLK#{link_digest}",
            "SK": "OLK",
            "entity": "oa_call_link",
            "call_id": call.id,
            "expires_at": self._expires_at(call),
        }
        placed = [
            {"PK": partition, "SK": call.id, "entity": "oa_call_placed", "expires_at": kept}
            for partition in _placed_under(call)
        ]
        self.table.transact(
            Put(self._item(call), _ABSENT), *(Put(item, _ABSENT) for item in (link, *placed))
        )

    def open(self, call_id: str, now: datetime) -> Call:
        """Note the first opening of a call's link; any later one changes nothing. Gives the call.

        Raises:
            ConditionFailed: There is no such call.
        """
        item = self.table.update(
            _key(call_id),
            "SET opened_at = if_not_exists(opened_at, :now)",
            {":now": to_text(now)},
            condition=_THERE,
        )
        return Call.from_item(item)

    def placed_to(self, user_id: str | None, phone_key: str | None) -> list[Call]:
        """Calls placed to a customer in the last days, by either of what the customer is known by.

        They are read consistently.
        """
        ids = {
            entry["SK"]: None
            for partition in _partitions(user_id, phone_key)
            for entry in islice(
                self.table.partition(partition, _FIRST, _LAST, consistent=True), _MOST_PLACED
            )
        }
        return [Call.from_item(item) for item in self.table.get_many([_key(each) for each in ids])]

    def end(self, call: Call, ended: Ended, digest: str, user_id: str | None) -> None:
        """Write what was told of a placed call, and the customer's id if it was not known.

        Raises:
            ConditionFailed: It was told before, under this digest.
            Blocked: Something was told of the placed call before.
        """
        self.table.transact(
            self._told(digest, call),
            Update(
                _key(call.id),
                "SET ended = :ended" + (_LEARN_USER if user_id else ""),
                {":ended": ended_item(ended)} | ({":user": user_id} if user_id else {}),
                f"{_THERE} AND attribute_not_exists(ended)",
            ),
        )

    def add_told(self, call: Call, digest: str) -> None:
        """Write a call that was only told of.

        Raises:
            ConditionFailed: It was told before, under this digest.
            Blocked: There is a call with this id.
        """
        self.table.transact(self._told(digest, call), Put(self._item(call), _ABSENT))

    def claim_reply(self, call_id: str, reply: AutoReply) -> bool:
        """Write what becomes of the auto-reply, if nothing was written of it; gives whether."""
        try:
            self._write_reply(call_id, reply, f"{_THERE} AND attribute_not_exists(auto_reply)")
        except ConditionFailed:
            return False
        return True

    def release_reply(self, call_id: str) -> None:
        """Take back the claim of an auto-reply of which nothing was sent."""
        self.table.update(_key(call_id), "REMOVE auto_reply", {}, condition=_THERE)

    def settle_reply(self, call_id: str, reply: AutoReply) -> None:
        """Write what became of the auto-reply that was claimed.

        Raises:
            ConditionFailed: There is no such call any more.
        """
        self._write_reply(call_id, reply, _THERE)

    def of_oa(self, oa_id: str, after: str, before: str) -> Iterator[Call]:
        """An OA's calls, newest first, ``after <= listed_at < before``."""
        items = self.table.list_items(_BY_CLIENT, [_bucket(oa_id)], after, before, _PAGE)
        return map(Call.from_item, items)

    def _write_reply(self, call_id: str, reply: AutoReply, condition: str) -> None:
        values = {":reply": reply_item(reply)}
        self.table.update(_key(call_id), "SET auto_reply = :reply", values, condition=condition)

    def _item(self, call: Call) -> Item:
        return {
            **_key(call.id),
            "entity": "oa_call",
            **call.to_item(),
            "client_bucket": _bucket(call.oa_id),
            "listed_at": listed_at(call),
            "expires_at": self._expires_at(call),
        }

    def _told(self, digest: str, call: Call) -> Put:
        """Notes that it was told, if it was not before."""
        entry = {
            **_told_key(digest),
            "entity": "oa_call_told",
            "call_id": call.id,
            "expires_at": self._expires_at(call),
        }
        return Put(entry, _ABSENT)

    def _expires_at(self, call: Call) -> int:
        return int(from_text(call.created_at).timestamp()) + self.retention_seconds


def listed_at(call: Call) -> str:
    """Where a call stands in a list: when it began, and its id to tell equal ones apart."""
    return f"{call.created_at}#{call.id}"


def _placed_under(call: Call) -> list[str]:
    return _partitions(call.customer.user_id, call.customer.phone_key)


def _partitions(user_id: str | None, phone_key: str | None) -> list[str]:
    """Where calls to a customer are noted, by each thing that the customer is known by."""
    by_user = [f"OCO#U#{user_id}"] if user_id else []
    return by_user + ([f"OCO#P#{phone_key}"] if phone_key else [])


def _key(call_id: str) -> Item:
    return {"PK": f"OCL#{call_id}", "SK": "OCL"}


def _told_key(digest: str) -> Item:
    return {"PK": f"OCC#{digest}", "SK": "OCC"}


def _bucket(oa_id: str) -> str:
    return f"OACALLS#{oa_id}"
