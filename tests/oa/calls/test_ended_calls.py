"""Calls that Zalo tells of: joined with placed ones where there is no doubt, answered once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ringpass.errors import Unavailable
from ringpass.oa.calls.model import (
    AutoReply,
    CallAgent,
    CallResult,
    Customer,
    Direction,
    ReplyState,
)
from ringpass.oa.desk.hours import Hours, Span, Weekday
from ringpass.oa.desk.reply_texts import Reply
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.zalo.call_type import CallType
from tests.moto_table import moto_client, table
from tests.oa.call_office import (
    AGENT,
    NIGHT,
    PHONE,
    SETTINGS,
    USER,
    Office,
    answer,
    ms,
    office,
)

__all__ = ["office", "table"]


def a_call(office: Office, **fields: object) -> dict[str, object]:
    """A call that began a minute ago and was answered."""
    return {
        "user_id": USER,
        "call_id": "z1",
        "call_type": "AUDIO",
        "init_time": ms(office.clock() - timedelta(minutes=1)),
        "waiting_time": 5,
        "call_duration": 40_000,
        "talk_time": 35_000,
        "status_code": 0,
    } | fields


def missed(office: Office, **fields: object) -> dict[str, object]:
    return a_call(office, **({"talk_time": 0, "call_duration": 20_000} | fields))


def noted(office: Office) -> None:
    """A user id that we were given, and Zalo has not told."""
    office.consent(user_id="1", user_confirmed_at=None)


def denied(office: Office) -> None:
    """A customer whose number the client denies."""
    office.consent()
    office.deny(PHONE)


def texts_sent(office: Office) -> list[str]:
    return [json.loads(each.body)["message"]["text"] for each in office.wire.requests_to("cs")]


# ------------------------------------------------------------------------------------------ joined


def test_a_call_of_the_oa_s_is_the_placed_one(office: Office) -> None:
    own_call = office.place()
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office))
    [call] = office.history()
    assert (call.id, call.agent, call.customer) == (own_call.id, own_call.agent, own_call.customer)
    assert call.result is CallResult.ANSWERED
    assert call.end is not None
    assert (call.end.call_id, call.end.talk_ms, call.end.waiting_ms) == ("z1", 35_000, 5_000)
    assert call.auto_reply is None


@pytest.mark.parametrize(
    "naming", [{"phone": PHONE[1:], "user_id": None}, {"phone": PHONE, "user_id": USER}]
)
def test_the_customer_may_be_named_by_phone(office: Office, naming: dict[str, object]) -> None:
    own_call = office.place()
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office, **naming))
    assert [call.id for call in office.history()] == [own_call.id]


def test_a_customer_placed_by_phone_is_known_by_what_the_permission_tells(office: Office) -> None:
    own_call = office.place(customer=Customer(PHONE, office.key()))
    office.consent()
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office))
    [call] = office.history()
    assert (call.id, call.customer.user_id) == (own_call.id, USER)


def test_zalo_s_clock_may_be_a_minute_behind(office: Office) -> None:
    own_call = office.place()
    office.tell(
        "oa_call_user", a_call(office, init_time=ms(office.clock() - timedelta(seconds=60)))
    )
    assert [call.id for call in office.history()] == [own_call.id]


@pytest.mark.parametrize(
    "why",
    [
        lambda office: office.place(opened=False),
        lambda office: office.place(customer=Customer(PHONE, "other", "2")),
        lambda office: (office.place(0), office.place(1)),
        lambda office: office.place(agent=CallAgent("1")),
    ],
    ids=["not opened", "another customer", "two that fit", "another agent"],
)
def test_what_fits_no_single_call_is_kept_by_itself(
    office: Office, why: Callable[[Office], object]
) -> None:
    why(office)
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office, agent_id=AGENT))
    ended_calls = [call for call in office.history() if call.end]
    assert [call.link for call in ended_calls] == [None]
    assert ended_calls[0].agent == CallAgent(AGENT, "Nguyễn Thị Lan")
    assert ended_calls[0].result is CallResult.ANSWERED


def test_a_call_from_before_the_link_was_opened_is_another_one(office: Office) -> None:
    office.clock.turn(minutes=5)
    office.place()
    office.tell(
        "oa_call_user", a_call(office, init_time=ms(office.clock() - timedelta(seconds=61)))
    )
    assert sorted(call.end is None for call in office.history()) == [False, True]


def test_a_second_call_by_the_same_link_is_kept_by_itself(office: Office) -> None:
    office.place()
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office))
    office.tell("oa_call_user", a_call(office, call_id="z2"))
    assert sorted(call.link is None for call in office.history()) == [False, True]


def test_a_customer_s_call_is_never_a_placed_one(office: Office) -> None:
    office.place()
    office.clock.turn(seconds=100)
    office.tell("user_call_oa", a_call(office))
    assert {call.direction: call.end is None for call in office.history()} == {
        Direction.OUT: True,
        Direction.IN: False,
    }


# ---------------------------------------------------------------------------------------- the same


def test_the_same_again_changes_nothing(office: Office) -> None:
    office.place()
    office.clock.turn(seconds=100)
    for _ in range(3):
        office.tell("oa_call_user", a_call(office))
        office.tell("user_call_oa", a_call(office, call_id="z2"))
    assert len(office.history()) == 2


def test_a_repetition_in_other_types_is_the_same_call(office: Office) -> None:
    office.tell("user_call_oa", a_call(office))
    office.tell("user_call_oa", a_call(office, waiting_time="5.0", status_code="0"))
    assert len(office.history()) == 1


def test_without_an_id_the_content_tells(office: Office) -> None:
    call_fields = a_call(office, call_id=None)
    office.tell("user_call_oa", call_fields)
    office.tell("user_call_oa", call_fields)
    office.tell("user_call_oa", call_fields | {"talk_time": 1})
    assert len(office.history()) == 2


def test_in_whatever_order(office: Office) -> None:
    """The event of the second call comes first: both are there, and neither is joined twice."""
    office.place()
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office, call_id="z2"))
    office.tell("oa_call_user", a_call(office, call_id="z1"))
    links_by_call = {call.end.call_id: call.link is None for call in office.history() if call.end}
    assert links_by_call == {"z2": False, "z1": True}


def test_an_event_with_both_tells_whose_id_it_is(office: Office) -> None:
    office.consent(user_id=None)
    office.tell("user_call_oa", a_call(office, phone=PHONE))
    consent = office.records.find(None, USER)
    assert consent is not None
    assert (consent.phone, consent.user_id) == (PHONE, USER)


def test_an_event_whose_customer_is_somebody_else_is_not_the_placed_call(office: Office) -> None:
    """Its user id is the placed call's, and its number is not; or the other way round."""
    office.place()
    office.clock.turn(seconds=100)
    office.tell("oa_call_user", a_call(office, phone="+84389801372"))
    office.tell("oa_call_user", a_call(office, call_id="z2", phone=PHONE, user_id="2"))
    assert sorted(call.link is None for call in office.history()) == [False, True, True]


# -------------------------------------------------------------------------------------- on its own


def test_a_call_in_zalo_s_interface_is_kept_with_what_is_known(office: Office) -> None:
    office.consent()
    office.clock.turn(minutes=10)
    office.tell("oa_call_user", a_call(office, call_type="VIDEO", status_code="-17"))
    [call] = office.history()
    assert call.customer == Customer(PHONE, office.key(), USER, "Trần Văn Đức")
    assert (call.agent, call.call_type, call.link) == (None, CallType.VIDEO, None)
    assert call.end is not None
    assert call.end.status_code == "-17"
    # It stands in the list where it began.
    assert call.created_at == "2026-11-21T08:39:00.000Z"


@pytest.mark.parametrize("began", ["0", "9999999999999", "?", "1000000000000"])
def test_a_time_that_cannot_be_is_not_believed(office: Office, began: str) -> None:
    office.tell("oa_call_user", a_call(office, init_time=began))
    assert [call.created_at for call in office.history()] == ["2026-11-21T08:30:00.000Z"]


def test_an_event_that_says_nothing_is_kept(office: Office) -> None:
    office.tell("oa_call_user", {})
    [call] = office.history()
    assert (call.customer, call.result) == (Customer(), CallResult.NOT_ANSWERED)


# ---------------------------------------------------------------------------------------- answered


def test_within_the_hours_all_agents_are_taken_to_be_busy(office: Office) -> None:
    office.tell("user_call_oa", missed(office))
    assert texts_sent(office) == ["Xin gọi lại sau."]
    [request] = office.wire.requests_to("cs")
    assert json.loads(request.body)["recipient"] == {"user_id": USER}
    [call] = office.history()
    assert call.auto_reply == AutoReply(
        Reply.BUSY, ReplyState.SENT, None, "2026-11-21T08:30:00.000Z"
    )


def test_outside_the_hours_the_customer_learns_when_the_oa_opens(office: Office) -> None:
    office.set(hours=NIGHT)
    office.tell("user_call_oa", missed(office))
    assert texts_sent(office) == ["Mở cửa lúc 00:00 22/11/2026."]
    assert [call.auto_reply.kind for call in office.history() if call.auto_reply] == [
        Reply.OUT_OF_HOURS
    ]


def test_it_is_the_time_of_the_call_that_counts(office: Office) -> None:
    # 16:59:30 in Vietnam: open; told at 17:00:30: closed.
    office.set(hours=Hours(days=dict.fromkeys(Weekday, Span(0, 17 * 60))))
    office.clock.turn(hours=1, minutes=30, seconds=30)
    office.tell("user_call_oa", missed(office))
    assert texts_sent(office) == ["Xin gọi lại sau."]


def test_a_customer_is_answered_once(office: Office) -> None:
    for _ in range(4):
        office.tell("user_call_oa", missed(office))
    assert len(texts_sent(office)) == 1
    office.tell("user_call_oa", missed(office, call_id="z2"))
    assert len(texts_sent(office)) == 2


@pytest.mark.slow
def test_nobody_is_answered_who_was_answered(office: Office) -> None:
    office.tell("user_call_oa", a_call(office))
    office.tell("oa_call_user", missed(office, call_id="z2"))
    assert texts_sent(office) == []
    assert [call.auto_reply for call in office.history()] == [None, None]


@pytest.mark.parametrize(
    ("set_up", "fields", "why"),
    [
        (lambda office: office.set(enabled=False), {}, "feature_off"),
        (lambda office: office.set(replies={}), {}, "no_text"),
        (lambda office: None, {"user_id": None}, "no_user_id"),
        (noted, {"user_id": None, "phone": PHONE}, "no_user_id"),
        (denied, {}, "not_allowed"),
        (denied, {"phone": PHONE}, "not_allowed"),
        (lambda office: office.clock.turn(minutes=16), {"late": True}, "too_late"),
    ],
)
def test_why_a_customer_is_not_answered(
    office: Office, set_up: Callable[[Office], object], fields: dict[str, Any], why: str
) -> None:
    call_fields = missed(office)
    set_up(office)
    call_fields = call_fields if fields.pop("late", False) else missed(office)
    office.tell("user_call_oa", call_fields | fields)
    assert texts_sent(office) == []
    [call] = office.history()
    assert call.auto_reply is not None
    assert (call.auto_reply.state, call.auto_reply.reason) == (ReplyState.SKIPPED, why)


def test_fifteen_minutes_after_the_end_is_soon_enough(office: Office) -> None:
    call_fields = missed(office)  # It lasted for 20 s, and began a minute ago.
    office.clock.turn(minutes=14, seconds=20)
    office.tell("user_call_oa", call_fields)
    assert len(texts_sent(office)) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "state", "reason"),
    [
        (answer(error=-230, message="x"), ReplyState.REFUSED, "not_interacted_lately"),
        (answer(error=-32, message="x"), ReplyState.REFUSED, "rate_limited"),
        (NoResponse("timeout"), ReplyState.UNKNOWN, "timeout"),
        (NoResponse("connect_failed", sent=False), ReplyState.REFUSED, "connect_failed"),
        (HttpResponse(502, b"<html>"), ReplyState.UNKNOWN, "http_502"),
        (answer(error=-999), ReplyState.UNKNOWN, "zalo_error_-999"),
    ],
)
def test_what_became_of_it_stands_in_the_record(
    office: Office, reply: HttpResponse, state: ReplyState, reason: str
) -> None:
    office.wire.answers["cs"] = reply
    for _ in range(3):
        office.tell("user_call_oa", missed(office))
    # Whatever it was: it is not sent again.
    assert len(texts_sent(office)) == 1
    [call] = office.history()
    assert call.auto_reply is not None
    assert (call.auto_reply.state, call.auto_reply.reason) == (state, reason)


def test_a_refused_token_is_fetched_anew(office: Office) -> None:
    manager = moto_client("secretsmanager")

    def refuse() -> HttpResponse:
        manager.put_secret_value(SecretId="zalo_token", SecretString='{"access_token": "next"}')
        return answer(error=-216, message="Access token is invalid")

    office.wire.answers["cs"] = [refuse, answer(error=0, data={"message_id": "1"})]
    office.tell("user_call_oa", missed(office))
    assert [each.headers["access_token"] for each in office.wire.requests_to("cs")] == [
        "access-0",
        "next",
    ]
    assert [call.auto_reply.state for call in office.history() if call.auto_reply] == [
        ReplyState.SENT
    ]


def test_a_function_that_dies_while_it_sends_leaves_it_open(office: Office) -> None:
    def die() -> HttpResponse:
        raise KeyboardInterrupt

    office.wire.answers["cs"] = [die, answer(error=0)]
    with pytest.raises(KeyboardInterrupt):
        office.tell("user_call_oa", missed(office))
    office.tell("user_call_oa", missed(office))
    assert len(texts_sent(office)) == 1
    [call] = office.history()
    assert call.auto_reply is not None
    assert (call.auto_reply.state, call.auto_reply.reason) == (
        ReplyState.UNKNOWN,
        "function_ended",
    )


def test_a_function_that_dies_before_is_followed_by_one_that_answers(office: Office) -> None:
    """Kept, and not answered: the event is worked on again."""
    moto_client("secretsmanager").put_secret_value(SecretId="zalo_token", SecretString="{}")
    with pytest.raises(Unavailable):
        office.tell("user_call_oa", missed(office))
    assert [call.auto_reply for call in office.history()] == [None]
    moto_client("secretsmanager").put_secret_value(
        SecretId="zalo_token", SecretString='{"access_token": "access-0"}'
    )
    office.tell("user_call_oa", missed(office))
    assert len(texts_sent(office)) == 1


def test_the_desk_s_texts_are_those_of_these_tests() -> None:
    assert set(SETTINGS.replies) == set(Reply)
