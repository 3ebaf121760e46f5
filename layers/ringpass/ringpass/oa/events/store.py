"""Items of Zalo's events about an OA: written by the webhook, handled behind the queue.

    PK OAE#<digest>   SK OAE   entity "oa_event"

An event is written once, however often Zalo repeats it. It stays in the due index until it is
handled; then its text and the customer's number (an attribute of its own) are removed.
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
    """Repository of events."""

    table: Table

    def add(self, event: OaEvent) -> bool:
        """Store an event; returns whether it is new."""
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
        """Returns an event that is not handled yet; None if it is handled or deleted."""
        item = self.table.get(_key(digest))
        if item is None or "fields" not in item:
            return None
        fields = json.loads(item["fields"])
        if "phone" in item:
            fields["phone"] = item["phone"]
        return OaEvent(item["name"], fields, digest, from_text(item["created_at"]))

    def mark_done(self, digest: str, now: datetime) -> None:
        """Mark an event as handled."""
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
