"""Use cases of calls from an OA to its customers: places calls for an agent, and reads them.

    place   all checks; then Zalo's link for this agent and this customer; then one transaction with
            the call, our link to it, and the entries that correlate Zalo's report with it

No phone rings before an agent has opened the link: so Zalo may be asked for a link again if its
answer, or the call, was lost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, assert_never

from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, to_text
from ringpass.errors import CallNotAllowed, NotAllowed, NotFound, ProviderFailed, invalid_field
from ringpass.http.actor import Actor
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.ids import fingerprint, link_token, oa_call_id, phone_key
from ringpass.oa.access import OaAccess
from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.call_blockers import CallAttempt, consent_blocker, list_blockers
from ringpass.oa.calls.links import token_digest
from ringpass.oa.calls.model import Call, CallAgent, CallResult, Customer, Direction, Link
from ringpass.oa.calls.store import CALL, CallRepository
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.consents.refresh import ConsentChecker
from ringpass.oa.desk.service import DeskService, DeskState
from ringpass.oa.name_folding import fold_name
from ringpass.observability import logger
from ringpass.outcomes import Unknown
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.oa_client import CallLink, Done, Refused, ZaloOaClient
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from ringpass.oa.calls.requests import PlaceCall
    from ringpass.oa.consents.model import Consent

_ROUTE: Final = "POST /v1/oa/{oa_id}/calls"
_ID: Final = re.compile(r"ocl_[a-z2-7]{32}")
_POSITION: Final = position_pattern(_ID)
_FIELDS: Final = frozenset(
    {"q", "result", "agent_id", "direction", "from", "to", "limit", "cursor"}
)
_LONGEST_SEARCH: Final = 64
_AGENT_ID: Final = re.compile("[0-9]{1,20}")
_DEFINITE: Final = frozenset({ConsentState.ALLOWED, ConsentState.REFUSED, ConsentState.BLOCKED})
"""States that a customer has decided; any other state may be out of date."""
_NO_CALL: Final = "There is no such call."


@dataclass(frozen=True, slots=True)
class PlaceCallResult:
    """Result of placing: a call that an agent may open.

    Attributes:
        call: The call.
        token: The token of our link to it. It is never printed.
        replayed: Whether an earlier request with the same idempotency key placed it.
    """

    call: Call
    token: Secret
    replayed: bool


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Filter of a list of calls; ``after <= listed_at < before``."""

    after: str
    before: str
    limit: int
    name: str
    result: CallResult | None
    agent_id: str | None
    direction: Direction | None

    def matches(self, call: Call) -> bool:
        """Whether a call passes the filter."""
        names = (call.customer.name, call.agent.name if call.agent else None)
        return (
            self.result in (None, call.result)
            and self.direction in (None, call.direction)
            and self.agent_id in (None, call.agent.id if call.agent else "")
            and (not self.name or any(self.name in fold_name(name) for name in names if name))
        )


@dataclass(frozen=True, slots=True)
class CallService:
    """Places and reads calls.

    Every method with an ``oa_id`` and an ``actor`` raises ``NotFound`` if the actor's client has no
    such OA, and ``Unavailable`` if the table cannot be reached.

    Attributes:
        stack: Name of the stack.
        access: Who may use the OA.
        desk: Its settings and agents.
        consents: Checks its customers' permissions at Zalo.
        client_settings: Settings of the client: the deny list.
        zalo: Creates call links.
        calls: Repository of calls.
        secrets: The stack's secrets.
        plays_test_numbers: Whether test numbers go to a sandbox, which plays their customers.
        clock: Tells the time.
    """

    stack: str
    access: OaAccess
    desk: DeskService
    consents: ConsentChecker
    client_settings: ClientSettingsService
    zalo: ZaloOaClient
    calls: CallRepository
    secrets: Secrets
    plays_test_numbers: bool
    clock: Clock

    def place(
        self, oa_id: str, actor: Actor, command: "PlaceCall", idempotency_key: str | None = None
    ) -> PlaceCallResult:
        """Place a call for an agent.

        Raises:
            ValidationFailed: It is a test number, and no sandbox plays its customer.
            NotAllowed: The number is on the client's deny list.
            CallNotAllowed: Some checks do not hold; the error names all of them.
            ProviderFailed: Zalo returned no link. Nothing was stored.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The key was used for another request.
        """
        client = actor.client
        self.access.check(oa_id, client)
        check_key(idempotency_key)
        if command.phone is not None and command.phone.is_test and not self.plays_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "no customers are played in this stack"
            )
        key = self.secrets.value("lookup", "key")
        call_id = oa_call_id(self.stack, client, _ROUTE, idempotency_key)
        body_fingerprint = fingerprint(key, command.canonical())
        earlier = self.calls.get(call_id) if idempotency_key is not None else None
        if earlier is not None:
            return self._replay(earlier, body_fingerprint, key)
        now, state = self.clock(), self.desk.state()
        customer, consent = self._customer(command, key)
        if self._is_denied(client, customer):
            raise NotAllowed("The number is on the deny list.", limit="deny_list")
        attempt = CallAttempt(command.agent_id, CallType(command.call_type), consent)
        if blockers := self._blockers(state, attempt, command, now):
            logger().info("oa call not allowed", checks=[blocker.code for blocker in blockers])
            raise CallNotAllowed(
                "The customer cannot be called now.",
                checks=[_blocker_item(blocker) for blocker in blockers],
            )
        link = self._link(command, customer)
        agent = next(agent for agent in state.agents if agent.id == command.agent_id)
        call = Call(
            id=call_id,
            oa_id=oa_id,
            client=client,
            direction=Direction.OUT,
            call_type=attempt.call_type,
            agent=CallAgent(agent.id, agent.name),
            customer=customer,
            created_at=to_text(now),
            fingerprint=body_fingerprint,
            link=Link(link.url.reveal(), now + link.ttl),
        )
        token = link_token(key, call.id)
        try:
            self.calls.add(call, token_digest(token), now)
        except ConditionsFailed as refusal:
            if (item := refusal.items.get(CALL)) is None:
                raise
            return self._replay(Call.from_item(item), body_fingerprint, key)
        logger().info("oa call placed", call=call.id, client=client)
        return PlaceCallResult(call, Secret(token), replayed=False)

    def get(self, oa_id: str, actor: Actor, call_id: str) -> Call:
        """Returns one of the OA's calls.

        Raises:
            NotFound: There is no such call.
        """
        self.access.check(oa_id, actor.client)
        call = self.calls.get(call_id) if _ID.fullmatch(call_id) else None
        if call is None or call.oa_id != oa_id:
            raise NotFound(_NO_CALL)
        return call

    def page(self, oa_id: str, actor: Actor, query: Mapping[str, str]) -> Page[Call]:
        """Returns a page of the OA's calls, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        self.access.check(oa_id, actor.client)
        call_filter = parse_filter(query, self.clock())
        rows = self.calls.list_for_oa(oa_id, call_filter.after, call_filter.before)
        return take_page(rows, call_filter.limit, listed_at, call_filter.matches)

    def _replay(self, existing: Call, body_fingerprint: str, key: Secret) -> PlaceCallResult:
        """Idempotency: returns the call that the same key placed before, as it is now."""
        if existing.fingerprint != body_fingerprint:
            raise key_reused_error()
        return PlaceCallResult(existing, Secret(link_token(key, existing.id)), replayed=True)

    def _customer(self, command: "PlaceCall", key: Secret) -> "tuple[Customer, Consent | None]":
        """Returns the customer, with all that the permission says of the person."""
        recorder = self.consents.recorder
        customer_key = phone_key(key, command.phone.e164) if command.phone else None
        consent = recorder.find(customer_key, command.user_id)
        if consent is None:
            phone = command.phone.e164 if command.phone else None
            return Customer(phone, customer_key, command.user_id), None
        # A user id finds a permission only if Zalo itself assigned the id to it.
        user_id = command.user_id or recorder.confirmed_user_id(consent)
        return Customer(consent.phone, consent.phone_key, user_id, consent.name), consent

    def _is_denied(self, client: str, customer: Customer) -> bool:
        phone, key = customer.phone, customer.phone_key
        return (
            phone is not None
            and key is not None
            and self.client_settings.denies(client, phone, key)
        )

    def _blockers(
        self, state: DeskState, attempt: CallAttempt, command: "PlaceCall", now: datetime
    ) -> list[Blocker]:
        """Returns every failed check; Zalo is asked if only the permission is in doubt."""
        blockers = list_blockers(state.settings, state.agents, attempt, now)
        consent, phone = attempt.consent, command.phone
        in_doubt = consent is None or consent.state(now) not in _DEFINITE
        if not in_doubt or blockers != [consent_blocker(attempt, now)]:
            return blockers
        fresh = self.consents.refresh(consent or phone, now)
        return list_blockers(state.settings, state.agents, replace(attempt, consent=fresh), now)

    def _link(self, command: "PlaceCall", customer: Customer) -> CallLink:
        """Returns Zalo's link for this agent and this customer.

        How Zalo identifies a customer without a user id is not documented: it gets the number in
        its own format, and may refuse it.

        Raises:
            ProviderFailed: Zalo returned no link.
        """
        user = customer.user_id or (customer.phone or "").removeprefix("+")
        result = self.zalo.create_call_link(user, CallType(command.call_type), command.agent_id)
        match result:
            case Done(link):
                return link
            case Refused(number, reason):
                failure = ProviderFailed(
                    "Zalo refused to give a link for this call.", reason=reason, number=number
                )
            case Unknown(reason):
                failure = ProviderFailed("Zalo gave no link for this call.", reason=reason)
            case _:
                assert_never(result)
        logger().warning("no call link from zalo", reason=reason)
        raise failure


def parse_filter(query: Mapping[str, str], now: datetime) -> CallFilter:
    """Read the query parameters of a list.

    Raises:
        ValidationFailed: Names each parameter at fault, never its value.
    """
    params = Parameters(query, _FIELDS)
    after, before = params.between(now, _POSITION)
    call_filter = CallFilter(
        after=after,
        before=before,
        limit=params.limit(),
        name=params.read("q", "", _search_text, f"1 to {_LONGEST_SEARCH} characters of a name"),
        result=params.choice("result", CallResult),
        agent_id=params.read("agent_id", None, _agent_id, "an agent's id: digits"),
        direction=params.choice("direction", Direction),
    )
    params.check()
    return call_filter


def _search_text(text: str) -> str:
    normalized = fold_name(text)
    if not normalized or len(text) > _LONGEST_SEARCH:
        raise ValueError("q")
    return normalized


def _agent_id(text: str) -> str:
    if not _AGENT_ID.fullmatch(text):
        raise ValueError("agent_id")
    return text


def _blocker_item(blocker: Blocker) -> dict[str, str]:
    return {"code": blocker.code, "detail": blocker.detail}
