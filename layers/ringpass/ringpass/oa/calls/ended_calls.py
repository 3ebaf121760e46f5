"""Correlation of Zalo's reports of ended calls with the calls that were placed here.

Zalo identifies a call by an id of its own, which is not known before. So a report of a call from
the OA is matched by its customer: with a placed call whose link was opened before the call began
and that has no report yet. If two calls match, or none, the report becomes a call of its own.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.optimistic_lock import attempts
from ringpass.aws.transaction import ConditionsFailed
from ringpass.clock import to_text
from ringpass.errors import Unavailable
from ringpass.ids import reported_call_id
from ringpass.oa.access import OaAccess
from ringpass.oa.calls.auto_reply import AutoReplySender
from ringpass.oa.calls.model import Call, CallAgent, Customer, Direction
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.calls.zalo_events import CallEvent, parse_call_event
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.desk.service import DeskService
from ringpass.oa.events.model import OaEvent
from ringpass.observability import logger

_SKEW: Final = timedelta(seconds=60)
"""How far Zalo's clock and ours may be apart."""

_OLDEST: Final = timedelta(days=7)
"""A call that began earlier, by its report, is listed at the time of the report."""

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class EndedCallHandler:
    """Handles Zalo's reports of ended calls.

    Attributes:
        stack: Name of the stack.
        access: The stack's OA, and the client that it belongs to.
        desk: The OA's agents.
        consents: Permissions of its customers.
        calls: Repository of calls.
        replies: Answers the calls that nobody took.
    """

    stack: str
    access: OaAccess
    desk: DeskService
    consents: ConsentRecorder
    calls: CallRepository
    replies: AutoReplySender

    def handle(self, event: OaEvent, now: datetime) -> None:
        """Store the call that an event reports, and answer the customer if nobody took it.

        It is idempotent: a repetition only does what is not done yet.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """
        call_event = parse_call_event(event.name, event.fields, event.at)
        digest = _digest(self.access.oa_id, call_event.end.call_id or event.digest)
        call = self.calls.get_by_report(digest) or self._record(call_event, digest, now)
        self.replies.answer(call, now)

    def _record(self, event: CallEvent, digest: str, now: datetime) -> Call:
        customer = self._customer(event)
        for _ in attempts(_TRIES):
            match = self._find_match(event, customer, now)
            try:
                if match is not None:
                    self.calls.record_end(match, event.end, digest, event.user_id)
                    logger().info("oa call ended", call=match.id, joined=True)
                else:
                    call = self._new_call(event, customer, digest, now)
                    self.calls.add_reported(call, digest)
                    logger().info("oa call ended", call=call.id, joined=False)
            except ConditionsFailed:
                # Stored by somebody else, or the placed call has another report by now.
                pass
            if (recorded := self.calls.get_by_report(digest)) is not None:
                return recorded
        raise Unavailable("The call is told of too often at once.")

    def _customer(self, event: CallEvent) -> Customer:
        """Returns the customer, with all that the permission says of the person."""
        key = self.consents.phone_key(event.phone) if event.phone else None
        consent = self.consents.find(key, event.user_id)
        if consent is None:
            return Customer(event.phone, key, event.user_id)
        user_id = self.consents.confirmed_user_id(consent)
        if key is not None and event.user_id not in (None, user_id):
            # Only an event says which customer an id belongs to.
            self.consents.update_user_id(consent, event.user_id or "", _reported_at(event))
        return Customer(consent.phone, consent.phone_key, event.user_id or user_id, consent.name)

    def _find_match(self, event: CallEvent, customer: Customer, now: datetime) -> Call | None:
        """Returns the one placed call that matches; None if none or several do."""
        if event.direction is Direction.IN:
            return None
        started_at = event.end.began_at or now
        candidates = [
            call
            for call in self.calls.list_placed_to(customer.user_id, customer.phone_key)
            if _is_candidate(call, event, started_at) and _is_same_customer(call.customer, customer)
        ]
        return candidates[0] if len(candidates) == 1 else None

    def _new_call(self, event: CallEvent, customer: Customer, digest: str, now: datetime) -> Call:
        """Returns a new call, of which only the report is known."""
        started_at = event.end.began_at
        is_likely = started_at is not None and now - _OLDEST < started_at <= now
        return Call(
            id=reported_call_id(self.stack, self.access.oa_id, digest),
            oa_id=self.access.oa_id,
            client=self.access.client,
            direction=event.direction,
            call_type=event.call_type,
            agent=self._agent(event.agent_id),
            customer=customer,
            created_at=to_text(started_at)
            if started_at is not None and is_likely
            else to_text(now),
            end=event.end,
        )

    def _agent(self, agent_id: str | None) -> CallAgent | None:
        if agent_id is None:
            return None
        names = {agent.id: agent.name for agent in self.desk.state().agents}
        return CallAgent(agent_id, names.get(agent_id))


def _is_candidate(call: Call, event: CallEvent, started_at: datetime) -> bool:
    """Whether a placed call can be the reported one."""
    link = call.link
    if call.end is not None or link is None or link.opened_at is None:
        return False
    if event.agent_id is not None and call.agent is not None and event.agent_id != call.agent.id:
        return False
    return link.opened_at <= started_at + _SKEW and started_at <= link.ends_at + _SKEW


def _is_same_customer(first: Customer, second: Customer) -> bool:
    """Whether no number and no user id shows that these are two people."""
    pairs = ((first.phone_key, second.phone_key), (first.user_id, second.user_id))
    return all(value == other or None in (value, other) for value, other in pairs)


def _reported_at(event: CallEvent) -> str:
    """Since when the event's customer data holds: when the call began, if that is known."""
    started_at = event.end.began_at
    return min(to_text(started_at), event.end.reported_at) if started_at else event.end.reported_at


def _digest(oa_id: str, reference: str) -> str:
    return hashlib.sha256(f"{oa_id}\n{reference}".encode()).hexdigest()
