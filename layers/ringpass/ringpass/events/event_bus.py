"""Puts events on the stack's EventBridge bus, at least once.

Sources: EventBridge's API reference, ``PutEvents`` (1 to 10 entries, ``FailedEntryCount``), and its
user guide, "Calculating PutEvents event entry size" (a request has less than 256 KB: 14 bytes for
the time, and the bytes of the source, the type, the detail and the resources in UTF-8).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ringpass.clock import from_text
from ringpass.events.model import Event, to_json

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef as Entry

_MOST_ENTRIES: Final = 10
_MOST_BYTES: Final = 256 * 1024 - 1
_TIME_BYTES: Final = 14
# A failed entry is put again at once; if it still fails, Lambda delivers its batch again, later.
_TRIES: Final = 3


class EventsNotPut(Exception):
    """EventBridge did not take all events; those that it took come again."""


@dataclass(frozen=True, slots=True)
class EventBus:
    """The stack's event bus.

    Attributes:
        client: botocore's client of EventBridge.
        name: The name of the bus.
        stage: What the stack is for; part of the source of each event.
    """

    client: "EventBridgeClient"
    name: str
    stage: str

    def put(self, events: Sequence[Event]) -> None:
        """Put events on the bus; the detail of each is its body.

        Raises:
            EventsNotPut: EventBridge did not take all of them. All may be put again.
        """
        for request in _requests([self._entry(event) for event in events]):
            self._put(request)

    def _entry(self, event: Event) -> "Entry":
        return {
            "EventBusName": self.name,
            "Source": f"ringpass.{self.stage}",
            "DetailType": event.type,
            "Time": from_text(event.timestamp),
            # Rules can select a client's events; its name is no part of a body.
            "Resources": [f"client:{event.client}"],
            "Detail": to_json(event.body),
        }

    def _put(self, entries: "Sequence[Entry]") -> None:
        errors: set[str] = set()
        for _ in range(_TRIES):
            results = self.client.put_events(Entries=entries)["Entries"]
            failed = [one for one in zip(entries, results, strict=True) if "ErrorCode" in one[1]]
            if not failed:
                return
            entries = [entry for entry, _ in failed]
            errors = {result["ErrorCode"] for _, result in failed}
        raise EventsNotPut(f"{len(entries)} events were not taken: {', '.join(sorted(errors))}")


def _requests(entries: "Sequence[Entry]") -> "Iterator[list[Entry]]":
    """Divide entries into requests. An entry that is too large for any stands alone."""
    request: list[Entry] = []
    size = 0
    for entry in entries:
        entry_size = _size(entry)
        if request and (len(request) == _MOST_ENTRIES or size + entry_size > _MOST_BYTES):
            yield request
            request, size = [], 0
        request.append(entry)
        size += entry_size
    if request:
        yield request


def _size(entry: "Entry") -> int:
    texts = (entry["Source"], entry["DetailType"], entry["Detail"], *entry["Resources"])
    return _TIME_BYTES + sum(len(text.encode()) for text in texts)
