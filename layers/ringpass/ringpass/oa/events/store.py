"""Zalo's events about an OA: kept when they come, worked on behind the queue.

    PK OAE#<digest>   SK OAE   entity "oa_event"

Written once, however often Zalo repeats an event; it stands among what is not finished until it has
been worked on. Then its text goes, and the customer's number, which has an attribute of its own.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws import due_index
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.clock import from_text, to_text
from ringpass.oa.events.model import OaEvent, split_phone

# Zalo repeats an event for about two hours.
_RETENTION: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OaEventRepository:
    """Reads and writes events."""

    table: Table

    def add(self, event: OaEvent) -> bool:
        """Keep an event; gives whether it is a new one."""
        fields, phone = split_phone(event.fields)
        item = {
            **_key(event.digest),
            "entity": "oa_event",
            "digest": event.digest,
            "name": event.name,
            # As text: an event can be nested deeper than an item may be.
            "fields": json.dumps(fields),
            "phone": phone,
            "created_at": to_text(event.at),
            "expires_at": int((event.at + _RETENTION).timestamp()),
            **due_index.entry(event.digest, event.at),
        }
        try:
            self.table.put(item, "attribute_not_exists(PK)")
        except ConditionFailed:
            return False
        return True

    def get_pending(self, digest: str) -> OaEvent | None:
        """An event that has not been worked on; None if it has, or is gone."""
        item = self.table.get(_key(digest))
        if item is None or "fields" not in item:
            return None
        fields = json.loads(item["fields"])
        if "phone" in item:
            fields["phone"] = item["phone"]
        return OaEvent(item["name"], fields, digest, from_text(item["created_at"]))

    def mark_done(self, digest: str, now: datetime) -> None:
        """Take note that an event has been worked on."""
        try:
            self.table.update(
                _key(digest),
                "SET done_at = :now REMOVE #fields, phone, due_bucket, due_at",
                {":now": to_text(now)},
                names={"#fields": "fields"},
                condition="attribute_exists(PK)",
            )
        except ConditionFailed:
            return


def _key(digest: str) -> Item:
    return {"PK": f"OAE#{digest}", "SK": "OAE"}
