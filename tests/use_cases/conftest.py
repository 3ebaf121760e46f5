"""The use cases on a table and secrets in moto, with a scripted provider and a clock to turn."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from ringpass.cdrs import CdrInbox, LateJoin
from ringpass.commands import PasswordCall
from ringpass.credentials import Secrets
from ringpass.gate import Gate
from ringpass.placing import Placing
from ringpass.prices import Prices
from ringpass.providers.mcn import Mcn
from ringpass.providers.wire import HttpAnswer, HttpRequest, NoAnswer
from ringpass.sends import Sends
from ringpass.store.deliveries import Deliveries
from ringpass.store.references import References
from ringpass.store.strays import Strays
from ringpass.store.suspensions import Suspensions
from ringpass.store.table import Table
from tests.store.conftest import table

__all__ = ["table"]

RETENTION = 30 * 86_400
TOKEN = "webhook-token"
REF = "da59bda0a1bb_117793"
ACCEPTED = HttpAnswer(
    200,
    b'{"ok":true,"caller_number":"74951091234","verification_code":"1234",'
    b'"verification_uuid":"da59bda0a1bb_117793","is_redirect":false}',
)


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


type Answer = HttpAnswer | NoAnswer | Callable[[], HttpAnswer | NoAnswer]


@dataclass
class Wire:
    """A provider's answers in order, the last one for all further requests; and what was asked."""

    answers: list[Answer] = field(default_factory=lambda: [ACCEPTED])
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpAnswer | NoAnswer:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer


@dataclass
class World:
    """All parts of a small stack."""

    table: Table
    clock: Clock
    wire: Wire
    secrets: Secrets
    deliveries: Deliveries
    references: References
    suspensions: Suspensions
    calls: Sends[PasswordCall]
    inbox: CdrInbox
    late_join: LateJoin

    def put_secret(self, name: str, **values: object) -> None:
        boto3.client("secretsmanager").put_secret_value(
            SecretId=name, SecretString=json.dumps(values)
        )

    def cdr(self, q931_status: int = 17, final_status: str = "CANCEL", **fields: object) -> int:
        """A CDR as MCN would deliver it; ``called_number=None`` leaves the number out."""
        body = {
            "verification_call_uuid": REF,
            "q931_status": q931_status,
            "final_status": final_status,
            "called_number": "79777777777",
        } | fields
        present = {name: value for name, value in body.items() if value is not None}
        return self.inbox.receive(TOKEN, json.dumps([present]).encode(), "")


@pytest.fixture
def world(table: Table) -> World:
    manager = boto3.client("secretsmanager")
    for name, values in {
        "mcn": {"token": "old-token"},
        "lookup": {"key": "k" * 64},
        "mcn_webhook": {"tokens": [TOKEN, "next-token"]},
    }.items():
        manager.create_secret(Name=name, SecretString=json.dumps(values))
    secrets = Secrets(manager, lambda name: name)
    clock, wire = Clock(), Wire()
    deliveries, references = Deliveries(table, RETENTION), References(table, RETENTION)
    suspensions = Suspensions(table)
    return World(
        table=table,
        clock=clock,
        wire=wire,
        secrets=secrets,
        deliveries=deliveries,
        references=references,
        suspensions=suspensions,
        calls=Sends(
            stack="test",
            channel="password_call",
            route="POST /v1/password-calls",
            placing=Placing(Mcn("https://example.test"), wire.send, secrets),
            gate=Gate("mcn", suspensions, clock),
            prices=Prices.from_json('{"mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"}}'),
            secrets=secrets,
            deliveries=deliveries,
            references=references,
            allow_test_numbers=False,
            clock=clock,
        ),
        inbox=CdrInbox(
            secrets=secrets,
            deliveries=deliveries,
            references=references,
            strays=Strays(table, RETENTION),
            called_field="called_number",
            clock=clock,
        ),
        late_join=LateJoin(deliveries, references, timedelta(hours=2), "117793"),
    )
