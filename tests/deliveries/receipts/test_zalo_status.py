"""Zalo's second witness: asked about messages of which no event came, and settled once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from moto import mock_aws

from ringpass.deliveries.model import Delivery, DeliverySnapshot, Fact, Source, derive_change
from ringpass.deliveries.receipts.zalo_status import ZaloStatus
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.facts import ChannelName
from ringpass.providers.zalo.access_token import AccessTokens
from tests.moto_table import moto_client
from tests.providers.zalo.zalo_vault import Vault

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NOW = datetime(2026, 11, 21, 8, 32, tzinfo=UTC)
AT = "2026-11-21T08:32:00.000Z"


def delivery(msg_id: str | None, name: str = "a") -> Delivery:
    return Delivery(
        id="dlv_" + name * 32,
        client="acme",
        channel=ChannelName.ZNS,
        provider="zalo",
        phone="+84983912148",
        status=Status.ACCEPTED,
        created_at=AT,
        updated_at=AT,
        fingerprint="f",
        attempt="a",
        provider_ref=msg_id,
    )


@dataclass
class FakeZalo:
    """What it says of each message."""

    statuses: dict[str, Any] = field(default_factory=dict)
    answer: HttpResponse | NoResponse | None = None
    valid: str = "access-0"
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        if self.answer is not None:
            return self.answer
        if request.headers["access_token"] != self.valid:
            return HttpResponse(200, b'{"error": -124}')
        [msg_id] = parse_qs(urlsplit(request.url).query)["message_id"]
        data = {"status": self.statuses.get(msg_id, -1), "delivery_time": "1764000000000"}
        return HttpResponse(200, json.dumps({"error": 0, "data": data}).encode())


@pytest.fixture
def zalo() -> FakeZalo:
    return FakeZalo()


@pytest.fixture
def witness(zalo: FakeZalo) -> Iterator[ZaloStatus]:
    with mock_aws():
        manager: SecretsManagerClient = moto_client("secretsmanager")
        vault = Vault.made(manager, NOW)
        tokens = AccessTokens(manager, lambda: vault.arn, sleep=lambda _: None)
        yield ZaloStatus("https://business.openapi.zalo.me", zalo.send, tokens)


def test_the_request(witness: ZaloStatus, zalo: FakeZalo) -> None:
    witness.poll([delivery("a&b")], NOW)
    [request] = zalo.requests
    assert (request.method, request.body) == ("GET", b"")
    url = urlsplit(request.url)
    assert f"{url.scheme}://{url.netloc}{url.path}" == (
        "https://business.openapi.zalo.me/message/status"
    )
    assert parse_qs(url.query) == {"message_id": ["a&b"], "phone": ["84983912148"]}
    assert request.headers["access_token"] == "access-0"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (1, Status.DELIVERED, "arrived"),
        ("1", Status.DELIVERED, "arrived"),
        (-1, Status.UNKNOWN, "message_not_found"),
        (0, None, None),
        ("0", None, None),
        (7, None, None),
        (None, None, None),
        (True, None, None),
        ({}, None, None),
    ],
)
def test_what_zalo_says(
    witness: ZaloStatus, zalo: FakeZalo, answer: object, status: Status | None, reason: str | None
) -> None:
    zalo.statuses["m"] = answer
    one = delivery("m")
    [(id_, facts)] = witness.poll([one], NOW).items()
    assert id_ == one.id
    assert [(fact.status, fact.reason, fact.source) for fact in facts] == (
        [(status, reason, Source.RECEIPT)] if status else []
    )


def test_an_event_and_the_status_are_one_fact(witness: ZaloStatus, zalo: FakeZalo) -> None:
    zalo.statuses["m"] = 1
    [[fact]] = witness.poll([delivery("m")], NOW).values()
    event = Fact(AT, Status.DELIVERED, "arrived", Source.RECEIPT, {"provider_ref": "m"})
    state = DeliverySnapshot(
        version=2, status=Status.ACCEPTED, has_reply=True, provider_ref="m", lines=2
    )
    change = derive_change(state, [event, fact])
    assert change is not None
    assert len(change.entries) == 1


def test_a_message_whose_id_is_not_known_cannot_be_asked_about(
    witness: ZaloStatus, zalo: FakeZalo
) -> None:
    assert witness.poll([delivery(None)], NOW) == {delivery(None).id: ()}
    assert zalo.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        NoResponse("timeout"),
        HttpResponse(500, b""),
        HttpResponse(200, b"<html>"),
        HttpResponse(200, b'{"error": -100}'),
        HttpResponse(429, b""),
    ],
)
def test_a_zalo_that_cannot_be_asked_is_asked_once(
    witness: ZaloStatus, zalo: FakeZalo, answer: HttpResponse | NoResponse
) -> None:
    zalo.answer = answer
    assert witness.poll([delivery("m", "a"), delivery("n", "b")], NOW) == {}
    assert len(zalo.requests) == 1


def test_a_refused_token_is_looked_up_anew(witness: ZaloStatus, zalo: FakeZalo) -> None:
    zalo.valid = "another"
    assert witness.poll([delivery("m")], NOW) == {}
    assert len(zalo.requests) == 2


def test_a_run_asks_about_a_hundred(witness: ZaloStatus, zalo: FakeZalo) -> None:
    many = [delivery(f"m{number}", "a") for number in range(150)]
    witness.poll(many, NOW)
    assert len(zalo.requests) == 100
