"""Permissions to call: asking for them, having Zalo asked what became of them, reading, deleting.

    ask    read the permission; one transaction: the request, that the customer is to be asked, the
           permission as it is then, and the fee in the ledger of the day; then one request to
           Zalo; then its reply, as one more fact

Of any number at once one transaction holds, so Zalo gets one request; the others find the open one.
A function that dies after the transaction leaves a request of which nobody knows whether it was
sent: it stays open until an event, a check or its end says more. It is never sent again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ringpass.aws.dynamodb import ConditionsFailed
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, from_text, to_text
from ringpass.config import CONSENTS, SEND_TIMEOUT_SECONDS
from ringpass.costs import Prices
from ringpass.errors import (
    ConsentAllowed,
    ConsentBlocked,
    ConsentOpen,
    LimitReached,
    NotAllowed,
    NotFound,
    ProviderFailed,
    Unavailable,
    invalid_field,
)
from ringpass.http.idempotency import check_key, in_progress_error, key_reused_error
from ringpass.http.pagination import Page, Parameters, take, to_cursor
from ringpass.ids import consent_request_id, fingerprint
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.planner import LimitPlanner, LimitRequest
from ringpass.oa.access import OaAccess
from ringpass.oa.actor import Actor
from ringpass.oa.consents.evidence import REASON_CODES, ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentState
from ringpass.oa.consents.recorder import TRIES, ConsentRecorder
from ringpass.oa.consents.refresh import ConsentChecks, why_not
from ringpass.oa.consents.store import (
    AlreadyAsked,
    Changed,
    ConsentRequest,
    Kept,
    listed_at,
)
from ringpass.oa.consents.zalo_replies import of_reply
from ringpass.observability import logger
from ringpass.providers.zalo.oa_client import ConsentResult, Refused, ZaloOaClient, ZaloResult

if TYPE_CHECKING:
    from ringpass.limits.planner import LimitPlan
    from ringpass.oa.consents.requests import AskConsent

PRICE: Final = "zalo_consent"
"""Under which the fee stands in the stack's prices."""
LIMIT: Final = "zalo_consents"
"""Zalo's own limit of requests to one customer."""

_ROUTE: Final = "POST /v1/oa/{oa_id}/consents"
_ID: Final = re.compile(r"cns_[a-z2-7]{32}")
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{_ID.pattern}")
_FIELDS: Final = frozenset({"phone", "region", "state", "limit", "cursor"})
_NONE: Final = "There is no such consent."
# What an answer of a function can hold is 6 MB; a line has some 500 bytes.
MOST_LINES: Final = 5_000
# Each permission is one read.
_MOST_EXPORTED: Final = 1_000
# A reply that says "allowed already" does not say until when. That is asked for where the function
# has the time for one more request.
_MAY_ASK_ON: Final = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Asked:
    """A permission that is asked for, and whether an earlier request with the same key did that."""

    consent: Consent
    replayed: bool


class Format(StrEnum):
    """How facts are exported."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Export:
    """Facts to be kept elsewhere, by permission, and where the next part starts (None: no more)."""

    form: Format
    kept: tuple[Kept, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ConsentService:
    """The permissions of the stack's OA.

    Every method that takes an ``oa_id`` and who asks raises ``NotFound`` if that client has no
    such OA, and ``Unavailable`` if the table or a secret cannot be reached.

    Attributes:
        stack: Name of the stack.
        records: Reads and adds to permissions.
        lookups: Limits look-ups by phone.
        zalo: Is asked.
        allowance: Counts the fee in the ledger of the day.
        preferences: What clients have set: the limits of a day.
        prices: What a request costs.
        plays_test_numbers: Whether test numbers go to a sandbox, which plays their customers.
        clock: Tells the time.
    """

    stack: str
    records: ConsentRecorder
    lookups: PhoneLookups
    zalo: ZaloOaClient
    allowance: LimitPlanner
    preferences: ClientSettingsService
    prices: Prices
    plays_test_numbers: bool
    clock: Clock

    @property
    def access(self) -> OaAccess:
        """Who may use the OA."""
        return self.records.access

    @property
    def checks(self) -> ConsentChecks:
        """Asks Zalo about permissions."""
        return ConsentChecks(self.records, self.zalo, self.clock)

    def standing(self, phone_key: str | None, user_id: str | None) -> Consent | None:
        """The permission of a customer, by either of what the customer is known by; or None."""
        return self.records.standing(phone_key, user_id)

    # ------------------------------------------------------------------------------------- asking

    def ask(
        self, oa_id: str, author: Actor, asked: "AskConsent", idempotency_key: str | None = None
    ) -> Asked:
        """Have Zalo ask a customer for a permission; at most once, whatever fails.

        Raises:
            ValidationFailed: The number cannot be asked.
            ConsentOpen: The customer is being asked already.
            ConsentAllowed: Such calls are allowed already.
            ConsentBlocked: The customer takes no calls of the OA.
            LimitReached: Zalo has been asked too often for this customer, or a limit of the
                client's day is reached.
            NotAllowed: The number is on the client's deny list.
            InvalidHeader: The idempotency key cannot be one.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key has served another request.
        """
        self.access.check(oa_id, author.client)
        check_key(idempotency_key)
        if asked.phone.is_test and not self.plays_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "no customers are played in this stack"
            )
        body = fingerprint(self.records.secrets.value("lookup", "key"), asked.canonical())
        own_id = consent_request_id(self.stack, author.client, _ROUTE, idempotency_key)
        try:
            request, kept = self._claim(asked, author, own_id, body)
        except AlreadyAsked as already:
            return self._replay(already.request, body)
        except (ConsentOpen, ConsentAllowed, ConsentBlocked, LimitReached):
            # The first request with this key may be what makes this one look impossible.
            earlier = self.records.store.request(own_id) if idempotency_key is not None else None
            if earlier is None:
                raise
            return self._replay(earlier, body)
        logger().info("consent asked", consent=request.consent_id, request=request.id)
        return Asked(self._carry_out(asked, request, kept), replayed=False)

    def _claim(
        self, asked: "AskConsent", author: Actor, own_id: str, body: str
    ) -> tuple[ConsentRequest, Kept]:
        """Write that the customer is to be asked, if nobody does and it makes sense."""
        # Without a token nothing could be asked: that is seen before anything is written.
        self.zalo.tokens.access()
        key, e164 = self.records.key_of(asked.phone.e164), asked.phone.e164
        cost = self.prices.estimate(PRICE, asked.phone)
        now = self.clock()
        asking = LimitRequest(
            client=author.client,
            limits=self.preferences.current(author.client).limits,
            phone=asked.phone,
            phone_key=key,
            channel=CONSENTS,
            cost=cost,
            starts=False,
        )
        plan = self._counted(asking, now)
        for _ in range(TRIES):
            kept = self.records.read(key)
            _may_be_asked(kept.consent, asked, now)
            fact = Evidence(
                what=ConsentFact.ASKED,
                source=ConsentSource.REQUEST,
                at=_after_all(kept, now),
                learnt_at=to_text(now),
                by=author,
                request_id=own_id,
                call_type=asked.call_type,
                reason=asked.reason,
                cost=cost,
            )
            consent = asked.named(self.records.with_fact(kept, fact, e164, key, now))
            request = ConsentRequest(
                id=own_id,
                consent_id=consent.id,
                client=author.client,
                phone=e164,
                cost=cost,
                fingerprint=body,
                ledger_shard=plan.ledger_shard,
                test=asked.phone.is_test,
                created_at=to_text(now),
            )
            try:
                self.records.store.claim(request, fact, kept.consent, consent, plan.writes)
            except Changed:
                continue
            except ConditionsFailed as blocked:
                plan = self._recounted(plan, blocked, asking, now)
                continue
            return request, Kept(consent, (*kept.evidence, fact))
        raise Unavailable("The consent is changed too often at once.")

    def _counted(self, asking: LimitRequest, now: datetime) -> "LimitPlan":
        try:
            return self.allowance.plan_of_the_day(asking, now)
        except (LimitReached, NotAllowed) as refusal:
            self.allowance.record_refusal(asking, refusal, now)
            raise

    def _recounted(
        self, plan: "LimitPlan", blocked: ConditionsFailed, asking: LimitRequest, now: datetime
    ) -> "LimitPlan":
        try:
            return plan.after(blocked.items)
        except LimitReached as refusal:
            self.allowance.record_refusal(asking, refusal, now)
            raise

    def _carry_out(self, asked: "AskConsent", request: ConsentRequest, kept: Kept) -> Consent:
        """Send the one request, and add what Zalo said to what is known."""
        began = self.clock()
        try:
            said = self.zalo.request_consent(
                asked.phone, asked.call_type, REASON_CODES[asked.reason]
            )
        except Unavailable:
            # The token was there a moment ago: nothing has been sent.
            said = Refused(None, "no_token")
        fact = of_reply(said, request.id, self.clock())
        logger().info(
            "zalo asked for a consent",
            consent=request.consent_id,
            request=request.id,
            said=fact.what,
            why=fact.why,
        )
        consent = self._recorded(asked.phone.e164, fact, kept)
        if fact.what is ConsentFact.ALLOWED and fact.until is None and self._has_time(began):
            return self._look(consent) or consent
        return consent

    def _has_time(self, began: datetime) -> bool:
        return self.clock() - began < _MAY_ASK_ON

    def _recorded(self, phone: str, fact: Evidence, kept: Kept) -> Consent:
        """Add a fact. Zalo has been asked, so an error here must not look as if it had not been."""
        assert kept.consent is not None  # noqa: S101 - it has just been written
        try:
            # Where somebody has deleted it meanwhile, it is answered as it was.
            return self.records.add(phone, fact, self.clock(), assumed=kept) or kept.consent
        except Unavailable:
            logger().exception("consent not recorded", consent=kept.consent.id)
            return kept.consent

    def _replay(self, request: ConsentRequest, body: str) -> Asked:
        """What was asked before with the same idempotency key, as it is now."""
        if request.fingerprint != body:
            raise key_reused_error()
        kept = self.records.store.read(self.access.oa_id, request.consent_id)
        if kept.consent is None:
            raise NotFound(_NONE)
        replied = any(
            fact.request_id == request.id and fact.source is ConsentSource.REPLY
            for fact in kept.evidence
        )
        age = self.clock() - from_text(request.created_at)
        if not replied and age < timedelta(seconds=SEND_TIMEOUT_SECONDS):
            raise in_progress_error()
        return Asked(kept.consent, replayed=True)

    # ----------------------------------------------------------------------------------- checking

    def check(self, oa_id: str, author: Actor, consent_id: str) -> Kept:
        """Have Zalo asked what a permission is now; its answer is one more fact.

        Raises:
            NotFound: There is no such consent.
            ProviderFailed: Zalo did not say.
        """
        kept = self.one(oa_id, author, consent_id)
        assert kept.consent is not None  # noqa: S101 - ``one`` gives no other
        fact, said = self.checks.ask(kept.consent.phone)
        if fact is None:
            raise _not_told(said)
        self.records.add(kept.consent.phone, replace(fact, by=author), self.clock())
        return self.one(oa_id, author, consent_id)

    def _look(self, consent: Consent) -> Consent | None:
        """The same right after a request, where nothing may fail any more."""
        try:
            return self.checks.refresh(consent, self.clock())
        except Unavailable:
            logger().exception("consent not looked at")
            return None

    # ------------------------------------------------------------------------ reading and deleting

    def one(self, oa_id: str, author: Actor, consent_id: str) -> Kept:
        """A permission with its facts.

        Raises:
            NotFound: There is no such consent.
        """
        self.access.check(oa_id, author.client)
        known = _ID.fullmatch(consent_id)
        kept = self.records.store.read(oa_id, consent_id) if known else Kept(None, ())
        if kept.consent is None:
            raise NotFound(_NONE)
        return kept

    def page(
        self, oa_id: str, author: Actor, query: Mapping[str, str], key_id: str | None = None
    ) -> Page[Consent]:
        """A page of permissions, newest first, by ``phone, region, state``.

        Args:
            oa_id: The OA.
            author: Who asks.
            query: The parameters.
            key_id: The API key that asks, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has asked for too many numbers in vain.
        """
        self.access.check(oa_id, author.client)
        given = Parameters(query, _FIELDS)
        phone = given.phone()
        state = given.read("state", None, ConsentState, f"one of {', '.join(ConsentState)}")
        before = given.cursor("9", _LISTED)
        limit = given.limit()
        given.check()
        now = self.clock()

        def matches(consent: Consent) -> bool:
            return state is None or consent.state(now) is state

        if phone is not None:
            key = self.records.key_of(phone.e164)

            def read() -> Page[Consent]:
                found = self.standing(key, None)
                return Page((found,) if found and matches(found) else (), None)

            return self.lookups.page(key_id, phone, key, read)
        rows = self.records.store.of_oa(oa_id, before)
        return Page(*take(rows, matches, limit, listed_at))

    def export(self, oa_id: str, author: Actor, query: Mapping[str, str]) -> Export:
        """The facts of permissions, newest permission first, by ``format, cursor``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        self.access.check(oa_id, author.client)
        given = Parameters(query, frozenset({"format", "cursor"}))
        form = given.read("format", Format.JSONL, Format, f"one of {', '.join(Format)}")
        before = given.cursor("9", _LISTED)
        given.check()
        rows, found, lines = self.records.store.of_oa(oa_id, before), list[Kept](), 0
        for consent in rows:
            found.append(self.records.store.read(oa_id, consent.id))
            lines += len(found[-1].evidence)
            if lines >= MOST_LINES or len(found) == _MOST_EXPORTED:
                more = next(rows, None) is not None
                return Export(form, tuple(found), to_cursor(listed_at(consent)) if more else None)
        return Export(form, tuple(found), None)

    def delete(self, oa_id: str, author: Actor, consent_id: str) -> Consent:
        """Delete a permission with all its facts, and give it as it was.

        Raises:
            NotFound: There is no such consent.
        """
        kept = self.one(oa_id, author, consent_id)
        assert kept.consent is not None  # noqa: S101 - ``one`` gives no other
        self.records.store.delete(kept, self.clock())
        logger().info("consent deleted", consent=consent_id, key=author.key_id)
        return kept.consent

    def delete_number(self, oa_id: str, author: Actor, query: Mapping[str, str]) -> Consent:
        """Delete what is known of a number, named by ``phone, region``, and give it as it was.

        Raises:
            ValidationFailed: Names each parameter at fault.
            NotFound: Nothing is known of it.
        """
        self.access.check(oa_id, author.client)
        given = Parameters(query, frozenset({"phone", "region"}))
        phone = given.phone()
        if "phone" not in query:
            given.refuse("phone", "missing", "Parameter required")
        given.check()
        found = self.standing(self.records.key_of(phone.e164 if phone else ""), None)
        if found is None:
            raise NotFound(_NONE)
        return self.delete(oa_id, author, found.id)


def _may_be_asked(consent: Consent | None, asked: "AskConsent", now: datetime) -> None:
    """Refuse a request that Zalo would refuse, or that would ask the customer twice."""
    if consent is None:
        return
    standing = consent.standing
    match consent.state(now):
        case ConsentState.REQUESTED | ConsentState.WAITING:
            raise ConsentOpen(
                "The customer is being asked already.", consent_id=consent.id, until=standing.until
            )
        case ConsentState.ALLOWED if consent.call_type.covers(asked.call_type):
            raise ConsentAllowed(
                "The customer has allowed such calls already.",
                consent_id=consent.id,
                until=standing.until,
            )
        case ConsentState.BLOCKED:
            raise ConsentBlocked(
                "The customer takes no calls of this OA. If that has changed, check the consent.",
                consent_id=consent.id,
            )
    if standing.may_ask_at is not None and standing.may_ask_at > to_text(now):
        wait = from_text(standing.may_ask_at) - now
        seconds = max(1, -(-wait // timedelta(seconds=1)))
        raise LimitReached(
            f"Zalo has been asked too often for this customer; ask again in {seconds} s.",
            limit=LIMIT,
            retry_after=seconds,
        )


def _after_all(kept: Kept, now: datetime) -> str:
    """The present instant, but after all that is known: Zalo's clock may be ahead of ours."""
    latest = max((fact.at for fact in kept.evidence), default="")
    at = to_text(now)
    return at if latest < at else to_text(from_text(latest) + timedelta(milliseconds=1))


def _not_told(said: ZaloResult[ConsentResult]) -> ProviderFailed:
    number = said.number if isinstance(said, Refused) else None
    return ProviderFailed(
        "Zalo did not say what the consent is.", reason=why_not(said) or "unknown", number=number
    )
