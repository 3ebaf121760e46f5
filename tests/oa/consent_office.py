"""Permissions to call on a table in moto, with a scripted Zalo."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ringpass.clock import from_text
from ringpass.costs import Prices
from ringpass.http.actor import Actor
from ringpass.http.idempotency import Result
from ringpass.limits.counters import CounterRepository
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.limits.planner import LimitPlanner
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.oa.access import OaAccess
from ringpass.oa.consents.model import Consent, ConsentState
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.consents.requests import AskConsent
from ringpass.oa.consents.service import ConsentService
from ringpass.oa.consents.store import ConsentRepository as Items
from ringpass.oa.events.dispatcher import EventDispatcher
from ringpass.oa.events.model import CONSENT_EVENTS, event_digest
from ringpass.oa.events.receiver import OaEventReceiver
from ringpass.oa.events.store import OaEventRepository as EventItems
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.zalo import webhook
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.oa_client import ZaloOaClient
from tests.moto_table import moto_client
from tests.providers.zalo.zalo_vault import Vault
from tests.world import RETENTION, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

OA, OTHER_OA = "2867735993958514567", "1111111111111111111"
SHOP = Actor("shop", "key000000001")
PHONE, DIGITS = "+84773543888", "84773543888"
USER = "4491783511907164918"

type Reply = HttpResponse | NoResponse | dict[str, Any]


def ms(instant: datetime) -> int:
    """As Zalo writes it."""
    return int(instant.timestamp() * 1000)


@dataclass
class Zalo:
    """What it answers: to requests for consent, and to questions about them."""

    request: "Reply | Callable[[], Reply]" = field(default_factory=lambda: {"error": 0})
    check: Reply = field(default_factory=lambda: {"error": 8})
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        reply: Any = self.check if "checkconsent" in request.url else self.request
        reply = reply() if callable(reply) else reply
        if isinstance(reply, dict):
            return HttpResponse(200, json.dumps(reply).encode())
        assert isinstance(reply, (HttpResponse, NoResponse))
        return reply

    def paid_requests(self) -> list[dict[str, Any]]:
        """The requests that cost something."""
        return [json.loads(one.body) for one in self.requests if "requestconsent" in one.url]


@dataclass
class Office:
    """All that has to do with permissions."""

    world: World
    zalo: Zalo
    consents: ConsentService
    events: EventDispatcher
    inbox: OaEventReceiver
    kept_events: EventItems

    @classmethod
    def made(cls, world: World) -> "Office":
        """An office whose customer nobody has asked."""
        manager: SecretsManagerClient = moto_client("secretsmanager")
        vault, wire = Vault.made(manager, world.clock.now), Zalo()
        tokens = AccessTokens(manager, lambda: vault.arn, sleep=lambda _: None)
        access = OaAccess(OA, "shop")
        records = ConsentRecorder(access, Items(world.table, RETENTION), world.secrets)
        allowance = LimitPlanner(
            CounterRepository(world.table), RefusalRepository(world.table, RETENTION), world.secrets
        )
        consents = ConsentService(
            stack="test",
            recorder=records,
            lookups=PhoneLookups(PhoneLookupRepository(world.table), world.clock),
            zalo=ZaloOaClient("https://openapi.zalo.me", wire.send, tokens),
            planner=allowance,
            client_settings=world.preferences,
            prices=Prices.from_json('{"zalo_consent": {"VN": "600 VND"}}'),
            plays_test_numbers=False,
            clock=world.clock,
        )
        items = EventItems(world.table)
        handlers = dict.fromkeys(CONSENT_EVENTS, lambda: records)
        return cls(
            world=world,
            zalo=wire,
            consents=consents,
            events=EventDispatcher(items, handlers, world.clock),
            inbox=OaEventReceiver(access, items),
            kept_events=items,
        )

    def ask(
        self, key: str | None = None, author: Actor = SHOP, **fields: object
    ) -> Result[Consent]:
        """Have the customer asked."""
        body = {"phone": PHONE, "call_type": "audio", "reason": "delivery"} | fields
        command = AskConsent.from_json(json.dumps(body).encode())
        return self.consents.ask(OA, author, command, key)

    def event(self, name: str, **fields: object) -> None:
        """Have Zalo tell something, and what follows from it done."""
        digest = self.keep(name, **fields)
        if digest is not None:
            self.events.work(digest)

    def keep(self, name: str, **fields: object) -> str | None:
        """Have Zalo tell something; gives the digest under which it is kept."""
        sent_at = str(ms(self.world.clock()))
        event_fields = {"event_name": name, "oa_id": OA, "phone": DIGITS, "timestamp": sent_at}
        body = json.dumps(event_fields | fields).encode()
        event = webhook.parse(body)
        assert event is not None
        why = self.inbox.keep(event, self.world.clock())
        return None if why else event_digest(event.fields)

    def sent(self, **fields: object) -> None:
        """Zalo tells that the customer has the request."""
        event_fields = {"request_type": "SENT", "create_time": ms(self.world.clock())} | fields
        self.event("oa_send_consent", **event_fields)

    def reply(self, answer: str = "ALLOW", **fields: object) -> None:
        """Zalo tells what the customer answered."""
        event_fields = {"user_consent": answer, "confirmed_time": ms(self.world.clock())} | fields
        self.event("user_reply_consent", **event_fields)

    @property
    def consent(self) -> Consent:
        """The customer's permission."""
        stored_consent = self.consents.find(self.consents.recorder.phone_key(PHONE), None)
        assert stored_consent is not None
        return stored_consent

    def state(self) -> ConsentState:
        """What it is now."""
        return self.consent.state(self.world.clock())

    def items(self, prefix: str) -> "list[Mapping[str, Any]]":
        """The table's items whose ``PK`` begins so."""
        all_items = self.world.table.client.scan(TableName=self.world.table.name)["Items"]
        return [one for one in all_items if one["PK"]["S"].startswith(prefix)]

    def until(self) -> datetime:
        """When the permission ends."""
        until = self.consent.status.until
        assert until is not None
        return from_text(until)
