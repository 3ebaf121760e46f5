"""Projects the table's stream into events: exact for repeated, late and unordered records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.dynamodb import Item, from_wire
from ringpass.clock import Clock, to_text
from ringpass.deliveries import store as deliveries_store
from ringpass.deliveries.store import DeliveryRepository
from ringpass.events.call_events import call_event
from ringpass.events.consent_events import consent_event
from ringpass.events.delivery_events import delivery_event, delivery_facts
from ringpass.events.model import Event
from ringpass.events.provider_events import provider_event
from ringpass.events.refusal_events import refusal_event
from ringpass.events.store import EventRepository
from ringpass.events.verification_events import verification_event, verification_facts
from ringpass.ids import event_id
from ringpass.limits import circuit_store, refusals_store
from ringpass.oa.calls.model import Call
from ringpass.oa.consents import store as consents_store
from ringpass.verifications import store as verifications_store

_ERASABLE: Final = frozenset({"delivery", "verification", "decision"})
"""Records that lose their ``phone_key`` when their number is deleted."""


@dataclass(frozen=True, slots=True)
class EventProjector:
    """Projects stream records of everything that has events.

    Attributes:
        events: The table's events.
        deliveries: The table's deliveries: an event of a verification shows them.
        channels: Provider -> its channel.
        clock: Returns the current time.
    """

    events: EventRepository
    deliveries: DeliveryRepository
    channels: Mapping[str, str]
    clock: Clock

    def project(self, record: Mapping[str, Any]) -> None:
        """Write the events of one stream record. Idempotent: an event that is there stays.

        Raises:
            Unavailable: The table cannot be reached, or is too busy. The record can be projected
                again.
        """
        images = record["dynamodb"]
        if "NewImage" not in images:
            if not record.get("userIdentity"):  # Otherwise it has expired, and nobody deleted it.
                self._erase_deleted(from_wire(images.get("OldImage", {})))
            return
        item = from_wire(images["NewImage"])
        before = from_wire(images["OldImage"]) if "OldImage" in images else {}
        now = self.clock()
        if "phone_key" in before and "phone_key" not in item and item.get("entity") in _ERASABLE:
            # Also events that were derived while the number was deleted.
            self.events.erase(item["id"])
        for event in self._events(item, before):
            self.events.add(event, now)

    def _erase_deleted(self, item: Item) -> None:
        """Remove the person from a deleted record's events, also from those derived meanwhile."""
        match item.get("entity"):
            case "consent":
                # One that was created anew counts on, and its events are not deleted.
                self.events.erase(item["id"], item.get("changes", 0))
            case "oa_call":
                self.events.erase(item["id"])

    def _events(self, item: Item, before: Item) -> Iterator[Event]:
        match item.get("entity"):
            case "delivery":
                yield from self._delivery_events(item, before)
            case "verification":
                yield from self._verification_events(item, before)
            case "consent":
                yield from self._consent_events(item, before)
            case "oa_call" if "ended" in item and "ended" not in before:
                call = Call.from_item(item)
                if call.end is not None:
                    yield call_event(call, call.end)
            case "provider":
                yield from self._provider_events(item, before)
            case "decision" if not before and (refusal := refusals_store.from_item(item)).refused:
                yield refusal_event(refusal)

    def _delivery_events(self, item: Item, before: Item) -> Iterator[Event]:
        delivery = deliveries_store.from_stream_image(item)
        total = len(delivery_facts(delivery))
        known = len(delivery_facts(deliveries_store.from_stream_image(before))) if before else 0
        for sequence in self._new(delivery.id, known, total):
            yield delivery_event(delivery, sequence, item.get("phone_key", ""))

    def _verification_events(self, item: Item, before: Item) -> Iterator[Event]:
        verification = verifications_store.from_item(item)
        total = len(verification_facts(verification))
        known = len(verification_facts(verifications_store.from_item(before))) if before else 0
        new = self._new(verification.id, known, total)
        if not new:
            return
        deliveries = self.deliveries.get_many(verification.delivery_ids)
        phone_key = verifications_store.phone_key_of(item)
        for sequence in new:
            yield verification_event(verification, sequence, deliveries, phone_key)

    def _consent_events(self, item: Item, before: Item) -> Iterator[Event]:
        consent = consents_store.from_item(item)
        times = [change.at for change in consent.last_changes]
        for sequence in self._new_of_last(consent.id, item, before, times):
            yield consent_event(consent, sequence)

    def _provider_events(self, item: Item, before: Item) -> Iterator[Event]:
        name, state = item["name"], circuit_store.from_item(item)
        times = [to_text(change.at) for change in state.last_changes]
        for sequence in self._new_of_last(name, item, before, times):
            yield provider_event(name, self.channels[name], state, sequence)

    def _new_of_last(
        self, subject: str, item: Item, before: Item, times: Sequence[str]
    ) -> Iterator[int]:
        """Returns the sequence numbers of the events of a record that keeps its last changes.

        The record may be older than its events: an event of a change that is older has been there,
        and has expired.
        """
        total = item.get("changes", 0)
        oldest = self.events.oldest(self.clock())
        for sequence in self._new(subject, before.get("changes", 0), total):
            place = sequence - total - 1
            if -place <= len(times) and times[place] > oldest:
                yield sequence

    def _new(self, subject: str, known: int, total: int) -> range:
        """Returns the sequence numbers of the events that are to be written.

        Those before the write are assumed to be there, if the last one of them is. It is not where
        a record comes before an earlier one, where that one was lost, or where the subject is older
        than events: then all of them are written.
        """
        if total == known:
            return range(0)
        if known and self.events.get(event_id(subject, known)) is None:
            known = 0
        return range(known + 1, total + 1)
