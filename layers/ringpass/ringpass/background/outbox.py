"""Derives from the table's stream what has to follow a write.

So nothing depends on the function that wrote. The outbox calls no provider, and doing a record
twice does no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringpass.aws.due_index import fits_queue, without_entry
from ringpass.aws.dynamodb import Item, from_wire
from ringpass.background.tasks import JOIN_AFTER, PLAYED_AFTER, Task, TaskQueue, TaskType
from ringpass.background.worker import task_of
from ringpass.clock import Clock, from_text
from ringpass.deliveries import callees_store, correlations_store
from ringpass.deliveries.abandoned import LOST_AFTER
from ringpass.deliveries.poll_schedule import next_poll_entry
from ringpass.deliveries.receipts.call_results import apply_reports, changed_reports
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.store import DeliveryRepository
from ringpass.outcomes import Status
from ringpass.providers.simulator.outcomes import ending_of, reference_of
from ringpass.reporting.projector import StatisticsProjector
from ringpass.verifications import store

_PLAYED: Final = {
    "mcn": TaskType.PLAY_CDR,
    "bizfly": TaskType.PLAY_RESULT,
    "zalo": TaskType.PLAY_ARRIVAL,
}
"""Whose calls and messages have an end that is played."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Acts on stream records.

    Attributes:
        deliveries: The table's deliveries.
        agenda: Where what is due later goes.
        clock: Tells the time.
        counting: Keeps the statistics; None: nothing is counted.
        rehearsing: Whether CDRs of calls to test numbers are played.
    """

    deliveries: DeliveryRepository
    agenda: TaskQueue
    clock: Clock
    counting: StatisticsProjector | None = None
    rehearsing: bool = False

    def handle_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Act on stream records, then count them.

        Counting comes last and on its own: where it fails, the records come again, but everything
        else that they ask for has been done.
        """
        try:
            for record in records:
                self.handle(record)
        finally:
            if self.counting is not None:
                for record in records:
                    self.counting.count(record)

    def handle(self, record: Mapping[str, Any]) -> None:
        """Act on one stream record with its new image."""
        image = record["dynamodb"].get("NewImage")
        item, old = (from_wire(image) if image else {}), _old(record)
        if without_entry(item) == without_entry(old):
            return  # It was only put off, or queued: nothing has happened.
        match item.get("entity"):
            case "delivery" if record["eventName"] == "INSERT":
                self._watch(item)
                if self.rehearsing and item["test"]:
                    self._play(item)
            case "delivery" if "verification_id" in item:
                self._tell(item, old)
            case "callee":
                self._settle(callees_store.from_item(item), old)
            case "verification":
                self._time(item, old)
            case "oa_event" if record["eventName"] == "INSERT":
                now = self.clock()
                self.agenda.add(task_of(item, now), now)
            case "unmatched_payload" if "next" in item and item["next"] != old.get("next"):
                # A body that was kept is worked on round by round.
                now = self.clock()
                self.agenda.add(task_of(item, now), now)
            case "reference":
                self._rendezvous(correlations_store.from_item(item))

    def _tell(self, item: Item, old: Item) -> None:
        """A verification acts on what became of its delivery at once."""
        if item["status"] != old.get("status"):
            now = self.clock()
            self.agenda.add(
                Task(TaskType.MOVE, now, {"verification_id": item["verification_id"]}), now
            )

    def _time(self, item: Item, old: Item) -> None:
        """A verification's timer: when its step, its time or its attempts are over.

        What is due later than a message can wait stands in the due index for the scheduler.
        """
        due, now = store.from_item(item).due, self.clock()
        if due is None or due == (store.from_item(old).due if old else None):
            return
        if fits_queue(due, now):
            self.agenda.add(task_of(item, due), now)

    def _watch(self, item: Item) -> None:
        """A reserved delivery whose function ends has nobody else who would say so."""
        if item["status"] == Status.RESERVED:
            due = from_text(item["created_at"]) + LOST_AFTER
            self.agenda.add(task_of(item, due), self.clock())

    def _play(self, item: Item) -> None:
        """Have the CDR of a call that is only played come, as often as its number says."""
        call = ending_of(item["phone"]).call
        if call is None or item["provider"] not in _PLAYED:
            return
        about = {"callee_key": item["phone_key"]}
        if item["provider"] == "mcn":
            about |= {"ref": reference_of(item["id"]), "final_status": call.final_status}
            about |= {"q931_status": str(call.q931_status)}
        elif item["provider"] == "zalo":
            about = {"ref": reference_of(item["id"]), "delivery_id": item["id"]}
        else:
            about |= {"delivery_id": item["id"], "state": call.state}
        now = self.clock()
        for _ in range(call.times):
            self.agenda.add(Task(_PLAYED[item["provider"]], now + PLAYED_AFTER, about), now)

    def _settle(self, callee: callees_store.Callee, old: Item) -> None:
        """What a function wrote of a callee's calls and died before telling the deliveries."""
        before = callees_store.from_item(old) if old else None
        apply_reports(self.deliveries, changed_reports(callee, before), self.clock())

    def _rendezvous(self, reference: correlations_store.Correlation) -> None:
        """What a function learnt and died before telling the delivery; else CDRs to join later."""
        now = self.clock()
        if reference.delivery_id is not None:
            delivery = self.deliveries.get(reference.delivery_id)
            if delivery is not None:
                waits = next_poll_entry(delivery, now)
                settle(self.deliveries, reference, now, delivery.snapshot, waits)
        alone = reference.receipts if reference.delivery_id is None else ()
        if (
            reference.unmatched_positions if reference.is_shared else alone
        ) and reference.unmatched_reason is None:
            about = {"provider": reference.provider, "ref": reference.ref}
            self.agenda.add(Task(TaskType.JOIN_CDR, now + JOIN_AFTER, about), now)


def _old(record: Mapping[str, Any]) -> Item:
    """What was there before; empty if nothing was."""
    image = record["dynamodb"].get("OldImage")
    return from_wire(image) if image else {}
