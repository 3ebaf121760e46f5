"""Use cases of permissions to call: asks for them, checks, reads, exports and deletes them.

    ask    read the permission; one transaction: the request, the fact "asked", the permission with
           this fact, and the fee in the ledger of the day; then one request to Zalo; then its
           reply, as one more fact

Of several transactions at once only one succeeds, so Zalo gets one request; the others find the
open one. A function that dies after the transaction leaves a request that may have been sent or
not: it stays open until an event, a check or its end says more. It is never sent again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.aws.transaction import ConditionsFailed, Transaction
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, from_text, to_text, whole_seconds
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
from ringpass.http.actor import Actor
from ringpass.http.idempotency import Result, check_key, in_progress_error, key_reused_error
from ringpass.http.pagination import Page, Parameters, take_page, to_cursor
from ringpass.ids import consent_request_id, fingerprint
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.planner import LimitPlanner, LimitRequest
from ringpass.oa.access import OaAccess
from ringpass.oa.consents.evidence import REASON_CODES, ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentState
from ringpass.oa.consents.recorder import ConsentRecorder, retry_on_change
from ringpass.oa.consents.refresh import ConsentChecker, failure_reason
from ringpass.oa.consents.store import (
    ConsentChanged,
    ConsentRequest,
    DuplicateRequest,
    StoredConsent,
)
from ringpass.oa.consents.zalo_replies import fact_from_reply
from ringpass.observability import logger
from ringpass.providers.zalo.oa_client import ConsentResult, Refused, ZaloOaClient, ZaloResult

if TYPE_CHECKING:
    from ringpass.limits.planner import LimitPlan
    from ringpass.oa.consents.requests import AskConsent

PRICE: Final = "zalo_consent"
"""The name of the fee in the stack's prices."""
LIMIT: Final = "zalo_consents"
"""Zalo's own limit of requests to one customer."""

_ROUTE: Final = "POST /v1/oa/{oa_id}/consents"
_ID: Final = re.compile(r"cns_[a-z2-7]{32}")
_POSITION: Final = position_pattern(_ID)
_FIELDS: Final = frozenset({"phone", "region", "state", "limit", "cursor"})
_NO_CONSENT: Final = "There is no such consent."
# A function's response has at most 6 MB; a line has some 500 bytes.
MOST_LINES: Final = 5_000
# Each permission is one read.
_MOST_EXPORTED: Final = 1_000
# The reply "allowed already" does not say until when. A check follows if the function has the time
# for one more request.
_REFRESH_BUDGET: Final = timedelta(seconds=8)


class Format(StrEnum):
    """How facts are exported."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Export:
    """A part of an export: facts by permission, and the next part's cursor (None: no more)."""

    form: Format
    consents: tuple[StoredConsent, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ConsentService:
    """The permissions of the stack's OA.

    Every method with an ``oa_id`` and an ``actor`` raises ``NotFound`` if the actor's client has no
    such OA, and ``Unavailable`` if the table or a secret cannot be reached.

    Attributes:
        stack: Name of the stack.
        recorder: Reads permissions and adds facts.
        lookups: Limits look-ups by phone.
        zalo: Client of Zalo's OA API.
        planner: Counts the fee in the ledger of the day.
        client_settings: Settings of clients: the limits of a day.
        prices: What a request costs.
        plays_test_numbers: Whether test numbers go to a sandbox, which plays their customers.
        clock: Tells the time.
    """

    stack: str
    recorder: ConsentRecorder
    lookups: PhoneLookups
    zalo: ZaloOaClient
    planner: LimitPlanner
    client_settings: ClientSettingsService
    prices: Prices
    plays_test_numbers: bool
    clock: Clock

    @property
    def access(self) -> OaAccess:
        """The access check of the OA."""
        return self.recorder.access

    @property
    def checker(self) -> ConsentChecker:
        """Checks permissions at Zalo."""
        return ConsentChecker(self.recorder, self.zalo, self.clock)

    def find(self, phone_key: str | None, user_id: str | None) -> Consent | None:
        """Returns the permission of a customer, by number or by user id; or None."""
        return self.recorder.find(phone_key, user_id)

    # ------------------------------------------------------------------------------------- asking

    def ask(
        self, oa_id: str, actor: Actor, command: "AskConsent", idempotency_key: str | None = None
    ) -> Result[Consent]:
        """Ask a customer, through Zalo, for a permission; at most once, whatever fails.

        Raises:
            ValidationFailed: The number cannot be asked.
            ConsentOpen: The customer is being asked already.
            ConsentAllowed: Such calls are allowed already.
            ConsentBlocked: The customer takes no calls of the OA.
            LimitReached: Zalo has been asked too often for this customer, or a limit of the
                client's day is reached.
            NotAllowed: The number is on the client's deny list.
            InvalidHeader: The idempotency key is not valid.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key was used for another request.
        """
        self.access.check(oa_id, actor.client)
        check_key(idempotency_key)
        if command.phone.is_test and not self.plays_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "no customers are played in this stack"
            )
        body_fingerprint = fingerprint(
            self.recorder.secrets.value("lookup", "key"), command.canonical()
        )
        request_id = consent_request_id(self.stack, actor.client, _ROUTE, idempotency_key)
        try:
            request, stored = self._claim(command, actor, request_id, body_fingerprint)
        except DuplicateRequest as duplicate:
            return self._replay(duplicate.request, body_fingerprint)
        except (ConsentOpen, ConsentAllowed, ConsentBlocked, LimitReached):
            # The first request with this key may be the reason for the refusal.
            earlier = (
                self.recorder.repository.get_request(request_id)
                if idempotency_key is not None
                else None
            )
            if earlier is None:
                raise
            return self._replay(earlier, body_fingerprint)
        logger().info("consent asked", consent=request.consent_id, request=request.id)
        return Result(self._send(command, request, stored), replayed=False)

    def _claim(
        self, command: "AskConsent", actor: Actor, request_id: str, body_fingerprint: str
    ) -> tuple[ConsentRequest, StoredConsent]:
        """Write the request to the customer, if no other is open and a request makes sense."""
        # Without a token Zalo cannot be asked: this is checked before anything is written.
        self.zalo.tokens.access()
        key, phone = self.recorder.phone_key(command.phone.e164), command.phone.e164
        cost = self.prices.estimate(PRICE, command.phone)
        now = self.clock()
        limit_request = LimitRequest(
            client=actor.client,
            limits=self.client_settings.current(actor.client).limits,
            phone=command.phone,
            phone_key=key,
            channel=CONSENTS,
            cost=cost,
            starts=False,
        )
        plan = self._plan_limits(limit_request, now)

        def attempt() -> tuple[ConsentRequest, StoredConsent]:
            nonlocal plan
            stored = self.recorder.read(key)
            _check_may_ask(stored.consent, command, now)
            fact = Evidence(
                kind=ConsentFact.ASKED,
                source=ConsentSource.REQUEST,
                at=_next_instant(stored, now),
                received_at=to_text(now),
                actor=actor,
                request_id=request_id,
                call_type=command.call_type,
                reason=command.reason,
                cost=cost,
            )
            consent = command.apply_to(self.recorder.with_fact(stored, fact, phone, key, now))
            request = ConsentRequest(
                id=request_id,
                consent_id=consent.id,
                client=actor.client,
                phone=phone,
                cost=cost,
                fingerprint=body_fingerprint,
                ledger_shard=plan.ledger_shard,
                test=command.phone.is_test,
                created_at=to_text(now),
            )
            tx = Transaction(self.recorder.repository.table)
            plan.add_to(tx)
            try:
                self.recorder.repository.claim(tx, request, fact, stored.consent, consent)
            except ConditionsFailed as refusal:
                plan = self._replan_limits(plan, refusal, limit_request, now)
                raise ConsentChanged from None
            return request, StoredConsent(consent, (*stored.evidence, fact))

        return retry_on_change(attempt)

    def _plan_limits(self, limit_request: LimitRequest, now: datetime) -> "LimitPlan":
        try:
            return self.planner.plan_fee(limit_request, now)
        except (LimitReached, NotAllowed) as refusal:
            self.planner.record_refusal(limit_request, refusal, now)
            raise

    def _replan_limits(
        self,
        plan: "LimitPlan",
        refusal: ConditionsFailed,
        limit_request: LimitRequest,
        now: datetime,
    ) -> "LimitPlan":
        try:
            return plan.replanned(refusal)
        except LimitReached as limit_reached:
            self.planner.record_refusal(limit_request, limit_reached, now)
            raise

    def _send(
        self, command: "AskConsent", request: ConsentRequest, stored: StoredConsent
    ) -> Consent:
        """Send the one request, and add Zalo's reply as a fact."""
        started_at = self.clock()
        try:
            result = self.zalo.request_consent(
                command.phone, command.call_type, REASON_CODES[command.reason]
            )
        except Unavailable:
            # The token was there a moment ago: nothing has been sent.
            result = Refused(None, "no_token")
        fact = fact_from_reply(result, request.id, self.clock())
        logger().info(
            "zalo asked for a consent",
            consent=request.consent_id,
            request=request.id,
            said=fact.kind,
            why=fact.why,
        )
        consent = self._record(command.phone.e164, fact, stored)
        if fact.kind is ConsentFact.ALLOWED and fact.until is None and self._has_time(started_at):
            return self._refresh(consent) or consent
        return consent

    def _has_time(self, started_at: datetime) -> bool:
        return self.clock() - started_at < _REFRESH_BUDGET

    def _record(self, phone: str, fact: Evidence, stored: StoredConsent) -> Consent:
        """Add a fact. Zalo has been asked: an error here must not look as if it had not."""
        assert stored.consent is not None  # noqa: S101 - it has just been written
        try:
            # If the permission was deleted meanwhile, the response has it as it was.
            return self.recorder.add(phone, fact, self.clock(), cached=stored) or stored.consent
        except Unavailable:
            logger().exception("consent not recorded", consent=stored.consent.id)
            return stored.consent

    def _replay(self, request: ConsentRequest, body_fingerprint: str) -> Result[Consent]:
        """Idempotency: returns the permission that the same key asked for, as it is now."""
        if request.fingerprint != body_fingerprint:
            raise key_reused_error()
        stored = self.recorder.repository.read(self.access.oa_id, request.consent_id)
        if stored.consent is None:
            raise NotFound(_NO_CONSENT)
        has_reply = any(
            fact.request_id == request.id and fact.source is ConsentSource.REPLY
            for fact in stored.evidence
        )
        age = self.clock() - from_text(request.created_at)
        if not has_reply and age < timedelta(seconds=SEND_TIMEOUT_SECONDS):
            raise in_progress_error()
        return Result(stored.consent, replayed=True)

    # ----------------------------------------------------------------------------------- checking

    def check(self, oa_id: str, actor: Actor, consent_id: str) -> StoredConsent:
        """Check a permission at Zalo; the answer is one more fact.

        Raises:
            NotFound: There is no such consent.
            ProviderFailed: Zalo did not answer.
        """
        stored = self.get(oa_id, actor, consent_id)
        assert stored.consent is not None  # noqa: S101 - ``get`` returns no other
        fact, result = self.checker.fetch(stored.consent.phone)
        if fact is None:
            raise _no_answer(result)
        self.recorder.add(stored.consent.phone, replace(fact, actor=actor), self.clock())
        return self.get(oa_id, actor, consent_id)

    def _refresh(self, consent: Consent) -> Consent | None:
        """Check a permission right after a request, when nothing may fail any more."""
        try:
            return self.checker.refresh(consent, self.clock())
        except Unavailable:
            logger().exception("consent not looked at")
            return None

    # ------------------------------------------------------------------------ reading and deleting

    def get(self, oa_id: str, actor: Actor, consent_id: str) -> StoredConsent:
        """Returns a permission with its facts.

        Raises:
            NotFound: There is no such consent.
        """
        self.access.check(oa_id, actor.client)
        is_id = _ID.fullmatch(consent_id)
        stored = (
            self.recorder.repository.read(oa_id, consent_id) if is_id else StoredConsent(None, ())
        )
        if stored.consent is None:
            raise NotFound(_NO_CONSENT)
        return stored

    def page(
        self, oa_id: str, actor: Actor, query: Mapping[str, str], key_id: str | None = None
    ) -> Page[Consent]:
        """Returns a page of permissions, newest first, by ``phone, region, state``.

        Args:
            oa_id: The OA.
            actor: The caller.
            query: The parameters.
            key_id: The caller's API key, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has asked for too many unknown numbers.
        """
        self.access.check(oa_id, actor.client)
        params = Parameters(query, _FIELDS)
        phone = params.phone()
        state = params.choice("state", ConsentState)
        before = params.cursor(_POSITION)
        limit = params.limit()
        params.check()
        now = self.clock()

        def matches(consent: Consent) -> bool:
            return state is None or consent.state(now) is state

        if phone is not None:
            key = self.recorder.phone_key(phone.e164)

            def read() -> Page[Consent]:
                consent = self.find(key, None)
                return Page((consent,) if consent and matches(consent) else (), None)

            return self.lookups.page(key_id, phone, key, read)
        rows = self.recorder.repository.list_for_oa(oa_id, before)
        return take_page(rows, limit, listed_at, matches)

    def export(self, oa_id: str, actor: Actor, query: Mapping[str, str]) -> Export:
        """Returns the facts of permissions, newest permission first, by ``format, cursor``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        self.access.check(oa_id, actor.client)
        params = Parameters(query, frozenset({"format", "cursor"}))
        form = params.choice("format", Format) or Format.JSONL
        before = params.cursor(_POSITION)
        params.check()
        rows, items, lines = (
            self.recorder.repository.list_for_oa(oa_id, before),
            list[StoredConsent](),
            0,
        )
        for consent in rows:
            items.append(self.recorder.repository.read(oa_id, consent.id))
            lines += len(items[-1].evidence)
            if lines >= MOST_LINES or len(items) == _MOST_EXPORTED:
                has_more = next(rows, None) is not None
                return Export(
                    form, tuple(items), to_cursor(listed_at(consent)) if has_more else None
                )
        return Export(form, tuple(items), None)

    def delete(self, oa_id: str, actor: Actor, consent_id: str) -> Consent:
        """Delete a permission with all its facts, and return it as it was.

        Raises:
            NotFound: There is no such consent.
        """
        stored = self.get(oa_id, actor, consent_id)
        assert stored.consent is not None  # noqa: S101 - ``get`` returns no other
        self.recorder.repository.delete(stored, self.clock())
        logger().info("consent deleted", consent=consent_id, key=actor.key_id)
        return stored.consent

    def delete_number(self, oa_id: str, actor: Actor, query: Mapping[str, str]) -> Consent:
        """Delete the permission of a number, by ``phone, region``, and return it as it was.

        Raises:
            ValidationFailed: Names each parameter at fault.
            NotFound: Nothing is known of it.
        """
        self.access.check(oa_id, actor.client)
        params = Parameters(query, frozenset({"phone", "region"}))
        phone = params.phone()
        if "phone" not in query:
            params.refuse("phone", "missing", "Parameter required")
        params.check()
        consent = self.find(self.recorder.phone_key(phone.e164 if phone else ""), None)
        if consent is None:
            raise NotFound(_NO_CONSENT)
        return self.delete(oa_id, actor, consent.id)


def _check_may_ask(consent: Consent | None, command: "AskConsent", now: datetime) -> None:
    """Check that Zalo would not refuse the request, and that it does not ask the customer twice."""
    if consent is None:
        return
    status = consent.status
    match consent.state(now):
        case ConsentState.REQUESTED | ConsentState.WAITING:
            raise ConsentOpen(
                "The customer is being asked already.", consent_id=consent.id, until=status.until
            )
        case ConsentState.ALLOWED if consent.call_type.covers(command.call_type):
            raise ConsentAllowed(
                "The customer has allowed such calls already.",
                consent_id=consent.id,
                until=status.until,
            )
        case ConsentState.BLOCKED:
            raise ConsentBlocked(
                "The customer takes no calls of this OA. If that has changed, check the consent.",
                consent_id=consent.id,
            )
    if status.may_ask_at is not None and status.may_ask_at > to_text(now):
        seconds = whole_seconds(from_text(status.may_ask_at) - now)
        raise LimitReached(
            f"Zalo has been asked too often for this customer; ask again in {seconds} s.",
            limit=LIMIT,
            retry_after=seconds,
        )


def _next_instant(stored: StoredConsent, now: datetime) -> str:
    """Returns the present instant, but later than all facts: Zalo's clock may be ahead of ours."""
    latest = max((fact.at for fact in stored.evidence), default="")
    at = to_text(now)
    return at if latest < at else to_text(from_text(latest) + timedelta(milliseconds=1))


def _no_answer(result: ZaloResult[ConsentResult]) -> ProviderFailed:
    number = result.number if isinstance(result, Refused) else None
    return ProviderFailed(
        "Zalo did not say what the consent is.",
        reason=failure_reason(result) or "unknown",
        number=number,
    )
