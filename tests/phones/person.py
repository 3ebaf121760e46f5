"""A person whom a client knows in every way: calls, messages, codes, refusals, an OA's calls."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from moto.backends import get_backend

from ringpass.background.outbox import Outbox
from ringpass.deliveries.callees_store import CalleeRepository
from ringpass.errors import LimitReached
from ringpass.events.projector import EventProjector
from ringpass.events.store import EventRepository
from ringpass.http.actor import Actor
from ringpass.http.router import Caller
from ringpass.ids import phone_key
from ringpass.limits.counters import CounterRepository
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.limits.refusals_store import RefusalRepository
from ringpass.oa.access import OaAccess
from ringpass.phone import parse_phone
from ringpass.phones.delete import Deletion, PhoneDeletion
from ringpass.phones.export import PhoneExport
from ringpass.phones.records import Records
from ringpass.providers.base import HttpResponse
from ringpass.reporting.projector import StatisticsProjector
from ringpass.reporting.store import StatisticsRepository
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.store import ActiveVerificationLock
from tests.background.test_worker import Queue, agenda
from tests.events.streams import CHANNELS
from tests.moto_table import ACCOUNT, REGION
from tests.oa import call_office
from tests.world import RETENTION, World, delivery_repository

PHONE = call_office.PHONE
SHOP = Actor("shop", "k1")
READER = Caller("shop", frozenset({"admin", "phones:read"}), "k1")
BLIND = Caller("shop", frozenset({"admin"}), "k2")
OK = HttpResponse(200, b'{"status": true}')


@dataclass
class House:
    """A small stack with its stream, its statistics, its OA and what deletes a person."""

    world: World
    handled: int = 0
    queue: Queue = field(default_factory=Queue)

    def __post_init__(self) -> None:
        self.world.table.client.update_table(
            TableName=self.world.table.name,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        world = self.world
        self.office = call_office.Office(
            world.table, world.clock, world.secrets, call_office.ZaloWire()
        )
        self.events = EventRepository(world.table, RETENTION)
        self.statistics = StatisticsRepository(world.table)
        self.outbox = Outbox(
            world.deliveries,
            agenda(self.queue),
            world.clock,
            (
                EventProjector(self.events, world.deliveries, CHANNELS, world.clock).project,
                StatisticsProjector(self.statistics, world.deliveries).count,
            ),
            correlations=world.references,
        )
        self.records = Records(
            verifications=world.verifications,
            lock=ActiveVerificationLock(world.table),
            deliveries=delivery_repository(world.table),
            correlations=world.references,
            callees=CalleeRepository(world.table),
            refusals=RefusalRepository(world.table, RETENTION),
            events=self.events,
            access=OaAccess(call_office.OA, "shop"),
            calls=self.office.calls,
            consents=self.office.consents,
            counters=CounterRepository(world.table),
            client_settings=world.preferences,
            callee_provider="bizfly",
        )
        self.deletion = PhoneDeletion(world.table, self.records, world.secrets, world.clock)
        self.export = PhoneExport(
            self.records,
            PhoneLookups(PhoneLookupRepository(world.table), world.clock),
            world.secrets,
            world.clock,
        )

    def settle(self) -> None:
        """Let the outbox handle what the stream holds by now."""
        shard = get_backend("dynamodb")[ACCOUNT][REGION].tables[self.world.table.name].stream_shard
        assert shard is not None
        while self.handled < len(shard.items):
            record = shard.items[self.handled].to_json()
            self.handled += 1
            self.outbox.handle_all([record])

    def start(self, client: str = "shop", phone: str = PHONE, **fields: object) -> str:
        """A verification by a voice call, with personal metadata."""
        self.world.wire.answers = [OK]
        workflow = [{"channel": "voice_otp", "timeout_seconds": 30}]
        command = StartVerification.from_mapping(
            {"phone": phone, "workflow": workflow, "metadata": {"who": "Hoa"}} | fields
        )
        return self.world.starts.start(command, client, None).verification.id

    def refuse(self) -> None:
        """A start too soon after another one."""
        with suppress(LimitReached):
            self.start()

    def live(self) -> None:
        """All that a person goes through."""
        self.start()
        self.world.clock.turn(seconds=1)
        self.refuse()
        self.office.consent()
        self.office.add_agent()
        self.office.place()
        self.settle()

    def delete(self, phone: str = PHONE, actor: Actor = SHOP) -> Deletion:
        return self.deletion.delete(actor, parse_phone(phone))

    def lines(self, caller: Caller = READER, phone: str = PHONE) -> list[dict[str, Any]]:
        """The whole export."""
        lines: list[dict[str, Any]] = []
        query: dict[str, str] = {}
        while True:
            page = self.export.page(caller, parse_phone(phone), query)
            lines += [json.loads(line.text) for line in page.items]
            if page.next_cursor is None:
                return lines
            query = {"cursor": page.next_cursor}

    def items(self) -> list[dict[str, Any]]:
        items = self.world.table.client.scan(TableName=self.world.table.name)["Items"]
        return [dict(item) for item in items]

    def naming(self, phone: str = PHONE) -> dict[str, str]:
        """Entity -> partition of items that hold the number or its look-up key."""
        key = phone_key(self.world.secrets.value("lookup", "key"), phone)
        digits = phone[3:]
        return {
            item["entity"]["S"]: item["PK"]["S"].replace(key, "<key>")
            for item in self.items()
            if key in (text := json.dumps(item)) or digits in text
        }
