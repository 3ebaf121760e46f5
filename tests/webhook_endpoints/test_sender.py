"""One try: it goes to the address that was checked, in the name of the URL's host."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from local.webhook_receiver import Answer, webhook_receiver
from ringpass.events.model import Event, EventType
from ringpass.providers.base import HttpRequest
from ringpass.providers.http_client import Transport
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.sender import MAX_REPLY_BYTES, TryResult, WebhookSender

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
EVENT = Event(
    id="evt_" + "a" * 32,
    client="acme",
    type=EventType.DELIVERY_SETTLED,
    timestamp="2026-11-21T08:30:00.000Z",
    sequence=1,
    subject="dlv_1",
    test=False,
    data='{"note":"Xin chào"}',
)


def sender(
    *addresses: str, public_only: bool = True, timeout: float = 2.0
) -> tuple[WebhookSender, list[str]]:
    """A sender whose resolver gives these answers, one after the other, and the names asked for."""
    names: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        names.append(host)
        return [addresses[min(len(names), len(addresses)) - 1]]

    transport = Transport(timeout, max_body_bytes=MAX_REPLY_BYTES)
    return WebhookSender(transport, lambda: NOW, public_only, resolve), names


def send(one: WebhookSender, url: str) -> TryResult:
    return one.send(url, [SECRET], EVENT)


def request_for(one: WebhookSender, url: str) -> HttpRequest:
    return one._request(url, {"webhook-id": EVENT.id}, b"{}")


def test_the_request_goes_to_the_address_that_was_checked() -> None:
    one, names = sender("8.8.8.8", "127.0.0.1")
    request = request_for(one, "https://Hooks.example.com/in?token=1")
    assert request.url == "https://8.8.8.8:443/in?token=1"
    assert request.headers["Host"] == "Hooks.example.com"
    assert request.server_name == "hooks.example.com"
    assert names == ["hooks.example.com"]
    # The next try asks again, and refuses the new answer.
    assert send(one, "https://hooks.example.com/in").error == "address_not_public"


def test_an_ipv6_address_and_a_port() -> None:
    one, _ = sender("2606:4700::1111")
    request = request_for(one, "https://hooks.example.com:8443/in")
    assert request.url == "https://[2606:4700::1111]:8443/in"
    assert request.headers["Host"] == "hooks.example.com:8443"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"],
)
def test_nothing_of_ours_is_connected_to(host: str) -> None:
    with webhook_receiver() as receiver:
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        one = WebhookSender(Transport(2.0), lambda: NOW)
        assert send(one, f"https://{host}:{port}/hook").error == "address_not_public"
    assert receiver.received == []


def test_a_name_that_does_not_resolve() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    one = WebhookSender(Transport(2.0), lambda: NOW, public_only=True, resolve=resolve)
    assert send(one, "https://nowhere.example.com/").error == "name_not_resolved"


def test_a_redirect_is_not_followed() -> None:
    with webhook_receiver() as inside:
        moved = Answer(307, {"Location": inside.url})
        with webhook_receiver(lambda _: moved) as receiver:
            one, _ = sender(public_only=False)
            reply = send(one, receiver.url)
    assert (reply.http_status, reply.error) == (307, "http_307")
    assert inside.received == []


def test_a_reply_that_does_not_end_takes_no_longer_than_the_time_out() -> None:
    def drip(_: object) -> Answer:
        time.sleep(1)
        return Answer()

    with webhook_receiver(drip) as receiver:
        one, _ = sender(public_only=False, timeout=0.3)
        started = time.monotonic()
        reply = send(one, receiver.url)
    assert (reply.http_status, reply.error) == (None, "timeout")
    assert time.monotonic() - started >= 0.3
    assert reply.duration_ms >= 300


def test_the_body_is_the_event_and_not_escaped() -> None:
    with webhook_receiver() as receiver:
        one, _ = sender(public_only=False)
        assert send(one, receiver.url).is_success
    [request] = receiver.received
    assert "Xin chào".encode() in request.body
    assert json.loads(request.body) == EVENT.body
