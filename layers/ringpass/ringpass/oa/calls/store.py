"""Items of calls between an OA and its customers.

    PK OCL#<id>                SK OCL    entity "oa_call": the call
    PK OLK#<digest of token>   SK OLK    entity "oa_call_link": the call that a link belongs to
    PK OCO#U#<user id>         SK <id>   entity "oa_call_placed": a call placed to this customer
    PK OCO#P#<phone key>       SK <id>   the same, by the customer's number
    PK OCC#<digest>            SK OCC    entity "oa_call_told": the call that Zalo has reported

A call is written in one transaction with the items that lead to it. Calls are in the list index
under ``OACALLS#<oa id>``, and in the index by phone under ``ocl#<phone key>``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.phone_index import BY_PHONE
from ringpass.aws.transaction import Put, Transaction, Update
from ringpass.clock import from_text, to_text
from ringpass.oa.calls.model import AutoReply, Call, CallEnd, end_item, reply_item

CALL, REPORT = "call", "report"
"""Tags of writes in a transaction."""
_PAGE: Final = 50
_FIRST, _LAST = " ", "~"  # before and after any id as text
_ABSENT: Final = "attribute_not_exists(PK)"
_EXISTS: Final = "attribute_exists(PK)"
_SET_USER: Final = ", user_id = if_not_exists(user_id, :user)"
# If a customer is called more often in two days, the older calls are not matched.
_MOST_PLACED: Final = 100
_PLACED_RETENTION: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class CallRepository:
    """Repository of calls.

    Attributes:
        table: The stack's table.
        retention_seconds: How long a call is stored.
    """

    table: Table
    retention_seconds: int

    def get(self, call_id: str) -> Call | None:
        """Returns a call, or None."""
        item = self.table.get(_key(call_id))
        return Call.from_item(item) if item else None

    def get_by_link(self, digest: str) -> Call | None:
        """Returns the call of a link, by the digest of the link's token; two reads."""
        entry = self.table.get({"PK": f"OLK#{digest}", "SK": "OLK"})
        return self.get(entry["call_id"]) if entry else None

    def get_by_report(self, digest: str) -> Call | None:
        """Returns the call with this report, by the report's digest; two reads."""
        entry = self.table.get(_report_key(digest))
        return self.get(entry["call_id"]) if entry else None

    def add(self, call: Call, link_digest: str, now: datetime) -> None:
        """Write a call that an agent may open.

        Raises:
            ConditionsFailed: There is one with this id (``CALL``).
        """
        expires_at = int((now + _PLACED_RETENTION).timestamp())
        link = {
            "PK": f"OLK#{link_digest}",
            "SK": "OLK",
            "entity": "oa_call_link",
            "call_id": call.id,
            "expires_at": self._expires_at(call),
        }
        entries = [
            {"PK": partition, "SK": call.id, "entity": "oa_call_placed", "expires_at": expires_at}
            for partition in _customer_partitions(call)
        ]
        tx = Transaction(self.table)
        tx.add(Put(self._item(call), _ABSENT), CALL)
        for item in (link, *entries):
            tx.add(Put(item, _ABSENT))
        tx.commit()

    def open(self, call_id: str, now: datetime) -> Call:
        """Write the first opening of a call's link and return the call.

        A later opening changes nothing.

        Raises:
            ConditionFailed: There is no such call.
        """
        item = self.table.update(
            _key(call_id),
            "SET opened_at = if_not_exists(opened_at, :now)",
            {":now": to_text(now)},
            condition=_EXISTS,
        )
        return Call.from_item(item)

    def list_placed_to(self, user_id: str | None, phone_key: str | None) -> list[Call]:
        """Returns the calls placed to a customer in the last days, by user id and by number.

        The read is consistent.
        """
        ids = {
            entry["SK"]: None
            for partition in _partitions(user_id, phone_key)
            for entry in islice(
                self.table.partition(partition, _FIRST, _LAST, consistent=True), _MOST_PLACED
            )
        }
        return [
            Call.from_item(item) for item in self.table.get_many([_key(call_id) for call_id in ids])
        ]

    def record_end(self, call: Call, end: CallEnd, digest: str, user_id: str | None) -> None:
        """Write the report of a placed call, and the customer's id if it was not known.

        Raises:
            ConditionsFailed: A report with this digest is stored already (``REPORT``), or the
                placed call has a report already (``CALL``).
        """
        call_update = Update(
            _key(call.id),
            "SET ended = :ended" + (_SET_USER if user_id else ""),
            {":ended": end_item(end)} | ({":user": user_id} if user_id else {}),
            f"{_EXISTS} AND attribute_not_exists(ended)",
        )
        tx = Transaction(self.table)
        tx.add(self._report_put(digest, call), REPORT)
        tx.add(call_update, CALL)
        tx.commit()

    def add_reported(self, call: Call, digest: str) -> None:
        """Write a call of which only the report is known.

        Raises:
            ConditionsFailed: A report with this digest is stored already (``REPORT``), or there is
                a call with this id (``CALL``).
        """
        tx = Transaction(self.table)
        tx.add(self._report_put(digest, call), REPORT)
        tx.add(Put(self._item(call), _ABSENT), CALL)
        tx.commit()

    def claim_reply(self, call_id: str, reply: AutoReply) -> bool:
        """Write an auto-reply if the call has none; returns whether it was written."""
        try:
            self._write_reply(call_id, reply, f"{_EXISTS} AND attribute_not_exists(auto_reply)")
        except ConditionFailed:
            return False
        return True

    def release_reply(self, call_id: str) -> None:
        """Remove the claim of an auto-reply that was not sent."""
        self.table.update(_key(call_id), "REMOVE auto_reply", {}, condition=_EXISTS)

    def settle_reply(self, call_id: str, reply: AutoReply) -> None:
        """Write the outcome of a claimed auto-reply.

        Raises:
            ConditionFailed: The call does not exist any more.
        """
        self._write_reply(call_id, reply, _EXISTS)

    def list_for_oa(self, oa_id: str, after: str, before: str) -> Iterator[Call]:
        """Returns an OA's calls, newest first, ``after <= listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(oa_id)], after, before, _PAGE)
        return map(Call.from_item, items)

    def list_by_phone(self, client: str, phone_key: str, after: str, before: str) -> Iterator[Call]:
        """Returns a client's calls with a number, newest first, ``after <= listed_at < before``."""
        start, end = f"{client}#{after}", f"{client}#{before}"
        buckets = [_phone_bucket(phone_key)]
        return map(Call.from_item, self.table.list_items(BY_PHONE, buckets, start, end, _PAGE))

    def delete(self, call: Call) -> None:
        """Delete a call, and the items that lead to it by its customer.

        The items of its link and of Zalo's report stay: they hold no more than the call's id, and a
        repeated report makes no call.
        """
        for partition in _customer_partitions(call):
            self.table.delete({"PK": partition, "SK": call.id})
        self.table.delete(_key(call.id))

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
            "phone_key": _phone_bucket(key) if (key := call.customer.phone_key) else None,
            "client_listed_at": f"{call.client}#{listed_at(call)}",
            "expires_at": self._expires_at(call),
        }

    def _report_put(self, digest: str, call: Call) -> Put:
        """Returns the write of a report's digest, if it is not stored yet."""
        entry = {
            **_report_key(digest),
            "entity": "oa_call_told",
            "call_id": call.id,
            "expires_at": self._expires_at(call),
        }
        return Put(entry, _ABSENT)

    def _expires_at(self, call: Call) -> int:
        return int(from_text(call.created_at).timestamp()) + self.retention_seconds


def _customer_partitions(call: Call) -> list[str]:
    return _partitions(call.customer.user_id, call.customer.phone_key)


def _partitions(user_id: str | None, phone_key: str | None) -> list[str]:
    """Returns the partitions of a customer's calls: by user id and by number."""
    by_user = [f"OCO#U#{user_id}"] if user_id else []
    return by_user + ([f"OCO#P#{phone_key}"] if phone_key else [])


def _key(call_id: str) -> Item:
    return {"PK": f"OCL#{call_id}", "SK": "OCL"}


def _report_key(digest: str) -> Item:
    return {"PK": f"OCC#{digest}", "SK": "OCC"}


def _phone_bucket(phone_key: str) -> str:
    return f"ocl#{phone_key}"


def _bucket(oa_id: str) -> str:
    return f"OACALLS#{oa_id}"
