"""A voice gateway: the request and the replies that docs/connect-voice-gateway.md defines."""

import json
from dataclasses import replace

import pytest

from ringpass.outcomes import Accepted, ProviderResponse, Rejected, Unknown
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse
from ringpass.providers.orders import VoiceOrder
from ringpass.providers.voice_gateway.client import LANGUAGES, VoiceGateway
from ringpass.redaction import Secret

GATEWAY = VoiceGateway("https://pbx.example.test/otp")
ORDER = VoiceOrder(parse_phone("+84389801371"), Secret("0482"), None, ring_timeout=40)


def test_the_documented_request() -> None:
    request = GATEWAY.request(ORDER, "dlv_1", Secret("token"))
    assert (request.method, request.url) == ("POST", "https://pbx.example.test/otp")
    assert request.headers["Authorization"] == "Bearer token"
    assert json.loads(request.body) == {
        "delivery_id": "dlv_1",
        "phone": "+84389801371",
        "code": "0482",
        "language": "vi",
        "ring_timeout": 40,
    }


def test_a_russian_number_hears_russian() -> None:
    order = replace(ORDER, phone=parse_phone("+79777777777"))
    assert json.loads(GATEWAY.request(order, "dlv_1", Secret("t")).body)["language"] == "ru"


def test_every_country_that_it_reaches_has_a_language() -> None:
    assert set(LANGUAGES) == GATEWAY.facts.regions


def test_it_is_there_only_with_a_url() -> None:
    assert GATEWAY.is_set_up
    assert not VoiceGateway("").is_set_up


def test_its_token_has_a_secret_of_its_own() -> None:
    assert GATEWAY.secret_of(ORDER) == ("voice_gateway", "token")


def test_it_has_no_scenarios() -> None:
    assert GATEWAY.carries(ORDER)
    assert GATEWAY.carries(replace(ORDER, otp_id="OTP-1"))
    assert not GATEWAY.carries(replace(ORDER, otp_id="OTP-1", needs_scenario=True))


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"accepted": true, "call_id": "c-1"}', Accepted("c-1")),
        (202, b'{"accepted": true, "call_id": "c-1"}', Accepted("c-1")),
        # Its result names our delivery, so the call can still be matched.
        (200, b'{"accepted": true}', Accepted()),
        (200, b'{"accepted": true, "call_id": 17}', Accepted()),
        (200, b'{"accepted": true, "call_id": "a b"}', Accepted()),
        (200, b'{"accepted": false, "reason": "no_free_line"}', Rejected("no_free_line")),
        (200, b'{"accepted": false, "reason": "No line for 0389801371"}', Rejected("refused")),
        (200, b'{"accepted": false}', Rejected("refused")),
        # Only a 401 may be sent again.
        (200, b'{"accepted": false, "reason": "unauthorized"}', Rejected("refused")),
        (401, b'{"accepted": false}', Rejected("unauthorized")),
        (422, b'{"accepted": false, "reason": "bad_phone"}', Rejected("http_422")),
        (429, b"", Rejected("rate_limited")),
        (200, b'{"accepted": "true"}', Unknown("unreadable_reply")),
        (200, b"ok", Unknown("unreadable_reply")),
        (404, b"<html>", Unknown("http_404")),
        (500, b'{"accepted": false}', Unknown("http_500")),
        (503, b'{"accepted": true, "call_id": "c-1"}', Unknown("http_503")),
    ],
)
def test_replies(status: int, body: bytes, outcome: ProviderResponse) -> None:
    assert GATEWAY.outcome(ORDER, HttpResponse(status, body)) == outcome
