"""What providers sent that nobody could read or match, and floods: kept whole until it is replayed.

    PK RAW#<provider>#<id>   SK RAW          entity "unmatched_payload": why, and the text's shape
                             SK PART#<nnn>   entity "payload_part": the body, compressed and sealed

The parts are written first: what the first item speaks of is there. Who is to work on it finds it
among what is not finished, from place ``next`` of its events on.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws import due_index
from ringpass.aws.dynamodb import ConditionFailed, Index, Item, Table
from ringpass.aws.sealing import seal, unseal
from ringpass.aws.secrets import Secrets
from ringpass.clock import from_text, to_text
from ringpass.ids import payload_id
from ringpass.redaction import redact

PROVIDERS: Final = ("mcn", "bizfly", "caresoft", "zalo")
"""Whose webhooks are received."""

# In base64 a third more: an item may have 400 KB.
_PART_BYTES: Final = 262_144
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_PAGE: Final = 50
_BEGINNING, _END = "2000", "9999"
_DONE: Final = f"REMOVE {', '.join(due_index.ATTRIBUTES)}, #next"
_NAMES: Final = {"#next": "next"}


@dataclass(frozen=True, slots=True)
class Payload:
    """What is known of a body.

    Attributes:
        provider: Who sent it.
        id: ``pay_`` and 32 characters.
        why: Why it was kept, as a word: ``unreadable``.
        size: Its bytes.
        parts: In how many items it stands.
        times: How often it came.
        came_at: When it came first.
        server: Zalo's header ``X-ZEvent-Server``; empty for the others.
        next: From which of its events on it is to be worked on; None: it is not.
        unmatched: How many of the events before that could not be used.
    """

    provider: str
    id: str
    why: str
    size: int
    parts: int
    times: int
    came_at: datetime
    server: str = ""
    next: int | None = None
    unmatched: int = 0


@dataclass(frozen=True, slots=True)
class UnmatchedPayloadRepository:
    """Reads and writes payloads.

    Attributes:
        table: The table.
        secrets: The stack's secrets: bodies are sealed with the look-up key.
        retention_seconds: How long they are kept.
    """

    table: Table
    secrets: Secrets
    retention_seconds: int

    def keep(
        self,
        provider: str,
        body: bytes,
        why: str,
        now: datetime,
        *,
        server: str = "",
        is_due: bool = False,
    ) -> str:
        """Keep a body whole, and give its id; the same bytes again are counted.

        Args:
            provider: Who sent it.
            body: What came.
            why: Why it is kept, as a word.
            now: When it came.
            server: Zalo's header ``X-ZEvent-Server``.
            is_due: Whether it is to be worked on now, without a person.

        Raises:
            Unavailable: The table or the look-up secret cannot be reached.
        """
        id_ = payload_id(self.secrets.value("lookup", "key"), provider, body)
        packed = zlib.compress(body)
        parts = [packed[at : at + _PART_BYTES] for at in range(0, len(packed), _PART_BYTES)]
        expires = int(now.timestamp()) + self.retention_seconds
        for number, part in enumerate(parts):
            self._put_part(provider, id_, number, part, expires)
        values = {
            ":entity": "unmatched_payload",
            ":provider": provider,
            ":id": id_,
            ":why": why,
            ":raw": redact(body),
            ":size": len(body),
            ":parts": len(parts),
            ":server": server,
            ":now": to_text(now),
            ":expires": expires,
            ":one": 1,
            **_listing(provider, id_, now),
        }
        update = (
            "SET entity = :entity, provider = :provider, id = :id, why = :why, #raw = :raw, "
            "#size = :size, parts = :parts, server = :server, last_at = :now, "
            "created_at = if_not_exists(created_at, :now), expires_at = :expires, "
            "client_bucket = :bucket, listed_at = if_not_exists(listed_at, :listed)"
        )
        names = {"#raw": "raw", "#size": "size"}
        if is_due:
            sets, due = _due(id_, now)
            update, values, names = f"{update}, {sets}", {**values, **due}, {**names, **_NAMES}
        key = _key(provider, id_)
        self.table.update(key, f"{update} ADD times :one", values, names=names)
        return id_

    def _put_part(self, provider: str, id_: str, number: int, part: bytes, expires: int) -> None:
        key = _part_key(provider, id_, number)
        # Each part is sealed by itself: whoever writes the same body at the same time writes parts
        # that fit these.
        sealed = seal(self.secrets.value("lookup", "key"), f"{key['PK']} {key['SK']}", part)
        self.table.update(
            key,
            "SET entity = :entity, sealed = :sealed, expires_at = :expires",
            {":entity": "payload_part", ":sealed": sealed, ":expires": expires},
        )

    def get(self, provider: str, id_: str) -> Payload | None:
        """What is known of a body; None if it is gone."""
        item = self.table.get(_key(provider, id_))
        return from_item(item) if item else None

    def body(self, payload: Payload) -> bytes:
        """The very bytes that came.

        Raises:
            Unavailable: The table or the look-up secret cannot be reached.
            NotGenuine: A part was changed, or the look-up key was.
            LookupError: A part is gone.
        """
        keys = [_part_key(payload.provider, payload.id, n) for n in range(payload.parts)]
        items = self.table.get_many(keys)
        if len(items) < len(keys):
            raise LookupError(payload.id)
        key = self.secrets.value("lookup", "key")
        opened = (unseal(key, f"{one['PK']} {one['SK']}", one["sealed"]) for one in items)
        return zlib.decompress(b"".join(opened))

    def ask(self, payload: Payload, now: datetime) -> bool:
        """Have a body worked on, from its first event on; whether it is still there."""
        sets, values = _due(payload.id, now)
        key = _key(payload.provider, payload.id)
        try:
            update = f"SET {sets} REMOVE unmatched"
            self.table.update(key, update, values, names=_NAMES, condition="attribute_exists(PK)")
        except ConditionFailed:
            return False
        return True

    def move_on(
        self, payload: Payload, place: int, unmatched: int, why: str, now: datetime
    ) -> bool:
        """Go on at another place of its events; whether nobody else has."""
        sets, values = _due(payload.id, now, place)
        update = f"SET {sets}, unmatched = :unmatched, why = :why"
        return self._write(payload, update, {**values, ":unmatched": unmatched, ":why": why})

    def finish(
        self, payload: Payload, events: int, unmatched: int, why: str, now: datetime
    ) -> bool:
        """Nothing is left to be done; whether nobody else has said so.

        Args:
            payload: The body, as it was read.
            events: How many events there are in it.
            unmatched: How many of them could not be used; somebody should look at it, if any.
            why: Why they could not.
            now: When that was found out.
        """
        values = {":events": events, ":unmatched": unmatched, ":why": why, ":now": to_text(now)}
        sets = "SET events = :events, unmatched = :unmatched, why = :why, replayed_at = :now"
        if not unmatched:
            return self._write(payload, f"{sets} {_DONE}, client_bucket, listed_at", values)
        sets += ", client_bucket = :bucket, listed_at = :listed"
        listing = _listing(payload.provider, payload.id, payload.came_at)
        return self._write(payload, f"{sets} {_DONE}", {**values, **listing})

    def _write(self, payload: Payload, update: str, values: Item) -> bool:
        key = _key(payload.provider, payload.id)
        try:
            self.table.update(
                key,
                update,
                {**values, ":place": payload.next},
                names=_NAMES,
                condition="#next = :place",
            )
        except ConditionFailed:
            return False
        return True

    def listed(self, provider: str) -> Iterator[Payload]:
        """What waits for somebody to look at it, newest first."""
        items = self.table.list_items(_BY_CLIENT, [_bucket(provider)], _BEGINNING, _END, _PAGE)
        return map(from_item, items)


def from_item(item: Item) -> Payload:
    """The payload of an item, also as it comes in a stream record."""
    return Payload(
        provider=item["provider"],
        id=item["id"],
        why=item["why"],
        size=item["size"],
        parts=item["parts"],
        times=item["times"],
        came_at=from_text(item["created_at"]),
        server=item["server"],
        next=item.get("next"),
        unmatched=item.get("unmatched", 0),
    )


def _due(id_: str, now: datetime, place: int = 0) -> tuple[str, Item]:
    values = {f":{name}": value for name, value in due_index.entry(id_, now).items()}
    sets = "#next = :next, due_bucket = :due_bucket, due_at = :due_at"
    return sets, {**values, ":next": place}


def _listing(provider: str, id_: str, came_at: datetime) -> Item:
    return {":bucket": _bucket(provider), ":listed": f"{to_text(came_at)}#{id_}"}


def _bucket(provider: str) -> str:
    return f"PAYLOADS#{provider}"


def _key(provider: str, id_: str) -> Item:
    return {"PK": f"RAW#{provider}#{id_}", "SK": "RAW"}


def _part_key(provider: str, id_: str, number: int) -> Item:
    return {"PK": f"RAW#{provider}#{id_}", "SK": f"PART#{number:03}"}
