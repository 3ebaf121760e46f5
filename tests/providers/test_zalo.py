"""Zalo's own ZNS: the request, every form of its reply, and every number of an error."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.credentials import Secret
from ringpass.orders import MessageOrder
from ringpass.outcomes import Accepted, Outcome, Quota, Rejected, Unknown
from ringpass.phone import parse_phone
from ringpass.providers.wire import HttpAnswer
from ringpass.providers.zalo import Zalo

ZALO = Zalo("https://business.openapi.zalo.me", "2867735993958514567")
ORDER = MessageOrder(
    parse_phone("+84983912148"),
    zalo_template="7895417",
    params={"name": "Nguyễn Hải Hà", "otp": "098733"},
)
DELIVERY = "dlv_" + "a" * 32
# As Zalo's reference shows it.
SUCCESS = {
    "error": 0,
    "message": "Success",
    "data": {
        "msg_id": "a4d0243feb9af3c4aa8b",
        "sent_time": "1626926349402",
        "quota": {"dailyQuota": "500", "remainingQuota": "499"},
    },
}


def read(body: object, status: int = 200) -> Outcome:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ZALO.outcome(ORDER, HttpAnswer(status, raw))


def test_the_request() -> None:
    request = ZALO.request(ORDER, DELIVERY, Secret("token"))
    assert request.method == "POST"
    assert request.url == "https://business.openapi.zalo.me/message/template"
    assert request.headers["access_token"] == "token"
    assert "Authorization" not in request.headers
    assert json.loads(request.body) == {
        "phone": "84983912148",
        "template_id": "7895417",
        "template_data": {"name": "Nguyễn Hải Hà", "otp": "098733"},
        "tracking_id": DELIVERY,
    }
    assert len(DELIVERY) <= 48
    assert "Nguyễn".encode() in request.body


def test_a_template_without_parameters_has_empty_data() -> None:
    order = MessageOrder(parse_phone("+84983912148"), zalo_template="1")
    body = json.loads(ZALO.request(order, DELIVERY, Secret("t")).body)
    assert body["template_data"] == {}


def test_a_request_does_not_print_what_it_holds() -> None:
    printed = repr(ZALO.request(ORDER, DELIVERY, Secret("s3cret"))) + repr(ORDER)
    for hidden in ("s3cret", "098733", "84983912148"):
        assert hidden not in printed


def test_only_a_message_with_a_template_at_zalo_can_be_carried_and_only_from_an_oa() -> None:
    assert ZALO.carries(ORDER)
    assert not ZALO.carries(MessageOrder(ORDER.phone, caresoft_template=366))
    assert not Zalo("https://example.test", "").carries(ORDER)


def test_the_documented_reply() -> None:
    assert read(SUCCESS) == Accepted("a4d0243feb9af3c4aa8b", quota=Quota(500, 499))


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        ({"msg_id": "a"}, Accepted("a")),
        ({"msg_id": "a", "quota": {}}, Accepted("a")),
        ({"msg_id": "a", "quota": {"dailyQuota": 500}}, Accepted("a")),
        (
            {"msg_id": "a", "quota": {"dailyQuota": 500, "remainingQuota": 0}},
            Accepted("a", quota=Quota(500, 0)),
        ),
        ({"msg_id": "a", "quota": {"dailyQuota": "x", "remainingQuota": "1"}}, Accepted("a")),
        ({"msg_id": "a", "quota": {"dailyQuota": True, "remainingQuota": 1}}, Accepted("a")),
        ({"msg_id": 17}, Accepted()),
        ({"msg_id": "with a blank"}, Accepted()),
        ({"msg_id": "a" * 129}, Accepted()),
        ("text", Accepted()),
        (None, Accepted()),
    ],
)
def test_a_success_is_one_whatever_else_it_tells(data: object, outcome: Outcome) -> None:
    assert read({"error": 0, "data": data}) == outcome
    assert read({"error": "0", "data": data}) == outcome


REFUSALS = {
    -108: "phone_invalid",
    -109: "template_unknown",
    -114: "not_receivable",
    -115: "billing",
    -118: "no_zalo_account",
    -119: "not_receivable",
    -124: "unauthorized",
    -131: "template_not_approved",
    -133: "not_at_night",
    -139: "receiver_refuses",
    -140: "receiver_refuses",
    -141: "receiver_refuses",
    -144: "quota_used_up",
    -146: "template_disabled",
    -147: "template_quota_used_up",
    -216: "unauthorized",
}


@pytest.mark.parametrize(("error", "reason"), REFUSALS.items())
def test_a_number_that_is_known_refuses(error: int, reason: str) -> None:
    assert read({"error": error, "message": "x"}) == Rejected(reason)
    assert read({"error": str(error)}) == Rejected(reason)
    # A number does not refuse what an HTTP error leaves open.
    assert isinstance(read({"error": error}, 500), Unknown)


@given(error=st.integers(-999_999, 999_999).filter(lambda one: one and one not in REFUSALS))
def test_every_other_number_is_ambiguous(error: int) -> None:
    assert read({"error": error, "message": "x"}) == Unknown(f"zalo_error_{-error}")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"error": None},
        {"error": True},
        {"error": False},
        {"error": ""},
        {"error": "none"},
        {"error": 0.0},
        {"error": []},
        {"message": "Success", "data": {"msg_id": "a"}},
        [SUCCESS],
        b"",
        b"<html>",
        b"\xff",
    ],
)
def test_what_says_neither_is_unknown(body: object) -> None:
    assert read(body) == Unknown("unreadable_reply")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, Unknown("http_301")),
        (400, Rejected("http_400")),
        (401, Rejected("unauthorized")),
        (408, Unknown("http_408")),
        (409, Unknown("http_409")),
        (429, Rejected("rate_limited")),
        (500, Unknown("http_500")),
        (502, Unknown("http_502")),
        (504, Unknown("http_504")),
    ],
)
def test_a_success_needs_its_http_status(status: int, outcome: Outcome) -> None:
    assert read(SUCCESS, status) == outcome
