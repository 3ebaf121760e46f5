"""Calls from an OA to its customers: made ready for an agent, and read.

    place   all checks; then Zalo's link for this agent and this customer; then one transaction with
            the call, our link to it, and by whom it is found when Zalo tells of it

Nobody's phone rings before an agent has opened the link: so Zalo may be asked for a link again
where its answer, or the call, was lost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, assert_never

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, to_text
from ringpass.errors import CallNotAllowed, NotAllowed, NotFound, ProviderFailed, invalid_field
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, take
from ringpass.ids import fingerprint, link_token, oa_call_id, phone_key
from ringpass.oa.access import OaAccess
from ringpass.oa.actor import Actor
from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.links import token_digest
from ringpass.oa.calls.model import Call, CallAgent, CallResult, Customer, Direction, Link
from ringpass.oa.calls.preconditions import WantedCall, consent_fault, faults
from ringpass.oa.calls.store import CallRepository, listed_at
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.consents.refresh import ConsentChecks
from ringpass.oa.desk.service import DeskService, DeskState
from ringpass.oa.name_folding import folded
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
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{_ID.pattern}")
_FIELDS: Final = frozenset(
    {"q", "result", "agent_id", "direction", "from", "to", "limit", "cursor"}
)
_LONGEST_SEARCH: Final = 64
_AGENT_ID: Final = re.compile("[0-9]{1,20}")
_DEFINITE: Final = frozenset({ConsentState.ALLOWED, ConsentState.REFUSED, ConsentState.BLOCKED})
"""What a customer has said; whatever else we know may be out of date."""
_NO_CALL: Final = "There is no such call."


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that an agent may open.

    Attributes:
        call: The call.
        token: What stands in our link to it. It prints as nothing.
        replayed: Whether an earlier request with the same idempotency key placed it.
    """

    call: Call
    token: Secret
    replayed: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls a list asks for; ``after <= listed_at < before``."""

    after: str
    before: str
    limit: int
    name: str
    result: CallResult | None
    agent_id: str | None
    direction: Direction | None

    def matches(self, call: Call) -> bool:
        """Whether a call is one of those."""
        names = (call.customer.name, call.agent.name if call.agent else None)
        return (
            self.result in (None, call.result)
            and self.direction in (None, call.direction)
            and self.agent_id in (None, call.agent.id if call.agent else "")
            and (not self.name or any(self.name in folded(name) for name in names if name))
        )


@dataclass(frozen=True, slots=True)
class CallService:
    """Places and reads calls.

    Every method that takes an ``oa_id`` and who asks raises ``NotFound`` if that client has no such
    OA, and ``Unavailable`` if the table cannot be reached.

    Attributes:
        stack: Name of the stack.
        access: Who may use the OA.
        desk: Its settings and agents.
        consents: Asks about its customers' permissions.
        preferences: Whom the client denies.
        zalo: Gives links that call.
        calls: The table's calls.
        secrets: The stack's secrets.
        plays_test_numbers: Whether test numbers go to a sandbox, which plays their customers.
        clock: Tells the time.
    """

    stack: str
    access: OaAccess
    desk: DeskService
    consents: ConsentChecks
    preferences: ClientSettingsService
    zalo: ZaloOaClient
    calls: CallRepository
    secrets: Secrets
    plays_test_numbers: bool
    clock: Clock

    def place(
        self, oa_id: str, author: Actor, asked: "PlaceCall", idempotency_key: str | None = None
    ) -> Placed:
        """Make a call ready for its agent.

        Raises:
            ValidationFailed: It is a test number, and nobody plays its customer.
            NotAllowed: The number is on the client's deny list.
            CallNotAllowed: Some checks do not hold; it names all of them.
            ProviderFailed: Zalo gave no link. Nothing was kept.
            InvalidHeader: The idempotency key cannot be one.
            IdempotencyKeyReused: It has served another request.
        """
        client = author.client
        self.access.check(oa_id, client)
        check_key(idempotency_key)
        if asked.phone is not None and asked.phone.is_test and not self.plays_test_numbers:
            raise invalid_field(
                ["phone"], "test_number_not_allowed", "no customers are played in this stack"
            )
        key = self.secrets.value("lookup", "key")
        call_id = oa_call_id(self.stack, client, _ROUTE, idempotency_key)
        body = fingerprint(key, asked.canonical())
        earlier = self.calls.get(call_id) if idempotency_key is not None else None
        if earlier is not None:
            return self._replay(earlier, body, key)
        now, state = self.clock(), self.desk.state()
        customer, consent = self._customer(asked, key)
        if self._is_denied(client, customer):
            raise NotAllowed("The number is on the deny list.", limit="deny_list")
        wanted = WantedCall(asked.agent_id, CallType(asked.call_type), consent)
        if found := self._faults(state, wanted, asked, now):
            logger().info("oa call not allowed", checks=[check.code for check in found])
            raise CallNotAllowed(
                "The customer cannot be called now.", checks=[_told(check) for check in found]
            )
        link = self._link(asked, customer)
        agent = next(agent for agent in state.agents if agent.id == asked.agent_id)
        call = Call(
            id=call_id,
            oa_id=oa_id,
            client=client,
            direction=Direction.OUT,
            call_type=wanted.call_type,
            agent=CallAgent(agent.id, agent.name),
            customer=customer,
            created_at=to_text(now),
            fingerprint=body,
            link=Link(link.url.reveal(), now + link.ttl),
        )
        token = link_token(key, call.id)
        try:
            self.calls.place(call, token_digest(token), now)
        except ConditionFailed as failed:
            if failed.item is None:
                raise
            return self._replay(Call.from_item(failed.item), body, key)
        logger().info("oa call placed", call=call.id, client=client)
        return Placed(call, Secret(token), replayed=False)

    def one(self, oa_id: str, author: Actor, call_id: str) -> Call:
        """One of the OA's calls.

        Raises:
            NotFound: There is no such call.
        """
        self.access.check(oa_id, author.client)
        found = self.calls.get(call_id) if _ID.fullmatch(call_id) else None
        if found is None or found.oa_id != oa_id:
            raise NotFound(_NO_CALL)
        return found

    def page(self, oa_id: str, author: Actor, query: Mapping[str, str]) -> Page[Call]:
        """A page of the OA's calls, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        self.access.check(oa_id, author.client)
        wanted = parse_filter(query, self.clock())
        rows = self.calls.of_oa(oa_id, wanted.after, wanted.before)
        return Page(*take(rows, wanted.matches, wanted.limit, listed_at))

    def _replay(self, existing: Call, body: str, key: Secret) -> Placed:
        """What was placed before with the same idempotency key, as it is now."""
        if existing.fingerprint != body:
            raise key_reused_error()
        return Placed(existing, Secret(link_token(key, existing.id)), replayed=True)

    def _customer(self, asked: "PlaceCall", key: Secret) -> "tuple[Customer, Consent | None]":
        """Who is to be called, with all that the permission tells of the customer."""
        records = self.consents.records
        own_key = phone_key(key, asked.phone.e164) if asked.phone else None
        consent = records.standing(own_key, asked.user_id)
        if consent is None:
            phone = asked.phone.e164 if asked.phone else None
            return Customer(phone, own_key, asked.user_id), None
        # By a user id a permission is found only if Zalo told the id for it.
        user_id = asked.user_id or records.user_of(consent)
        return Customer(consent.phone, consent.phone_key, user_id, consent.name), consent

    def _is_denied(self, client: str, customer: Customer) -> bool:
        phone, key = customer.phone, customer.phone_key
        return phone is not None and key is not None and self.preferences.denies(client, phone, key)

    def _faults(
        self, state: DeskState, wanted: WantedCall, asked: "PlaceCall", now: datetime
    ) -> list[Blocker]:
        """Every check that does not hold; where the permission alone is in doubt, Zalo is asked."""
        found = faults(state.settings, state.agents, wanted, now)
        consent, phone = wanted.consent, asked.phone
        in_doubt = consent is None or consent.state(now) not in _DEFINITE
        if not in_doubt or found != [consent_fault(wanted, now)]:
            return found
        fresh = self.consents.refresh(consent or phone, now)
        return faults(state.settings, state.agents, replace(wanted, consent=fresh), now)

    def _link(self, asked: "PlaceCall", customer: Customer) -> CallLink:
        """Zalo's link for this agent and this customer.

        What Zalo takes for a customer of whom only the number is known is not documented: it gets
        the number in its own form, and may refuse it.

        Raises:
            ProviderFailed: It gave none.
        """
        user = customer.user_id or (customer.phone or "").removeprefix("+")
        said = self.zalo.call_link(user, CallType(asked.call_type), asked.agent_id)
        match said:
            case Done(link):
                return link
            case Refused(number, reason):
                failure = ProviderFailed(
                    "Zalo refused to give a link for this call.", reason=reason, number=number
                )
            case Unknown(reason):
                failure = ProviderFailed("Zalo gave no link for this call.", reason=reason)
            case _:
                assert_never(said)
        logger().warning("no call link from zalo", reason=reason)
        raise failure


def parse_filter(query: Mapping[str, str], now: datetime) -> Filter:
    """Read a list's query parameters.

    Raises:
        ValidationFailed: Names each parameter at fault, never its value.
    """
    given = Parameters(query, _FIELDS)
    after, before = given.between(now, _LISTED)
    wanted = Filter(
        after=after,
        before=before,
        limit=given.limit(),
        name=given.read("q", "", _searched, f"1 to {_LONGEST_SEARCH} characters of a name"),
        result=given.read("result", None, CallResult, f"one of {', '.join(CallResult)}"),
        agent_id=given.read("agent_id", None, _agent_id, "an agent's id: digits"),
        direction=given.read("direction", None, Direction, f"one of {', '.join(Direction)}"),
    )
    given.check()
    return wanted


def _searched(text: str) -> str:
    found = folded(text)
    if not found or len(text) > _LONGEST_SEARCH:
        raise ValueError("q")
    return found


def _agent_id(text: str) -> str:
    if not _AGENT_ID.fullmatch(text):
        raise ValueError("agent_id")
    return text


def _told(check: Blocker) -> dict[str, str]:
    return {"code": check.code, "detail": check.detail}
