"""What Zalo tells of a call that has ended: joined with the one that was placed, or kept by itself.

Zalo names a call by an id of its own, which nobody knows before. So a call from the OA is joined
with a placed one by its customer: one whose link was opened before the call began, of which nothing
was told yet, and that is the only such one. What fits two calls is joined with neither.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, ConditionsFailed
from ringpass.clock import to_text
from ringpass.errors import Unavailable
from ringpass.ids import reported_call_id
from ringpass.oa.access import OaAccess
from ringpass.oa.calls.auto_reply import AutoReplySender
from ringpass.oa.calls.model import Call, CallAgent, Customer, Direction
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.calls.zalo_events import EndedCall, ended_call
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.desk.service import DeskService
from ringpass.oa.events.model import OaEvent
from ringpass.observability import logger

_SKEW: Final = timedelta(seconds=60)
"""How far Zalo's clock and ours may be apart."""

_OLDEST: Final = timedelta(days=7)
"""A call that is said to have begun before that stands in the list where it was told of."""

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class EndedCalls:
    """Keeps what was told of calls.

    Attributes:
        stack: Name of the stack.
        access: The stack's OA, and the client that it belongs to.
        desk: The OA's agents.
        consents: What is known of its customers.
        calls: The table's calls.
        replies: Answers those that nobody took.
    """

    stack: str
    access: OaAccess
    desk: DeskService
    consents: ConsentRecorder
    calls: CallRepository
    replies: AutoReplySender

    def take(self, event: OaEvent, now: datetime) -> None:
        """Keep a call that an event tells of, and answer the customer where nobody took it.

        The same again changes nothing; what was left undone is done.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """
        told = ended_call(event.name, event.fields, event.at)
        digest = _digest(self.access.oa_id, told.ended.call_id or event.digest)
        call = self.calls.told(digest) or self._keep(told, digest, now)
        self.replies.answer(call, now)

    def _keep(self, told: EndedCall, digest: str, now: datetime) -> Call:
        customer = self._customer(told)
        for _ in range(_TRIES):
            placed = self._placed(told, customer, now)
            try:
                if placed is not None:
                    self.calls.end(placed, told.ended, digest, told.user_id)
                    logger().info("oa call ended", call=placed.id, joined=True)
                else:
                    own = self._own(told, customer, digest, now)
                    self.calls.add_told(own, digest)
                    logger().info("oa call ended", call=own.id, joined=False)
            except (ConditionFailed, ConditionsFailed):
                # Somebody else has kept it, or told another one of the placed call.
                pass
            if (kept := self.calls.told(digest)) is not None:
                return kept
        raise Unavailable("The call is told of too often at once.")

    def _customer(self, told: EndedCall) -> Customer:
        """Who was called, or called, with all that is known of the customer."""
        key = self.consents.key_of(told.phone) if told.phone else None
        consent = self.consents.standing(key, told.user_id)
        if consent is None:
            return Customer(told.phone, key, told.user_id)
        user_id = self.consents.user_of(consent)
        if key is not None and told.user_id not in (None, user_id):
            # Only an event tells whose id it is.
            self.consents.learn_user(consent, told.user_id or "", _told_at(told))
        return Customer(consent.phone, consent.phone_key, told.user_id or user_id, consent.name)

    def _placed(self, told: EndedCall, customer: Customer, now: datetime) -> Call | None:
        """The one placed call that this can be."""
        if told.direction is Direction.IN:
            return None
        began = told.ended.began_at or now
        fitting = [
            call
            for call in self.calls.placed_to(customer.user_id, customer.phone_key)
            if _fits(call, told, began) and _agree(call.customer, customer)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _own(self, told: EndedCall, customer: Customer, digest: str, now: datetime) -> Call:
        """A call that nobody placed here."""
        began = told.ended.began_at
        is_likely = began is not None and now - _OLDEST < began <= now
        return Call(
            id=reported_call_id(self.stack, self.access.oa_id, digest),
            oa_id=self.access.oa_id,
            client=self.access.client,
            direction=told.direction,
            call_type=told.call_type,
            agent=self._agent(told.agent_id),
            customer=customer,
            created_at=to_text(began) if began is not None and is_likely else to_text(now),
            ended=told.ended,
        )

    def _agent(self, agent_id: str | None) -> CallAgent | None:
        if agent_id is None:
            return None
        names = {agent.id: agent.name for agent in self.desk.state().agents}
        return CallAgent(agent_id, names.get(agent_id))


def _fits(call: Call, told: EndedCall, began: datetime) -> bool:
    """Whether a placed call can be the one that was told of."""
    link = call.link
    if call.ended is not None or link is None or link.opened_at is None:
        return False
    if told.agent_id is not None and call.agent is not None and told.agent_id != call.agent.id:
        return False
    return link.opened_at <= began + _SKEW and began <= link.ends_at + _SKEW


def _agree(placed: Customer, told: Customer) -> bool:
    """Whether nothing that is known of both says that they are two people."""
    pairs = ((placed.phone_key, told.phone_key), (placed.user_id, told.user_id))
    return all(one == other or None in (one, other) for one, other in pairs)


def _told_at(told: EndedCall) -> str:
    """When what an event says of its customer was so: when the call began, if that is known."""
    began = told.ended.began_at
    return min(to_text(began), told.ended.told_at) if began else told.ended.told_at


def _digest(oa_id: str, told: str) -> str:
    return hashlib.sha256(f"{oa_id}\n{told}".encode()).hexdigest()
