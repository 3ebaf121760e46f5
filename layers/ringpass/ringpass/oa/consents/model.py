"""What a customer's permission to be called is, made of all that is known about it.

    not_asked    nobody has asked, or Zalo did not take the request
    requested    asked; Zalo may have sent it or not
    waiting      the customer has the request
    allowed      until it ends
    refused, blocked, expired

``stand`` is pure: the same facts give the same state, in whatever order and however often they
come. They are looked at in the order in which they happened; at one and the same instant what
forbids comes last, so it holds. Nothing that is missing is ever taken for a permission.

How long: what Zalo says with each permission. Zalo's guide of its call feature has 48 hours, which
count where Zalo says nothing; today's platform gives 30 days, or no end at all. A customer has 24
hours for the answer, unless Zalo says otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.clock import from_text, to_text
from ringpass.costs import Cost
from ringpass.oa.blockers import Blocker
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource, Evidence
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.timestamps import NEVER

DEFAULT_PERMISSION_PERIOD: Final = timedelta(hours=48)
"""How long a permission holds of which Zalo does not say how long: as Zalo's guide has it."""
ANSWER_PERIOD: Final = timedelta(hours=24)
"""How long a customer has for the answer, where Zalo does not say it."""
TOO_MANY_PAUSE: Final = timedelta(hours=1)
"""After Zalo has said that this customer is asked too often. It does not say for how long."""
SETTLING_PERIOD: Final = timedelta(seconds=60)
"""So long after a request what Zalo says may still be about the one before."""
CLOCK_SKEW: Final = timedelta(seconds=60)
"""By so much Zalo's clock may be behind ours."""

_TOO_MANY: Final = "too_many_requests"
_OPEN: Final = frozenset({"requested", "waiting"})


class ConsentState(StrEnum):
    """What a permission is."""

    NOT_ASKED = "not_asked"
    REQUESTED = "requested"
    WAITING = "waiting"
    ALLOWED = "allowed"
    REFUSED = "refused"
    BLOCKED = "blocked"
    EXPIRED = "expired"


class Fee(StrEnum):
    """What is known of the fee for a request."""

    OPEN = "open"
    CHARGED = "charged"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """What follows from the facts.

    Attributes:
        state: The state, of which ``state_at`` says whether it still holds.
        why: A word for why, where there is one: Zalo's refusal of the request above all.
        at: Since when.
        until: Until when it holds; None: it does not end.
        call_type: What was allowed, or is asked for; None if nobody told.
        last_request: The last request that was ours.
        confirmed: Whether Zalo has said that there is such a request.
        fee: Of the last request that was ours.
        may_ask_at: Before it Zalo takes no further request for this customer.
    """

    state: ConsentState = ConsentState.NOT_ASKED
    why: str | None = None
    at: str | None = None
    until: str | None = None
    call_type: CallType | None = None
    last_request: Evidence | None = None
    confirmed: bool = False
    fee: Fee = Fee.NONE
    may_ask_at: str | None = None

    def state_at(self, now: datetime) -> ConsentState:
        """The state at an instant: what has an end is over when it comes, and not before."""
        is_over = self.until is not None and self.until <= to_text(now)
        return ConsentState.EXPIRED if is_over else self.state

    @property
    def is_open(self) -> bool:
        """Whether an answer of the customer's was waited for, whatever the time."""
        return self.state in _OPEN

    def is_open_at(self, at: str) -> bool:
        """Whether an answer of the customer's is still waited for."""
        return self.is_open and (self.until is None or at < self.until)

    @property
    def cost(self) -> Cost | None:
        """What the last request cost; an estimate as long as nobody knows whether it was sent."""
        price = self.last_request.cost if self.last_request else None
        if price is None or self.fee is Fee.OPEN:
            return price
        amount = price.amount if self.fee is Fee.CHARGED else price.amount * 0
        return replace(price, amount=amount, kind="settled")


def derive_status(evidence: Iterable[Evidence]) -> ConsentStatus:
    """The state that these facts give."""
    current, previous = ConsentStatus(), ConsentStatus()
    for at, fact in _ordered_facts(evidence):
        current, previous = _apply(current, previous, fact, at)
    return current


def sort_facts(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The facts, each once, in the order in which they are looked at."""
    return [fact for _, fact in _ordered_facts(evidence)]


def _ordered_facts(evidence: Iterable[Evidence]) -> list[tuple[str, Evidence]]:
    """Each fact once, with the instant at which it counts."""
    facts: dict[str, Evidence] = {}
    # Of an event that was learnt twice the first time counts.
    for fact in sorted(evidence, key=lambda item: item.received_at, reverse=True):
        facts[fact.digest] = fact
    unique = list(facts.values())
    keyed = sorted(((_sort_key(fact, unique), fact) for fact in unique), key=lambda pair: pair[0])
    return [(key[0], fact) for key, fact in keyed]


_RANK: Final = {
    ConsentFact.REQUESTED: 2,
    ConsentFact.WAITING: 3,
    ConsentFact.ALLOWED: 4,
    ConsentFact.EXPIRED: 5,
    ConsentFact.NEVER_ASKED: 5,
    ConsentFact.REFUSED: 6,
    ConsentFact.BLOCKED: 7,
}


def _sort_key(fact: Evidence, facts: Sequence[Evidence]) -> tuple[str, int, str, str]:
    """Where a fact stands among the others."""
    rank, at = _RANK.get(fact.kind, 1), fact.at
    if fact.kind is ConsentFact.ASKED:
        rank = 0
    elif fact.source is ConsentSource.REPLY:
        # Whatever came while the reply was on its way is newer than what it says.
        requests = (other for other in facts if other.kind is ConsentFact.ASKED)
        rank, at = (
            1,
            next((other.at for other in requests if other.request_id == fact.request_id), at),
        )
    elif fact.source is ConsentSource.CHECK:
        # What was known when Zalo was asked is older than its answer, if its clock is ahead.
        at = max([at, *(other.at for other in facts if _is_known_at(other, fact.at))])
    elif fact.kind is not ConsentFact.EXPIRED:
        at = _event_time(fact, facts)
    return at, rank, fact.at, fact.digest


def _is_known_at(other: Evidence, check_time: str) -> bool:
    return other.source is not ConsentSource.CHECK and other.received_at <= check_time


def _event_time(fact: Evidence, facts: Sequence[Evidence]) -> str:
    """When an event counts, if Zalo's clock is behind ours: not before what it answers."""
    latest = to_text(from_text(fact.at) + CLOCK_SKEW)
    request_times = [
        other.at
        for other in facts
        if other.kind is ConsentFact.ASKED
        and fact.at < other.at <= latest
        and other.received_at <= fact.received_at
    ]
    return max(request_times, default=fact.at)


def _apply(
    current: ConsentStatus, previous: ConsentStatus, fact: Evidence, at: str
) -> tuple[ConsentStatus, ConsentStatus]:
    """What stands after one more fact, and what stood before the request that is open then."""
    match fact.kind:
        case ConsentFact.ASKED:
            return _apply_request(current, fact), current
        case ConsentFact.TAKEN | ConsentFact.NOT_SENT | ConsentFact.UNCLEAR:
            return _apply_reply(current, previous, fact), previous
        case ConsentFact.REQUESTED | ConsentFact.WAITING:
            return _apply_pending(current, fact, at), previous if current.is_open_at(
                at
            ) else current
        case ConsentFact.ALLOWED:
            return _apply_permission(current, previous, fact, at), ConsentStatus()
        case _:
            return (
                (current, previous)
                if _is_stale(current, fact)
                else (_apply_end(current, fact, at), ConsentStatus())
            )


_END_STATES: Final = {
    ConsentFact.REFUSED: ConsentState.REFUSED,
    ConsentFact.BLOCKED: ConsentState.BLOCKED,
    ConsentFact.EXPIRED: ConsentState.EXPIRED,
    ConsentFact.NEVER_ASKED: ConsentState.NOT_ASKED,
}


def _apply_end(current: ConsentStatus, fact: Evidence, at: str) -> ConsentStatus:
    """The customer does not allow calls, or does no longer."""
    return replace(
        _last_request_only(current),
        state=_END_STATES[fact.kind],
        why=fact.why,
        at=at,
        fee=_fee(current, fact),
    )


def _is_stale(current: ConsentStatus, fact: Evidence) -> bool:
    """Whether a fact that would end something is about something that is over already.

    That the time for an answer is over does not matter once there is an answer. And what Zalo says
    right after a request may be about the one before.
    """
    if fact.source is ConsentSource.EVENT:
        return fact.kind is ConsentFact.EXPIRED and (
            not current.is_open or _is_other_request(current, fact)
        )
    if (
        fact.source is not ConsentSource.CHECK
        or fact.kind is ConsentFact.BLOCKED
        or current.last_request is None
    ):
        return False
    fresh = fact.at < to_text(from_text(current.last_request.at) + SETTLING_PERIOD)
    unconfirmed = current.is_open and not current.confirmed
    return unconfirmed and fresh


def _is_other_request(current: ConsentStatus, fact: Evidence) -> bool:
    """Whether what is open was asked after the request that is over."""
    if fact.requested_at is None or current.at is None:
        return False
    return to_text(from_text(fact.requested_at) + CLOCK_SKEW) < current.at


def _last_request_only(current: ConsentStatus) -> ConsentStatus:
    """What stays of it whatever comes: the last request."""
    return ConsentStatus(
        last_request=current.last_request, fee=current.fee, may_ask_at=current.may_ask_at
    )


def _apply_request(current: ConsentStatus, fact: Evidence) -> ConsentStatus:
    return ConsentStatus(
        state=ConsentState.REQUESTED,
        at=fact.at,
        until=to_text(from_text(fact.at) + ANSWER_PERIOD),
        call_type=fact.call_type,
        last_request=fact,
        fee=Fee.OPEN,
        may_ask_at=current.may_ask_at,
    )


def _apply_reply(current: ConsentStatus, previous: ConsentStatus, fact: Evidence) -> ConsentStatus:
    """What Zalo's reply makes of the request that it was a reply to."""
    if current.last_request is None or current.last_request.request_id != fact.request_id:
        return current
    if fact.kind is ConsentFact.TAKEN:
        return replace(current, confirmed=True, fee=Fee.CHARGED, why=None)
    if fact.kind is ConsentFact.UNCLEAR:
        return replace(current, why=fact.why)
    may_ask_at = current.may_ask_at
    if fact.why == _TOO_MANY:
        may_ask_at = to_text(from_text(fact.at) + TOO_MANY_PAUSE)
    return replace(
        previous,
        why=fact.why,
        last_request=current.last_request,
        fee=Fee.NONE,
        may_ask_at=may_ask_at,
    )


def _apply_pending(current: ConsentStatus, fact: Evidence, at: str) -> ConsentStatus:
    """Zalo says that the customer is being asked, by us or by somebody in Zalo's own interface."""
    state = ConsentState.WAITING if fact.kind is ConsentFact.WAITING else ConsentState.REQUESTED
    own_end = _end_time(fact, at, ANSWER_PERIOD)
    if not current.is_open_at(at):
        return replace(
            _last_request_only(current), state=state, at=at, until=own_end, confirmed=True
        )
    return replace(
        current,
        state=ConsentState.WAITING if current.state is ConsentState.WAITING else state,
        why=None,
        until=own_end if fact.source is ConsentSource.EVENT else current.until,
        confirmed=True,
        fee=_fee(current, fact),
    )


def _apply_permission(
    current: ConsentStatus, previous: ConsentStatus, fact: Evidence, at: str
) -> ConsentStatus:
    """Calls are allowed.

    An event answers the open request. Otherwise Zalo says only that something is allowed, not what:
    where a permission of before still holds, it may be no more than that one.
    """
    earlier = current if current.state is ConsentState.ALLOWED else previous
    is_valid = earlier.state_at(from_text(at)) is ConsentState.ALLOWED
    call_type, until = current.call_type, _end_time(fact, at, DEFAULT_PERMISSION_PERIOD)
    if is_valid and fact.source is not ConsentSource.EVENT:
        call_type = earlier.call_type
        until = earlier.until if fact.until is None else until
    return replace(
        _last_request_only(current),
        state=ConsentState.ALLOWED,
        at=at,
        until=until,
        call_type=call_type if current.is_open or is_valid else None,
        confirmed=True,
        fee=_fee(current, fact),
    )


def _end_time(fact: Evidence, at: str, otherwise: timedelta) -> str | None:
    if fact.until == NEVER:
        return None
    return fact.until or to_text(from_text(at) + otherwise)


def _fee(current: ConsentStatus, fact: Evidence) -> Fee:
    """What a fact says of the fee for the last request: Zalo charges each one that it sends."""
    if fact.source is ConsentSource.REPLY:
        # It is no "taken": there is an answer, or a request, already.
        return Fee.NONE
    if current.fee is not Fee.OPEN:
        return current.fee
    if fact.kind is ConsentFact.NEVER_ASKED:
        return Fee.NONE
    shows_it = fact.source is ConsentSource.EVENT or fact.kind in (
        ConsentFact.REQUESTED,
        ConsentFact.WAITING,
    )
    return Fee.CHARGED if shows_it else Fee.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A customer's permission as the table keeps it.

    Attributes:
        id: ``cns_`` and 32 characters, one for each number (``digests.consent_id``).
        oa_id: The OA that would call.
        client: The client that the OA belongs to.
        phone: The number, E.164, in clear.
        phone_key: The same as it may stand in keys.
        status: What follows from all facts.
        user_id: Zalo's id of the customer, as Zalo told it or as we were given it.
        user_confirmed_at: When Zalo told it; None: it came from the client and is a note only.
        former_user_ids: What Zalo told for it before.
        name: What the OA calls the customer.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        version: Counts the writes.
    """

    id: str
    oa_id: str
    client: str
    phone: str = field(repr=False)
    phone_key: str = field(repr=False)
    status: ConsentStatus = ConsentStatus()
    user_id: str | None = None
    user_confirmed_at: str | None = None
    former_user_ids: tuple[str, ...] = ()
    name: str | None = field(default=None, repr=False)
    created_at: str
    updated_at: str
    version: int = 0

    @property
    def call_type(self) -> CallType:
        """What is allowed, or asked for.

        Of a permission that was asked for in Zalo's own interface nobody tells us the kind: then
        each kind may be tried, and Zalo itself refuses what was not allowed.
        """
        return self.status.call_type or CallType.AUDIO_AND_VIDEO

    def with_user_note(self, user_id: str | None) -> "Consent":
        """The same with a user id that we were given; what Zalo told stands against it."""
        if user_id is None or self.user_confirmed_at is not None:
            return self
        return replace(self, user_id=user_id)

    def with_confirmed_user(self, user_id: str, confirmed_at: str) -> "Consent":
        """The same with Zalo's id of the customer, as Zalo told it then; the latest word holds."""
        if self.user_confirmed_at is not None and confirmed_at < self.user_confirmed_at:
            return self
        former = self.former_user_ids
        if self.user_confirmed_at is not None and self.user_id not in (None, user_id):
            former = (*former, str(self.user_id))
        return replace(
            self, user_id=user_id, user_confirmed_at=confirmed_at, former_user_ids=former
        )

    def state(self, now: datetime) -> ConsentState:
        """The state at an instant."""
        return self.status.state_at(now)

    def blocker(self, now: datetime) -> Blocker | None:
        """What keeps the OA from calling this customer; None if nothing does."""
        return _BLOCKERS[self.state(now)]


MISSING: Final = Blocker(
    "consent_missing",
    "The customer has not been asked for a permission to call: ask for it first.",
)
"""Also where there is no consent at all."""
_BLOCKERS: Final[Mapping[ConsentState, Blocker | None]] = {
    ConsentState.ALLOWED: None,
    ConsentState.NOT_ASKED: MISSING,
    ConsentState.REQUESTED: Blocker(
        "consent_requested",
        "The customer is being asked, and Zalo has not told of an answer. Wait for it, or check "
        "the consent.",
    ),
    ConsentState.WAITING: Blocker(
        "consent_waiting",
        "The customer has been asked and has not answered. Wait for the answer in Zalo.",
    ),
    ConsentState.REFUSED: Blocker(
        "consent_refused",
        "The customer does not want to be called. Do not call; ask again only if the customer "
        "wants it.",
    ),
    ConsentState.BLOCKED: Blocker(
        "consent_blocked",
        "The customer has blocked calls of this OA. Write to the customer instead; only the "
        "customer can change it, in Zalo.",
    ),
    ConsentState.EXPIRED: Blocker(
        "consent_expired",
        "The permission is over, or the customer did not answer in time. Ask again.",
    ),
}
