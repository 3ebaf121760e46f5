"""Zalo's own ZNS: the request, every form of its reply, and every number of an error."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringpass.limits.circuit import failure_reason
from ringpass.outcomes import Accepted, ProviderResponse, Quota, Rejected, Unknown
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse
from ringpass.providers.orders import MessageOrder
from ringpass.providers.zalo.zns_client import Zalo
from ringpass.redaction import Secret

ZALO = Zalo("https://business.openapi.zalo.me", "2867735993958514567")
ORDER = MessageOrder(
    parse_phone("+84983912148"),
    zns_id="7895417",
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


def read(body: object, status: int = 200) -> ProviderResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ZALO.outcome(ORDER, HttpResponse(status, raw))


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
    order = MessageOrder(parse_phone("+84983912148"), zns_id="1")
    body = json.loads(ZALO.request(order, DELIVERY, Secret("t")).body)
    assert body["template_data"] == {}


def test_a_request_does_not_print_what_it_holds() -> None:
    printed = repr(ZALO.request(ORDER, DELIVERY, Secret("s3cret"))) + repr(ORDER)
    for hidden in ("s3cret", "098733", "84983912148"):
        assert hidden not in printed


def test_only_a_message_with_a_template_at_zalo_can_be_carried() -> None:
    assert ZALO.carries(ORDER)
    assert not ZALO.carries(MessageOrder(ORDER.phone, scenario_id=366))


def test_without_an_oa_zalo_is_not_set_up() -> None:
    assert ZALO.is_set_up
    assert not Zalo("https://example.test", "").is_set_up


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
def test_a_success_is_one_whatever_else_it_tells(data: object, outcome: ProviderResponse) -> None:
    assert read({"error": 0, "data": data}) == outcome
    assert read({"error": "0", "data": data}) == outcome


REFUSALS = {
    **dict.fromkeys((-101, -102, -103, -104, -1241), "app_invalid"),
    -105: "app_not_linked",
    -108: "phone_invalid",
    -109: "template_unknown",
    -110: "zalo_too_old",
    **dict.fromkeys((-111, -1122), "params_missing"),
    **dict.fromkeys((-112, -116, -1123, -1124, -132, -153), "params_invalid"),
    **dict.fromkeys((-1121, -130), "params_too_long"),
    **dict.fromkeys((-113, -1131, -121), "template_invalid"),
    **dict.fromkeys((-114, -119), "not_receivable"),
    **dict.fromkeys((-115, -126, -136, -137), "billing"),
    -117: "template_not_permitted",
    -118: "no_zalo_account",
    **dict.fromkeys((-120, -135, -145), "oa_not_permitted"),
    -1351: "oa_blocked",
    **dict.fromkeys((-124, -216), "unauthorized"),
    -125: "oa_invalid",
    -127: "template_for_tests",
    -131: "template_not_approved",
    -133: "not_at_night",
    -134: "receiver_not_asked",
    **dict.fromkeys((-138, -1381), "app_not_permitted"),
    **dict.fromkeys((-139, -140, -141), "receiver_refuses"),
    -144: "quota_used_up",
    -1441: "promotion_quota_used_up",
    -146: "template_disabled",
    -147: "template_quota_used_up",
    -1471: "receiver_quota_used_up",
    -32: "rate_limited",
    **dict.fromkeys((-106, -107, -122, -161, -162), "request_invalid"),
    **dict.fromkeys((-123, -128, -129, -142, -143, -151, -152), "request_invalid"),
    **dict.fromkeys((-148, -149, -1491, -150), "request_invalid"),
    **dict.fromkeys((-1091, -1201, -1202, -158, -159, -160), "request_invalid"),
}


@pytest.mark.parametrize(("error", "reason"), REFUSALS.items())
def test_a_number_that_is_known_refuses(error: int, reason: str) -> None:
    assert read({"error": error, "message": "x"}) == Rejected(reason)
    assert read({"error": str(error)}) == Rejected(reason)
    # With a status that refuses, the number still says why.
    for status in (400, 403):
        assert read({"error": error}, status) == Rejected(reason)
    # A number does not refuse what an HTTP error leaves open.
    for status in (302, 408, 500):
        assert isinstance(read({"error": error}, status), Unknown)


@pytest.mark.parametrize("error", [-115, -126, -136, -137])
def test_want_of_money_counts_as_a_failure_of_our_account(error: int) -> None:
    assert failure_reason(read({"error": error})) == "billing"


@given(error=st.integers(-9_999, 9_999).filter(lambda one: one and one not in REFUSALS))
@example(error=-100)
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
def test_a_success_needs_its_http_status(status: int, outcome: ProviderResponse) -> None:
    assert read(SUCCESS, status) == outcome


def test_the_documents_have_every_number_under_its_reason() -> None:
    page = (Path(__file__).parents[3] / "docs" / "connect-zalo.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    reasons_by_number = {
        int(number): reasons
        for reasons, numbers, *_ in (row.strip("| ").split(" | ") for row in rows)
        for number in re.findall(r"-[0-9]+", numbers)
    }
    assert reasons_by_number.keys() == REFUSALS.keys()
    assert all(f"`{REFUSALS[number]}`" in reasons for number, reasons in reasons_by_number.items())
