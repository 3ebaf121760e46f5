"""Derives the status of a customer's permission to be called from its facts.

    not_asked    no request was made, or Zalo did not accept it
    requested    a request was made; Zalo may have sent it or not
    waiting      the customer has the request
    allowed      until it ends
    refused, blocked, expired

``derive_status`` is pure: the same facts give the same status, in whatever order and however often
they come. They are applied in the order in which they happened; at the same instant a prohibition
is applied last, so it wins. Missing data never counts as a permission.

How long: as Zalo reports with each permission. If it does not, the 48 hours of Zalo's guide of its
call feature count; today's platform gives 30 days, or no end at all. A customer has 24 hours for
the answer, unless Zalo reports another time.
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
"""How long a permission holds if Zalo does not report it: as in Zalo's guide."""
ANSWER_PERIOD: Final = timedelta(hours=24)
"""How long a customer has for the answer, if Zalo does not report it."""
TOO_MANY_PAUSE: Final = timedelta(hours=1)
"""The pause after Zalo's "asked too often" for a customer. Zalo does not say how long it is."""
SETTLING_PERIOD: Final = timedelta(seconds=60)
"""For this time after a request, Zalo's answer may still be about the request before."""
CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far Zalo's clock may be behind ours."""

_KEPT_CHANGES: Final = 10
_TOO_MANY_REQUESTS: Final = "too_many_requests"
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
    """State of the fee for a request."""

    OPEN = "open"
    CHARGED = "charged"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """The status that follows from the facts.

    Attributes:
        state: The state; ``state_at`` says whether it still holds.
        why: A word for the reason, if any: above all Zalo's refusal of the request.
        at: Since when.
        until: Until when it holds; None: it does not end.
        call_type: What was allowed, or is asked for; None: not reported.
        last_request: Our last request.
        confirmed: Whether Zalo has confirmed the open request.
        fee: The fee of our last request.
        may_ask_at: Before it Zalo accepts no further request for this customer.
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
        """Returns the state at an instant: ``expired`` from ``until`` on."""
        is_over = self.until is not None and self.until <= to_text(now)
        return ConsentState.EXPIRED if is_over else self.state

    def differs_from(self, other: "ConsentStatus") -> bool:
        """Whether the permission itself is another one; a confirmation or a fee changes nothing."""
        return (self.state, self.why, self.until, self.call_type) != (
            other.state,
            other.why,
            other.until,
            other.call_type,
        )

    @property
    def is_open(self) -> bool:
        """Whether the customer was asked and has not answered, whatever the time."""
        return self.state in _OPEN

    def is_open_at(self, at: str) -> bool:
        """Whether the customer can still answer at an instant."""
        return self.is_open and (self.until is None or at < self.until)

    @property
    def cost(self) -> Cost | None:
        """The cost of the last request; an estimate while it is not known whether it was sent."""
        price = self.last_request.cost if self.last_request else None
        if price is None or self.fee is Fee.OPEN:
            return price
        amount = price.amount if self.fee is Fee.CHARGED else price.amount * 0
        return replace(price, amount=amount, kind="settled")


def derive_status(evidence: Iterable[Evidence]) -> ConsentStatus:
    """Returns the status that these facts give."""
    current, previous = ConsentStatus(), ConsentStatus()
    for at, fact in _ordered_facts(evidence):
        current, previous = _apply(current, previous, fact, at)
    return current


def sort_facts(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Returns the facts, each once, in the order in which they are applied."""
    return [fact for _, fact in _ordered_facts(evidence)]


def _ordered_facts(evidence: Iterable[Evidence]) -> list[tuple[str, Evidence]]:
    """Returns each fact once, with its effective instant."""
    facts: dict[str, Evidence] = {}
    # If an event was received twice, the first time counts.
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
    """Returns the place of a fact among the others."""
    rank, at = _RANK.get(fact.kind, 1), fact.at
    if fact.kind is ConsentFact.ASKED:
        rank = 0
    elif fact.source is ConsentSource.REPLY:
        # A fact that came while the reply was on its way is newer than the reply.
        requests = (other for other in facts if other.kind is ConsentFact.ASKED)
        rank, at = (
            1,
            next((other.at for other in requests if other.request_id == fact.request_id), at),
        )
    elif fact.source is ConsentSource.CHECK:
        # Facts received before the check are older than its answer, also if Zalo's clock is ahead.
        at = max([at, *(other.at for other in facts if _is_known_at(other, fact.at))])
    elif fact.kind is not ConsentFact.EXPIRED:
        at = _event_time(fact, facts)
    return at, rank, fact.at, fact.digest


def _is_known_at(fact: Evidence, check_time: str) -> bool:
    return fact.source is not ConsentSource.CHECK and fact.received_at <= check_time


def _event_time(fact: Evidence, facts: Sequence[Evidence]) -> str:
    """Returns an event's effective instant: if Zalo's clock is behind, that of the request."""
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
    """Returns the status after one more fact, and the status before the open request."""
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
    """Apply a fact that ends a request or a permission."""
    return replace(
        _last_request_only(current),
        state=_END_STATES[fact.kind],
        why=fact.why,
        at=at,
        fee=_fee(current, fact),
    )


def _is_stale(current: ConsentStatus, fact: Evidence) -> bool:
    """Whether an ending fact is about a request that is over already.

    An expiry does not matter once there is an answer. And what Zalo says right after a request may
    be about the request before.
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
    is_fresh = fact.at < to_text(from_text(current.last_request.at) + SETTLING_PERIOD)
    is_unconfirmed = current.is_open and not current.confirmed
    return is_unconfirmed and is_fresh


def _is_other_request(current: ConsentStatus, fact: Evidence) -> bool:
    """Whether the open request was made after the request that the fact is about."""
    if fact.requested_at is None or current.at is None:
        return False
    return to_text(from_text(fact.requested_at) + CLOCK_SKEW) < current.at


def _last_request_only(current: ConsentStatus) -> ConsentStatus:
    """Returns a status with only what every change keeps: the last request."""
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
    """Apply Zalo's reply to the request that it answers."""
    if current.last_request is None or current.last_request.request_id != fact.request_id:
        return current
    if fact.kind is ConsentFact.TAKEN:
        return replace(current, confirmed=True, fee=Fee.CHARGED, why=None)
    if fact.kind is ConsentFact.UNCLEAR:
        return replace(current, why=fact.why)
    may_ask_at = current.may_ask_at
    if fact.why == _TOO_MANY_REQUESTS:
        may_ask_at = to_text(from_text(fact.at) + TOO_MANY_PAUSE)
    return replace(
        previous,
        why=fact.why,
        last_request=current.last_request,
        fee=Fee.NONE,
        may_ask_at=may_ask_at,
    )


def _apply_pending(current: ConsentStatus, fact: Evidence, at: str) -> ConsentStatus:
    """Apply Zalo's report of a pending request, ours or one from Zalo's own interface."""
    state = ConsentState.WAITING if fact.kind is ConsentFact.WAITING else ConsentState.REQUESTED
    end_time = _end_time(fact, at, ANSWER_PERIOD)
    if not current.is_open_at(at):
        return replace(
            _last_request_only(current), state=state, at=at, until=end_time, confirmed=True
        )
    return replace(
        current,
        state=ConsentState.WAITING if current.state is ConsentState.WAITING else state,
        why=None,
        until=end_time if fact.source is ConsentSource.EVENT else current.until,
        confirmed=True,
        fee=_fee(current, fact),
    )


def _apply_permission(
    current: ConsentStatus, previous: ConsentStatus, fact: Evidence, at: str
) -> ConsentStatus:
    """Apply a permission.

    An event answers the open request. A reply or a check only says that something is allowed, not
    what: if an earlier permission still holds, it may be no more than that one.
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
    """Returns the fee of the last request after a fact: Zalo charges each request that it sends."""
    if fact.source is ConsentSource.REPLY:
        # The reply is not "taken": there is an answer, or a request, already.
        return Fee.NONE
    if current.fee is not Fee.OPEN:
        return current.fee
    if fact.kind is ConsentFact.NEVER_ASKED:
        return Fee.NONE
    is_sent = fact.source is ConsentSource.EVENT or fact.kind in (
        ConsentFact.REQUESTED,
        ConsentFact.WAITING,
    )
    return Fee.CHARGED if is_sent else Fee.OPEN


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A permission has become another one.

    Attributes:
        at: When it was written, RFC 3339.
        status: What it has become, without the last request.
    """

    at: str
    status: ConsentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A customer's permission as it is stored.

    Attributes:
        id: ``cns_`` and 32 characters, one for each number (``digests.consent_id``).
        oa_id: The OA that would call.
        client: The client that the OA belongs to.
        phone: The number, E.164, in clear.
        phone_key: The number's look-up key.
        status: The status that follows from all facts.
        user_id: Zalo's id of the customer, from Zalo or from the client.
        user_confirmed_at: When Zalo reported it; None: it came from the client and is a note only.
        former_user_ids: The ids that Zalo reported before.
        name: What the OA calls the customer.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        version: Counts the writes.
        changes: How often the permission has become another one, also before it was deleted.
        last_changes: The last of these changes, at most 10, the latest last.
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
    changes: int = 0
    last_changes: tuple[ConsentChange, ...] = ()

    def with_status(self, status: ConsentStatus, at: str) -> "Consent":
        """Returns the permission as it is written at an instant; a change is counted."""
        new = replace(self, status=status, updated_at=at, version=self.version + 1)
        if not status.differs_from(self.status):
            return new
        change = ConsentChange(at, replace(status, last_request=None))
        last_changes = (*self.last_changes, change)[-_KEPT_CHANGES:]
        return replace(new, changes=self.changes + 1, last_changes=last_changes)

    @property
    def call_type(self) -> CallType:
        """The kind of calls that is allowed, or asked for.

        If the permission was asked for in Zalo's own interface, the kind is not reported: then each
        kind may be tried, and Zalo itself refuses what was not allowed.
        """
        return self.status.call_type or CallType.AUDIO_AND_VIDEO

    def with_user_note(self, user_id: str | None) -> "Consent":
        """Returns the permission with the client's user id, unless Zalo has reported one."""
        if user_id is None or self.user_confirmed_at is not None:
            return self
        return replace(self, user_id=user_id)

    def with_confirmed_user(self, user_id: str, confirmed_at: str) -> "Consent":
        """Returns the permission with the user id that Zalo reported; the latest report wins."""
        if self.user_confirmed_at is not None and confirmed_at < self.user_confirmed_at:
            return self
        former = self.former_user_ids
        if self.user_confirmed_at is not None and self.user_id not in (None, user_id):
            former = (*former, str(self.user_id))
        return replace(
            self, user_id=user_id, user_confirmed_at=confirmed_at, former_user_ids=former
        )

    def state(self, now: datetime) -> ConsentState:
        """Returns the state at an instant."""
        return self.status.state_at(now)

    def blocker(self, now: datetime) -> Blocker | None:
        """Returns why the OA cannot call this customer; None: it can."""
        return _BLOCKERS[self.state(now)]


MISSING: Final = Blocker(
    "consent_missing",
    "The customer has not been asked for a permission to call: ask for it first.",
)
"""Also if there is no consent at all."""
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
