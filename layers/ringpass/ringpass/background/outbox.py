"""Transactional outbox: derives tasks and updates from the records of the table's stream.

So what follows a write does not depend on the function that wrote. The outbox calls no provider,
and a record that is handled twice does no harm.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringpass.aws.due_index import fits_queue, without_entry
from ringpass.aws.dynamodb import Item, from_wire
from ringpass.background.tasks import MATCH_DELAY, SIMULATION_DELAY, Task, TaskQueue, TaskType
from ringpass.background.worker import task_for
from ringpass.clock import Clock, from_text
from ringpass.deliveries import callees_store, correlations_store
from ringpass.deliveries.abandoned import LOST_AFTER
from ringpass.deliveries.receipts.call_results import apply_reports, changed_reports
from ringpass.deliveries.store import DeliveryRepository
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.simulator.receipts import receipt_for
from ringpass.verifications import store


@dataclass(frozen=True, slots=True)
class Outbox:
    """Outbox: handles the records of the table's stream.

    Attributes:
        deliveries: Repository of deliveries.
        queue: The worker's queue.
        clock: Returns the current time.
        projections: Each derives something from one record: events, statistics.
        simulates_receipts: Whether receipts for test numbers are simulated.
        correlations: Repository of correlations.
    """

    deliveries: DeliveryRepository
    queue: TaskQueue
    clock: Clock
    projections: Sequence[Callable[[Mapping[str, Any]], None]] = ()
    simulates_receipts: bool = False
    correlations: correlations_store.CorrelationRepository = field(kw_only=True)

    def handle_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Handle stream records, then derive events and statistics from them.

        Each projection is on its own: if one fails, Lambda delivers the records again, but all
        tasks are queued already, and the other projections are done.

        Raises:
            Exception: What failed last; the log has what failed before.
        """
        failure: Exception | None = None
        for handle in (self.handle, *self.projections):
            try:
                for record in records:
                    handle(record)
            except Exception as error:  # noqa: BLE001 - it is raised below
                logger().exception("records not handled")
                failure = error
        if failure is not None:
            raise failure

    def handle(self, record: Mapping[str, Any]) -> None:
        """Handle one stream record."""
        image = record["dynamodb"].get("NewImage")
        item, before = (from_wire(image) if image else {}), _old_image(record)
        if without_entry(item) == without_entry(before):
            return  # Only its place in the due index has changed.
        match item.get("entity"):
            case "delivery" if record["eventName"] == "INSERT":
                self._queue_abandonment_check(item)
                if self.simulates_receipts and item["test"]:
                    self._queue_simulated_receipts(item)
            case "delivery" if "verification_id" in item:
                self._queue_advance(item, before)
            case "callee":
                self._apply_call_results(callees_store.from_item(item), before)
            case "verification":
                self._queue_timer(item, before)
            case "oa_event" if record["eventName"] == "INSERT":
                now = self.clock()
                self.queue.add(task_for(item, now), now)
            case "unmatched_payload" if "next" in item and item["next"] != before.get("next"):
                # A stored payload is processed in several rounds.
                now = self.clock()
                self.queue.add(task_for(item, now), now)
            case "reference":
                self._correlate(correlations_store.from_item(item))

    def _queue_advance(self, item: Item, before: Item) -> None:
        """Queue the next step of a verification when the status of its delivery changes."""
        if item["status"] != before.get("status"):
            now = self.clock()
            self.queue.add(
                Task(TaskType.MOVE, now, {"verification_id": item["verification_id"]}), now
            )

    def _queue_timer(self, item: Item, before: Item) -> None:
        """Queue a verification's timer: the end of its step, its time or its attempts.

        A timer that is due later than a message can be delayed waits in the due index for the
        scheduler.
        """
        due, now = store.from_item(item).due, self.clock()
        if due is None or due == (store.from_item(before).due if before else None):
            return
        if fits_queue(due, now):
            self.queue.add(task_for(item, due), now)

    def _queue_abandonment_check(self, item: Item) -> None:
        """Queue a check of whether a reserved delivery has lost its function."""
        if item["status"] == Status.RESERVED:
            due = from_text(item["created_at"]) + LOST_AFTER
            self.queue.add(task_for(item, due), self.clock())

    def _queue_simulated_receipts(self, item: Item) -> None:
        """Queue the simulated receipts of a test number, as many as the number asks for."""
        receipt = receipt_for(item["provider"], item["id"], item["phone"], item["phone_key"])
        if receipt is None:
            return
        now = self.clock()
        task = Task(TaskType(receipt.task), now + SIMULATION_DELAY, receipt.payload)
        for _ in range(receipt.times):
            self.queue.add(task, now)

    def _apply_call_results(self, callee: callees_store.Callee, before: Item) -> None:
        """Apply a callee's call results to deliveries, also if the writing function died."""
        previous = callees_store.from_item(before) if before else None
        apply_reports(self.deliveries, changed_reports(callee, previous), self.clock())

    def _correlate(self, correlation: correlations_store.Correlation) -> None:
        """Apply receipts to their delivery, or queue a matching task if it is unknown."""
        now = self.clock()
        if correlation.delivery_id is not None:
            delivery = self.deliveries.get(correlation.delivery_id)
            if delivery is not None:
                self.deliveries.apply_and_schedule_poll(delivery, correlation.facts, now)
                if delivery.is_erased and not correlation.is_shared:
                    # A receipt that came after the number was deleted holds its look-up key.
                    self.correlations.erase(correlation, None)
        unmatched = correlation.receipts if correlation.delivery_id is None else ()
        if (
            correlation.unmatched_positions if correlation.is_shared else unmatched
        ) and correlation.unmatched_reason is None:
            payload = {"provider": correlation.provider, "ref": correlation.ref}
            self.queue.add(Task(TaskType.JOIN_CDR, now + MATCH_DELAY, payload), now)


def _old_image(record: Mapping[str, Any]) -> Item:
    """Returns the item before the write; empty if there was none."""
    image = record["dynamodb"].get("OldImage")
    return from_wire(image) if image else {}
