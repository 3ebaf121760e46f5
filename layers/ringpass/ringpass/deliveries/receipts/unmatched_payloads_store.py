"""Dead letters: payloads of webhooks that could not be read or matched, and floods, until replay.

    PK RAW#<provider>#<id>   SK RAW          entity "unmatched_payload": why, and the text's shape
                             SK PART#<nnn>   entity "payload_part": the body, compressed and sealed

The parts are written first, so a first item never lacks them. The due index holds a payload that is
to be processed, from position ``next`` of its events on.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws import due_index
from ringpass.aws.client_index import BY_CLIENT
from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.aws.sealing import seal, unseal
from ringpass.aws.secrets import Secrets
from ringpass.clock import from_text, to_text
from ringpass.ids import payload_id
from ringpass.redaction import redact

# In base64 a third more: an item may have 400 KB.
_PART_BYTES: Final = 262_144
_PAGE: Final = 50
_BEGINNING, _END = "2000", "9999"
_REMOVE_DUE: Final = f"REMOVE {', '.join(due_index.ATTRIBUTES)}, #next"
_NAMES: Final = {"#next": "next"}


@dataclass(frozen=True, slots=True)
class Payload:
    """A dead letter: the payload of a webhook, without its body.

    Attributes:
        provider: Who sent it.
        id: ``pay_`` and 32 characters.
        reason: Why it is stored, as a word: ``unreadable``.
        size: Its bytes.
        parts: How many items hold its body.
        times: How often it came.
        received_at: When it came first.
        server: Zalo's header ``X-ZEvent-Server``; empty for the others.
        next: The position of the next event to process; None: it is not being processed.
        unmatched: How many of the events before that could not be used.
    """

    provider: str
    id: str
    reason: str
    size: int
    parts: int
    times: int
    received_at: datetime
    server: str = ""
    next: int | None = None
    unmatched: int = 0


@dataclass(frozen=True, slots=True)
class UnmatchedPayloadRepository:
    """Repository of dead letters.

    Attributes:
        table: The table.
        secrets: The stack's secrets: bodies are sealed with the look-up key.
        retention_seconds: How long they are stored.
    """

    table: Table
    secrets: Secrets
    retention_seconds: int

    def put(
        self,
        provider: str,
        body: bytes,
        reason: str,
        now: datetime,
        *,
        server: str = "",
        is_due: bool = False,
    ) -> str:
        """Store a whole body; returns its id. Idempotent: the same bytes again are only counted.

        Args:
            provider: Who sent it.
            body: What came.
            reason: Why it is stored, as a word.
            now: When it came.
            server: Zalo's header ``X-ZEvent-Server``.
            is_due: Whether it is to be processed now, without a person.

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
            ":why": reason,
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
        # Each part is sealed by itself: if another function writes the same body at the same time,
        # its parts fit these.
        sealed = seal(self.secrets.value("lookup", "key"), f"{key['PK']} {key['SK']}", part)
        self.table.update(
            key,
            "SET entity = :entity, sealed = :sealed, expires_at = :expires",
            {":entity": "payload_part", ":sealed": sealed, ":expires": expires},
        )

    def get(self, provider: str, id_: str) -> Payload | None:
        """Returns a payload; None if it has expired."""
        item = self.table.get(_key(provider, id_))
        return from_item(item) if item else None

    def body(self, payload: Payload) -> bytes:
        """Returns the body, byte for byte.

        Raises:
            Unavailable: The table or the look-up secret cannot be reached.
            NotGenuine: A part was changed, or the look-up key was.
            LookupError: A part has expired.
        """
        keys = [_part_key(payload.provider, payload.id, n) for n in range(payload.parts)]
        items = self.table.get_many(keys)
        if len(items) < len(keys):
            raise LookupError(payload.id)
        key = self.secrets.value("lookup", "key")
        parts = (unseal(key, f"{item['PK']} {item['SK']}", item["sealed"]) for item in items)
        return zlib.decompress(b"".join(parts))

    def request_replay(self, payload: Payload, now: datetime) -> bool:
        """Request the replay of a payload from its first event; False if it has expired."""
        sets, values = _due(payload.id, now)
        key = _key(payload.provider, payload.id)
        try:
            update = f"SET {sets} REMOVE unmatched"
            self.table.update(key, update, values, names=_NAMES, condition="attribute_exists(PK)")
        except ConditionFailed:
            return False
        return True

    def advance(
        self, payload: Payload, position: int, unmatched: int, reason: str, now: datetime
    ) -> bool:
        """Continue at a later position of its events; False if another function did."""
        sets, values = _due(payload.id, now, position)
        update = f"SET {sets}, unmatched = :unmatched, why = :why"
        return self._write(payload, update, {**values, ":unmatched": unmatched, ":why": reason})

    def finish(
        self, payload: Payload, events: int, unmatched: int, reason: str, now: datetime
    ) -> bool:
        """End the processing of a payload; False if another function did.

        Args:
            payload: The body, as it was read.
            events: How many events it holds.
            unmatched: How many of them could not be used; a person should look at it, if any.
            reason: Why they could not.
            now: The time.
        """
        values = {":events": events, ":unmatched": unmatched, ":why": reason, ":now": to_text(now)}
        sets = "SET events = :events, unmatched = :unmatched, why = :why, replayed_at = :now"
        if not unmatched:
            return self._write(payload, f"{sets} {_REMOVE_DUE}, client_bucket, listed_at", values)
        sets += ", client_bucket = :bucket, listed_at = :listed"
        listing = _listing(payload.provider, payload.id, payload.received_at)
        return self._write(payload, f"{sets} {_REMOVE_DUE}", {**values, **listing})

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

    def list_unmatched(self, provider: str) -> Iterator[Payload]:
        """List payloads that a person should look at, newest first."""
        items = self.table.list_items(BY_CLIENT, [_bucket(provider)], _BEGINNING, _END, _PAGE)
        return map(from_item, items)


def from_item(item: Item) -> Payload:
    """The payload of an item, also as it comes in a stream record."""
    return Payload(
        provider=item["provider"],
        id=item["id"],
        reason=item["why"],
        size=item["size"],
        parts=item["parts"],
        times=item["times"],
        received_at=from_text(item["created_at"]),
        server=item["server"],
        next=item.get("next"),
        unmatched=item.get("unmatched", 0),
    )


def _due(id_: str, now: datetime, position: int = 0) -> tuple[str, Item]:
    values = {f":{name}": value for name, value in due_index.entry(id_, now).items()}
    sets = "#next = :next, due_bucket = :due_bucket, due_at = :due_at"
    return sets, {**values, ":next": position}


def _listing(provider: str, id_: str, received_at: datetime) -> Item:
    return {":bucket": _bucket(provider), ":listed": f"{to_text(received_at)}#{id_}"}


def _bucket(provider: str) -> str:
    return f"PAYLOADS#{provider}"


def _key(provider: str, id_: str) -> Item:
    return {"PK": f"RAW#{provider}#{id_}", "SK": "RAW"}


def _part_key(provider: str, id_: str, number: int) -> Item:
    return {"PK": f"RAW#{provider}#{id_}", "SK": f"PART#{number:03}"}
