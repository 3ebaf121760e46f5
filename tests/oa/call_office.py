"""An OA that may call: open at any hour, with one agent, and a customer who has allowed it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.model import ClientSettings
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import to_text
from ringpass.http.actor import Actor
from ringpass.ids import consent_id, link_token, list_key, phone_key
from ringpass.limits.settings import LimitSettings
from ringpass.oa.access import OaAccess
from ringpass.oa.calls.auto_reply import AutoReplySender
from ringpass.oa.calls.ended_calls import EndedCallHandler
from ringpass.oa.calls.links import token_digest
from ringpass.oa.calls.model import Call, CallAgent, Customer, Direction, Link
from ringpass.oa.calls.open_link import LinkOpener
from ringpass.oa.calls.service import CallService
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentState, ConsentStatus
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.consents.refresh import ConsentChecker
from ringpass.oa.consents.store import ConsentRepository
from ringpass.oa.desk.agents import Agent, AgentAction, AgentChange, AgentRole, Agents
from ringpass.oa.desk.hours import Hours, Span, Weekday
from ringpass.oa.desk.reply_texts import Reply
from ringpass.oa.desk.service import DeskService
from ringpass.oa.desk.settings import OaSettings
from ringpass.oa.desk.store import DeskRepository
from ringpass.oa.events.model import OaEvent, event_digest
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.oa_client import ZaloOaClient
from tests.audit_log import an_entry
from tests.moto_table import NAME, make_once, moto_client
from tests.stored_settings import store_settings
from tests.world import RETENTION, Clock, create_secrets

OA, AGENT, USER = "2867735993958514567", "5931518706854365424", "4491783511907164918"
PHONE = "+84389801371"
AUTHOR = Actor("shop", "k1")
ZALO_LINK = "https://zalo.test/call/s3cret"
ALWAYS = Hours(days=dict.fromkeys(Weekday, Span(0, 24 * 60)))
SETTINGS = OaSettings(
    enabled=True,
    verified_enterprise=True,
    hours=ALWAYS,
    replies={Reply.OUT_OF_HOURS: "Mở cửa lúc {opens_at}.", Reply.BUSY: "Xin gọi lại sau."},
)
NIGHT = Hours(days=dict.fromkeys(Weekday, Span(0, 60)))
"""In Vietnam it is 15:30: closed."""


def answer(**body: object) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode())


LINKED = answer(data={"call_link": ZALO_LINK, "qr_code": "data:image/png", "ttl": 172_800})


@dataclass
class ZaloWire:
    """Zalo's OA API, by the last part of the path: an answer, or several in order."""

    answers: dict[str, Any] = field(
        default_factory=lambda: {
            "outbound": LINKED,
            "checkconsent": answer(error=20, message="never requested"),
            "cs": answer(error=0, message="Success", data={"message_id": "m1"}),
        }
    )
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        reply = self.answers[path_of(request)]
        if isinstance(reply, list):
            reply = reply.pop(0)
        response: HttpResponse | NoResponse = reply() if isinstance(reply, Callable) else reply  # type: ignore[arg-type]
        return response

    def requests_to(self, path: str) -> list[HttpRequest]:
        """The requests to one of its methods."""
        return [request for request in self.requests if path_of(request) == path]


def path_of(request: HttpRequest) -> str:
    return urlsplit(request.url).path.rsplit("/", 1)[-1]


@dataclass
class Office:
    """All that calls need."""

    table: Table
    clock: Clock
    secrets: Secrets
    wire: ZaloWire

    @property
    def access(self) -> OaAccess:
        return OaAccess(OA, "shop")

    @property
    def desk(self) -> DeskService:
        return DeskService(self.access, DeskRepository(self.table), self.clock)

    @property
    def zalo(self) -> ZaloOaClient:
        manager = moto_client("secretsmanager")
        tokens = AccessTokens(manager, lambda: "zalo_token", sleep=lambda _: None)
        return ZaloOaClient("https://openapi.test", self.wire.send, tokens)

    @property
    def calls(self) -> CallRepository:
        return CallRepository(self.table, RETENTION)

    @property
    def consents(self) -> ConsentRepository:
        return ConsentRepository(self.table, RETENTION)

    @property
    def records(self) -> ConsentRecorder:
        return ConsentRecorder(self.access, self.consents, self.secrets)

    @property
    def preferences(self) -> ClientSettingsService:
        return ClientSettingsService(ClientSettingsRepository(self.table), self.clock)

    @property
    def placing(self) -> CallService:
        return CallService(
            stack="test",
            access=self.access,
            desk=self.desk,
            consents=ConsentChecker(self.records, self.zalo, self.clock),
            client_settings=self.preferences,
            zalo=self.zalo,
            calls=self.calls,
            secrets=self.secrets,
            plays_test_numbers=False,
            clock=self.clock,
        )

    @property
    def openings(self) -> LinkOpener:
        return LinkOpener(
            self.access, self.desk, self.records, self.preferences, self.calls, self.clock
        )

    @property
    def replies(self) -> AutoReplySender:
        return AutoReplySender(self.desk, self.preferences, self.zalo, self.calls)

    @property
    def ended(self) -> EndedCallHandler:
        return EndedCallHandler(
            stack="test",
            access=self.access,
            desk=self.desk,
            consents=self.records,
            calls=self.calls,
            replies=self.replies,
        )

    def key(self, phone: str = PHONE) -> str:
        return phone_key(self.secrets.value("lookup", "key"), phone)

    def set(self, **fields: Any) -> None:  # noqa: ANN401
        """Replace some of the settings."""
        old = self.desk.state().settings
        new = replace(old, **fields)
        DeskRepository(self.table).replace_settings(
            OA, replace(new, version=old.version + 1), an_entry()
        )

    def add_agent(self, agent_id: str = AGENT, name: str = "Nguyễn Thị Lan") -> None:
        self._change(lambda agents, agent: agents.with_agent(agent), agent_id, name)

    def remove_agent(self, agent_id: str = AGENT) -> None:
        self._change(lambda agents, agent: agents.without(agent), agent_id, "")

    def _change(self, change: Callable[[Agents, Agent], Agents], agent_id: str, name: str) -> None:
        desks, now = DeskRepository(self.table), to_text(self.clock())
        agent = Agent(agent_id, name, AgentRole.CUSTOMER_CARE, now, AUTHOR)
        new = change(desks.agents(OA), agent)
        line = AgentChange(AgentAction.ADDED, agent, new.version, now, AUTHOR)
        desks.change_agents(OA, new, line, an_entry())

    def consent(
        self,
        state: ConsentState = ConsentState.ALLOWED,
        phone: str = PHONE,
        lasts: timedelta | None = timedelta(days=30),
        **fields: Any,  # noqa: ANN401
    ) -> Consent:
        """What a customer has allowed, as if Zalo had told it."""
        now, key = self.clock(), self.key(phone)
        own_id = consent_id(key, OA)
        old = self.consents.get(OA, own_id)
        standing = ConsentStatus(
            state=state,
            at=to_text(now),
            until=to_text(now + lasts) if lasts else None,
            call_type=fields.pop("call_type", CallType.AUDIO),
        )
        known_by = {"user_id": USER, "user_confirmed_at": to_text(now)}
        if "user_id" in fields and fields["user_id"] is None:
            known_by = {}
        new = Consent(
            id=own_id,
            oa_id=OA,
            client="shop",
            phone=phone,
            phone_key=key,
            status=standing,
            created_at=old.created_at if old else to_text(now),
            updated_at=to_text(now),
            version=old.version + 1 if old else 1,
            **({"name": "Trần Văn Đức"} | known_by | fields),
        )
        fact = Evidence(
            kind=ConsentFact.ALLOWED,
            source=ConsentSource.CHECK,
            at=to_text(now),
            received_at=to_text(now),
            zalo_value=f"{state} {new.version}",
        )
        assert self.consents.add(fact, old, new, settles=False)
        if new.user_id:
            self.consents.record_user(OA, new.user_id, new.id, to_text(now))
        return new

    def deny(self, *numbers: str, prefixes: list[str] | None = None, allow: str = "") -> None:
        """Put numbers on the client's deny list, and one on its allow list."""
        allowed = {"numbers": [allow]} if allow else {}
        limits = {"deny": {"numbers": numbers, "prefixes": prefixes or []}, "allow": allowed}
        settings = LimitSettings.from_dict(limits, lambda e164: list_key(self.key(e164), "shop"))
        store_settings(self.table, "shop", ClientSettings(limits=settings))

    def place(self, number: int = 0, *, opened: bool = True, **fields: Any) -> Call:  # noqa: ANN401
        """A call that was placed, its link opened or not."""
        now = self.clock()
        call = Call(
            id="ocl_" + "abcdefghij"[number] * 32,
            oa_id=OA,
            client="shop",
            direction=Direction.OUT,
            call_type=CallType.AUDIO,
            agent=CallAgent(AGENT, "Nguyễn Thị Lan"),
            customer=Customer(PHONE, self.key(), USER, "Trần Văn Đức"),
            created_at=to_text(now),
            link=Link(ZALO_LINK, now + timedelta(hours=48)),
        )
        call = replace(call, **fields)
        self.calls.add(call, token_digest(self.token(call)), now)
        return self.calls.open(call.id, now) if opened else call

    def token(self, call: Call) -> str:
        return link_token(self.secrets.value("lookup", "key"), call.id)

    def tell(self, name: str, fields: Mapping[str, object], *, at: datetime | None = None) -> None:
        """Have an event of Zalo's worked on, as the webhook keeps it."""
        event_fields = {"event_name": name, "oa_id": OA, **texts(fields)}
        received_at = at or self.clock()
        self.ended.handle(
            OaEvent(name, event_fields, event_digest(event_fields), received_at), self.clock()
        )

    def history(self) -> list[Call]:
        return list(self.calls.list_for_oa(OA, "0", "9"))


def texts(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, int) else value for name, value in fields.items()}


def ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


@pytest.fixture
def office(table: Table) -> Office:
    make_once(_open_office)
    return _office(table)


def _office(table: Table) -> Office:
    secrets = Secrets(moto_client("secretsmanager"), lambda name: name)
    return Office(table, Clock(), secrets, ZaloWire())


def _open_office() -> None:
    create_secrets()
    token = {"access_token": "access-0", "refresh_token": "refresh-0"}
    moto_client("secretsmanager").create_secret(Name="zalo_token", SecretString=json.dumps(token))
    table = Table(moto_client("dynamodb"), NAME)
    DeskRepository(table).replace_settings(OA, replace(SETTINGS, version=1), an_entry())
    _office(table).add_agent()
