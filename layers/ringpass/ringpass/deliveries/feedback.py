"""Feedback: the client says whether the code of a single send was verified.

Ringpass checks no code of a single send. Its client does, and tells the result, which counts in the
statistics and in the fraud budget. Both follow from the record, through the table's stream, so
feedback that is repeated counts once.
"""

from dataclasses import dataclass
from typing import Final

from ringpass.clock import Clock, to_text
from ringpass.deliveries.model import OUR_ID, Delivery, Fact, Source
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import FeedbackConflict, NotFound

_NOT_FOUND: Final = "There is no such delivery."


@dataclass(frozen=True, slots=True)
class FeedbackRecorder:
    """Records feedback.

    Attributes:
        deliveries: The table's deliveries.
        clock: Returns the current time.
    """

    deliveries: DeliveryRepository
    clock: Clock

    def record(self, delivery_id: str, client: str, *, verified: bool) -> Delivery:
        """Record whether the code of a single send was verified, and return the delivery.

        Idempotent. ``verified`` is final: a person may enter a wrong code before the right one, and
        not the other way round. Feedback to a delivery that another one repeats is recorded with
        the last one: they carry the same code.

        Raises:
            NotFound: There is no such delivery of this client.
            FeedbackConflict: It belongs to a verification, or its code was verified already.
            Unavailable: The table cannot be reached.
        """
        delivery = self._get(delivery_id, client)
        while delivery.retried_by:
            delivery = self._get(delivery.retried_by, client)
        if delivery.verification_id is not None:
            raise FeedbackConflict("Ringpass checks the code of this delivery's verification.")
        if delivery.verified is verified:
            return delivery
        now = to_text(self.clock())
        details = {"verified": verified, "verified_at": now if verified else None}
        reason = "verified" if verified else "not_verified"
        fact = Fact(now, delivery.status, reason, Source.FEEDBACK, details)
        recorded = self.deliveries.apply(delivery.id, [fact], delivery.snapshot, now)
        if recorded is None:
            raise NotFound(_NOT_FOUND)
        if recorded.verified is not verified:
            raise FeedbackConflict("The code was verified already, which is final.")
        return recorded

    def _get(self, delivery_id: str, client: str) -> Delivery:
        delivery = self.deliveries.get(delivery_id) if OUR_ID.fullmatch(delivery_id) else None
        if delivery is None or delivery.client != client:
            raise NotFound(_NOT_FOUND)
        return delivery
