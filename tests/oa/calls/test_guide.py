"""Zalo's guide of its call feature, rule by rule: calling a customer, replies, and the history.

The guide says of itself that it is not up to date. Where today's platform, or an API in place of
Zalo's interface, makes a difference, the test says which and why.
"""

import json
from typing import Any

import pytest

from ringpass.errors import CallNotAllowed, LinkEnded
from ringpass.http.router import Caller, Request
from ringpass.oa.calls.link_views import BLURRED, picture, redirect
from ringpass.oa.calls.qr_codes import Form, blurred, qr
from ringpass.oa.calls.requests import PlaceCall
from ringpass.oa.calls.service import PlaceCallResult
from ringpass.oa.calls.views import call_response
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.desk.settings import Suspension
from tests.oa.call_office import (
    AGENT,
    AUTHOR,
    NIGHT,
    OA,
    PHONE,
    USER,
    Office,
    answer,
    ms,
    office,
)

__all__ = ["office"]

URL = "https://calls.example.com"
READER = Caller("shop", frozenset({"read", "phones:read"}))


def place(office: Office) -> PlaceCallResult:
    body = {"phone": PHONE, "agent_id": AGENT, "call_type": "audio"}
    return office.placing.place(OA, AUTHOR, PlaceCall.from_json(json.dumps(body).encode()))


def asking(result: PlaceCallResult) -> Request:
    return Request({"token": result.token.reveal()}, {}, "", {}, b"", None)


def scan(office: Office, result: PlaceCallResult) -> int:
    """What the telephone that has scanned the code gets: it is led on to Zalo."""
    return redirect(office.openings, asking(result)).status


def tell(office: Office, name: str, **fields: object) -> dict[str, Any]:
    """A call that Zalo tells of, as the history answers it."""
    call = {"user_id": USER, "call_id": "z1", "init_time": ms(office.clock()), "waiting_time": 5}
    office.tell(name, call | fields)
    return dict(call_response(office.history()[0], READER, office.clock()).body)


def test_to_call_a_customer_an_agent_needs_the_customer_s_permission(office: Office) -> None:
    with pytest.raises(CallNotAllowed) as refusal:
        place(office)
    assert [check["code"] for check in refusal.value.members["checks"]] == ["consent_missing"]
    office.consent()
    assert place(office).call.result == "open"


def test_step_1_2_a_permission_without_a_length_is_for_48_hours(office: Office) -> None:
    """Today's platform gives 30 days, or no end, and says so: what it says counts.

    Where it says nothing, it is the guide's 48 hours.
    """
    office.wire.answers["checkconsent"] = answer(error=0, message="Success")
    result = place(office)
    assert scan(office, result) == 302
    office.clock.turn(hours=47, minutes=59)
    assert place(office).call.link is not None
    office.clock.turn(minutes=1)
    consent = office.records.find(office.key(), None)
    assert consent is not None
    assert consent.state(office.clock()) is ConsentState.EXPIRED


def test_step_2_a_qr_code_is_scanned_to_make_the_call(office: Office) -> None:
    """In Zalo's interface the code is Zalo's; here it holds our link, which leads on to Zalo's.

    So the two minutes hold, and Zalo's own link, which lives for 48 hours, is shown to nobody.
    """
    office.consent()
    result = place(office)
    drawn = picture(office.openings, asking(result), URL)
    assert drawn.text == qr(f"{URL}/o/{result.token.reveal()}", Form.SVG).decode()
    assert scan(office, result) == 302


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "good"), [(119, True), (120, False), (121, False)])
def test_step_2_the_qr_code_is_good_for_two_minutes_from_its_opening(
    office: Office, seconds: int, good: bool
) -> None:
    office.consent()
    result = place(office)
    # The time before it is opened does not count.
    office.clock.turn(hours=1)
    assert BLURRED not in picture(office.openings, asking(result), URL).headers
    office.clock.turn(seconds=seconds)
    assert (BLURRED not in picture(office.openings, asking(result), URL).headers) is good
    if good:
        assert scan(office, result) == 302
    else:
        with pytest.raises(LinkEnded):
            scan(office, result)


def test_step_2_where_a_call_is_not_allowed_the_qr_code_is_blurred_and_an_error_says_why(
    office: Office,
) -> None:
    office.consent()
    result = place(office)
    office.set(hours=NIGHT)
    drawn = picture(office.openings, asking(result), URL)
    assert (drawn.text or "").encode() == blurred(Form.SVG)
    assert drawn.headers[BLURRED] == "outside_hours"
    with pytest.raises(LinkEnded) as refusal:
        scan(office, result)
    [check] = refusal.value.members["checks"]
    assert check["detail"].startswith("It is outside the OA's hours: call from 00:00 22/11/2026")


def test_a_locked_oa_makes_no_calls_and_is_told_what_to_send_to_zalo(office: Office) -> None:
    office.consent()
    office.set(suspended=Suspension("complaints"))
    with pytest.raises(CallNotAllowed) as refusal:
        place(office)
    [check] = refusal.value.members["checks"]
    assert check["code"] == "oa_suspended"
    assert "oa@zalo.me" in check["detail"]


def test_the_feature_is_for_verified_oas_of_businesses_only(office: Office) -> None:
    office.consent()
    office.set(verified_enterprise=False)
    with pytest.raises(CallNotAllowed) as refusal:
        place(office)
    assert [check["code"] for check in refusal.value.members["checks"]] == ["oa_not_verified"]


def test_step_3_who_calls_outside_the_hours_is_answered_so(office: Office) -> None:
    """In Zalo's interface the reply is spoken; over the API it is a text message of the OA's."""
    office.set(hours=NIGHT)
    reply = tell(office, "user_call_oa", talk_time=0)["auto_reply"]
    assert (reply["kind"], reply["state"]) == ("out_of_hours", "sent")


def test_step_3_who_finds_all_agents_busy_is_answered_so(office: Office) -> None:
    """Zalo's API tells nobody who is talking.

    So a call within the hours that nobody took is taken for one that found all of them busy.
    """
    reply = tell(office, "user_call_oa", talk_time=0)["auto_reply"]
    assert (reply["kind"], reply["state"]) == ("busy", "sent")


def test_history_step_2_it_has_agent_customer_and_result(office: Office) -> None:
    """Zalo's events name no agent: it is the one for whom the call was made ready here."""
    office.consent()
    assert scan(office, place(office)) == 302
    office.clock.turn(seconds=20)
    call = tell(office, "oa_call_user", talk_time=60_000)
    assert call["agent"] == {"agent_id": AGENT, "name": "Nguyễn Thị Lan"}
    assert call["customer"] == {"phone": PHONE, "user_id": USER, "name": "Trần Văn Đức"}
    assert (call["direction"], call["result"]) == ("out", "answered")


@pytest.mark.slow
def test_history_step_2_calls_are_searched_by_name_and_filtered_by_result(office: Office) -> None:
    office.consent()
    assert scan(office, place(office)) == 302
    office.clock.turn(seconds=20)
    tell(office, "oa_call_user", talk_time=60_000)
    tell(office, "user_call_oa", call_id="z2", user_id="1", talk_time=0)

    def count(**query: str) -> int:
        return len(office.placing.page(OA, AUTHOR, query).items)

    assert (count(), count(q="duc"), count(q="lan"), count(q="nobody")) == (2, 1, 1, 0)
    assert (count(result="answered"), count(result="not_answered")) == (1, 1)
