"""Calls to customers: all checks at once, one link, found again by name, result and time."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ringpass.errors import (
    CallNotAllowed,
    IdempotencyKeyReused,
    InvalidHeader,
    NotAllowed,
    NotFound,
    ProviderFailed,
    Unavailable,
    ValidationFailed,
)
from ringpass.http.actor import Actor
from ringpass.http.router import Caller
from ringpass.oa.calls.links import token_digest
from ringpass.oa.calls.model import CallAgent, CallEnd, Customer
from ringpass.oa.calls.requests import PlaceCall
from ringpass.oa.calls.service import PlaceCallResult
from ringpass.oa.calls.views import call_response, page_response, placed_response
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.desk.settings import Suspension
from ringpass.oa.name_folding import fold_name
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.zalo.call_type import CallType
from tests.moto_table import moto_client, table
from tests.oa.call_office import (
    AGENT,
    AUTHOR,
    NIGHT,
    OA,
    PHONE,
    USER,
    ZALO_LINK,
    Office,
    answer,
    ms,
    office,
)

__all__ = ["office", "table"]

READER = Caller("shop", frozenset({"read"}))
SEER = Caller("shop", frozenset({"read", "phones:read"}))
URL = "https://api.example.test"


def wanted(**fields: object) -> PlaceCall:
    body = {"phone": PHONE, "agent_id": AGENT, "call_type": "audio"} | fields
    present = {name: value for name, value in body.items() if value is not None}
    return PlaceCall.from_json(json.dumps(present).encode())


def place(office: Office, key: str | None = None, **fields: object) -> PlaceCallResult:
    return office.placing.place(OA, AUTHOR, wanted(**fields), key)


def refused(office: Office, **fields: Any) -> list[str]:  # noqa: ANN401
    with pytest.raises(CallNotAllowed) as refusal:
        place(office, **fields)
    checks = refusal.value.members["checks"]
    assert all(check["detail"].endswith((".", "there.")) for check in checks)
    return [check["code"] for check in checks]


def sent(office: Office) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in office.wire.requests_to("outbound")]


# ------------------------------------------------------------------------------------------ placed


@pytest.mark.slow
def test_a_call_is_made_ready_for_its_agent(office: Office) -> None:
    office.consent()
    result = place(office)
    assert sent(office) == [{"user_id": USER, "call_type": "audio", "agent_id": AGENT}]
    assert result.call.customer == Customer(PHONE, office.key(), USER, "Trần Văn Đức")
    assert office.calls.get_by_link(token_digest(result.token.reveal())) == result.call
    assert result.call.link is not None
    assert result.call.link.ends_at == office.clock() + timedelta(hours=48)


def test_only_the_answer_to_the_request_has_our_link_and_none_has_zalo_s(office: Office) -> None:
    office.consent()
    result = place(office)
    response = placed_response(result, URL, READER, office.clock())
    assert response.status == 201
    assert response.body["url"] == f"{URL}/o/{result.token.reveal()}"
    assert response.body["qr_url"] == response.body["url"] + "/qr"
    assert response.body["customer"]["phone"] == "+84******371"
    body_of_call = call_response(
        office.placing.get(OA, AUTHOR, result.call.id), SEER, office.clock()
    ).body
    assert body_of_call["customer"]["phone"] == PHONE
    assert body_of_call["link"] == {
        "state": "unopened",
        "opened_at": None,
        "ends_at": "2026-11-23T08:30:00.000Z",
    }
    for body in (response.body, body_of_call):
        assert ZALO_LINK not in json.dumps(body)
    assert result.token.reveal() not in json.dumps(body_of_call)


def test_a_customer_by_zalo_s_id(office: Office) -> None:
    office.consent()
    assert place(office, phone=None, user_id=USER).call.customer.phone == PHONE


def test_nobody_is_called_by_an_id_that_zalo_has_not_told_for_the_number(office: Office) -> None:
    """What we were given is a note: it may be anybody's."""
    office.consent(user_id="1", user_confirmed_at=None)
    assert refused(office, phone=None, user_id="1") == ["consent_missing"]
    assert office.wire.requests == []
    result = place(office)
    assert sent(office)[0]["user_id"] == PHONE[1:]
    assert result.call.customer.user_id is None


def test_an_id_that_zalo_told_of_another_number_since_calls_that_one_alone(office: Office) -> None:
    office.consent()
    office.consent(ConsentState.REFUSED, phone="+84389801372")
    assert refused(office, phone=None, user_id=USER) == ["consent_refused"]
    place(office)
    assert [one["user_id"] for one in sent(office)] == [PHONE[1:]]


def test_a_number_that_the_client_denies_is_not_called(office: Office) -> None:
    office.consent()
    office.deny(PHONE)
    for customer in ({}, {"phone": None, "user_id": USER}):
        with pytest.raises(NotAllowed) as refusal:
            place(office, **customer)
        assert (refusal.value.code, refusal.value.limit) == ("not_allowed", "deny_list")
    assert office.wire.requests == []
    # The list holds at once, both ways; and what names the number more closely counts.
    office.deny(prefixes=["+8438"])
    with pytest.raises(NotAllowed):
        place(office)
    office.deny(prefixes=["+8438"], allow=PHONE)
    place(office)
    office.deny("+84389801372")
    place(office)


def test_of_a_number_without_an_id_zalo_gets_the_number(office: Office) -> None:
    """What Zalo takes there is not documented; it may refuse it."""
    office.consent(user_id=None)
    place(office)
    assert sent(office)[0]["user_id"] == PHONE[1:]


def test_a_repetition_gets_the_same_call_and_the_same_link(office: Office) -> None:
    office.consent()
    first = place(office, "key-1")
    # Whatever has become of the checks: it was placed.
    office.set(enabled=False)
    again = place(office, "key-1")
    assert (again.call, again.token.reveal()) == (first.call, first.token.reveal())
    assert (first.replayed, again.replayed) == (False, True)
    assert len(sent(office)) == 1
    assert placed_response(again, URL, READER, office.clock()).headers == {
        "Idempotent-Replayed": "true"
    }


def test_a_key_that_served_another_request(office: Office) -> None:
    office.consent()
    place(office, "key-1")
    with pytest.raises(IdempotencyKeyReused):
        place(office, "key-1", call_type="video")
    with pytest.raises(InvalidHeader):
        place(office, "é")


def test_two_at_once_with_one_key_are_one_call(office: Office) -> None:
    """The second one comes while the first one waits for Zalo."""
    office.consent()
    inner: list[PlaceCallResult] = []

    def second() -> HttpResponse:
        office.wire.answers["outbound"] = linked = answer(data={"call_link": ZALO_LINK})
        inner.append(place(office, "key-1"))
        return linked

    office.wire.answers["outbound"] = second
    outer = place(office, "key-1")
    assert outer.replayed
    assert outer.call == inner[0].call


# ----------------------------------------------------------------------------------------- refused


def test_all_failing_checks_are_told_at_once(office: Office) -> None:
    office.consent(ConsentState.REFUSED)
    office.set(
        enabled=False,
        verified_enterprise=False,
        suspended=Suspension("complaints"),
        hours=NIGHT,
    )
    assert refused(office, agent_id="1") == [
        "feature_off",
        "oa_not_verified",
        "oa_suspended",
        "outside_hours",
        "agent_unknown",
        "consent_refused",
    ]
    assert office.wire.requests == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("set_up", "code"),
    [
        (lambda office: office.set(enabled=False), "feature_off"),
        (lambda office: office.set(verified_enterprise=False), "oa_not_verified"),
        (lambda office: office.set(suspended=Suspension("x")), "oa_suspended"),
        (lambda office: office.set(hours=NIGHT), "outside_hours"),
        (lambda office: office.remove_agent(), "agent_unknown"),
        (lambda office: office.consent(ConsentState.REFUSED), "consent_refused"),
        (lambda office: office.consent(ConsentState.BLOCKED), "consent_blocked"),
        (lambda office: office.consent(call_type=CallType.VIDEO), "consent_other_call_type"),
    ],
)
def test_each_check_has_a_code(
    office: Office, set_up: Callable[[Office], object], code: str
) -> None:
    office.consent()
    set_up(office)
    assert refused(office) == [code]
    assert office.wire.requests == []


def test_a_test_number_is_nobody_s_where_nobody_plays_it(office: Office) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        place(office, phone="+84000000000")
    assert [error["type"] for error in refusal.value.errors] == ["test_number_not_allowed"]
    assert office.wire.requests == []


def test_a_permission_for_both_kinds_is_for_each(office: Office) -> None:
    office.consent(call_type=CallType.AUDIO_AND_VIDEO)
    for call_type in ("audio", "video"):
        assert place(office, call_type=call_type).call.call_type == call_type


def test_a_permission_in_its_last_millisecond(office: Office) -> None:
    office.consent(lasts=timedelta(hours=1))
    office.clock.turn(minutes=59, seconds=59, milliseconds=999)
    place(office)
    office.clock.turn(milliseconds=1)
    office.wire.answers["checkconsent"] = answer(error=16, message="expired")
    assert refused(office) == ["consent_expired"]


# -------------------------------------------------------------------------- asked before it refuses


@pytest.mark.parametrize(
    "state", [None, ConsentState.REQUESTED, ConsentState.WAITING, ConsentState.EXPIRED]
)
def test_what_is_not_sure_zalo_is_asked_about(office: Office, state: ConsentState | None) -> None:
    if state is not None:
        office.consent(state)
    office.clock.turn(minutes=5)
    until = ms(office.clock() + timedelta(days=30))
    office.wire.answers["checkconsent"] = answer(error=0, expired_time=until)
    assert place(office).call.link is not None
    assert len(office.wire.requests_to("checkconsent")) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answer(error=20, message="never requested"),
        answer(error=-216, message="token"),
        answer(error=12, message="system error"),
        NoResponse("timeout"),
        HttpResponse(502, b"<html>"),
        HttpResponse(200, b"{}"),
    ],
)
def test_no_answer_is_never_a_permission(office: Office, reply: HttpResponse) -> None:
    office.wire.answers["checkconsent"] = reply
    assert refused(office) == ["consent_missing"]
    assert sent(office) == []


def test_zalo_is_not_asked_where_more_than_the_permission_is_lacking(office: Office) -> None:
    office.set(hours=NIGHT)
    assert refused(office) == ["outside_hours", "consent_missing"]
    assert office.wire.requests == []


def test_of_an_unknown_user_nothing_can_be_asked(office: Office) -> None:
    assert refused(office, phone=None, user_id=USER) == ["consent_missing"]
    assert office.wire.requests == []


# --------------------------------------------------------------------------------------- no link


@pytest.mark.parametrize(
    ("reply", "reason", "number"),
    [
        (answer(error=-32, message="limit"), "rate_limited", -32),
        (answer(error=13, message="x"), "bad_parameter", 13),
        (answer(error="6"), "insufficient_permissions", 6),
        (answer(error=0, data={}), "unreadable_reply", None),
        (answer(data={"call_link": "javascript:alert(1)"}), "unreadable_reply", None),
        (NoResponse("timeout"), "timeout", None),
        (HttpResponse(502, b"<html>"), "http_502", None),
    ],
)
def test_without_a_link_nothing_is_kept(
    office: Office, reply: HttpResponse, reason: str, number: int | None
) -> None:
    office.consent()
    office.wire.answers["outbound"] = reply
    with pytest.raises(ProviderFailed) as failure:
        place(office, "key-1")
    assert failure.value.members == {"reason": reason, "zalo_error": number}
    assert office.history() == []
    # The same request may be made again.
    office.wire.answers["outbound"] = answer(data={"call_link": ZALO_LINK, "ttl": "600"})
    result = place(office, "key-1")
    assert not result.replayed
    assert result.call.link is not None
    assert result.call.link.ends_at == office.clock() + timedelta(minutes=10)


def test_without_a_token_zalo_is_not_asked(office: Office) -> None:
    office.consent()
    moto_client("secretsmanager").put_secret_value(SecretId="zalo_token", SecretString="{}")
    with pytest.raises(Unavailable):
        place(office)
    assert office.wire.requests == []


# ----------------------------------------------------------------------------------------- foreign


@pytest.mark.parametrize(
    ("oa_id", "author"), [("1", AUTHOR), (OA, Actor("other", "k")), ("", AUTHOR)]
)
def test_there_is_no_other_oa(office: Office, oa_id: str, author: Actor) -> None:
    office.consent()
    result = place(office)
    for ask in (
        lambda: office.placing.place(oa_id, author, wanted()),
        lambda: office.placing.get(oa_id, author, result.call.id),
        lambda: office.placing.page(oa_id, author, {}),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("call_id", ["ocl_" + "z" * 32, "x", "", "ocl_" + "a" * 400])
def test_there_is_no_other_call(office: Office, call_id: str) -> None:
    with pytest.raises(NotFound):
        office.placing.get(OA, AUTHOR, call_id)


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"phone": None}, "user_id"),
        ({"user_id": USER}, "user_id"),
        ({"phone": "123"}, "phone"),
        ({"phone": "+79777777777"}, "phone"),
        ({"call_type": "audio_and_video"}, "call_type"),
        ({"agent_id": "lan"}, "agent_id"),
        ({"agent_id": None}, "agent_id"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_what_cannot_be_asked_for(fields: dict[str, object], loc: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        wanted(**fields)
    assert [error["loc"] for error in refusal.value.errors] == [[loc]]


# ----------------------------------------------------------------------------------------- history


def with_a_history(office: Office) -> None:
    """A call that was placed, one of another agent's that was answered, and a customer's."""
    office.consent()
    office.add_agent("2", "Phạm Hùng")
    place(office)
    office.clock.turn(minutes=5)
    call = office.place(agent=CallAgent("2", "Phạm Hùng"))
    office.calls.record_end(
        call, CallEnd("z9", "2026-11-21T08:35:30.000Z", talk_ms=1), "9" * 64, None
    )
    office.clock.turn(minutes=1)
    fields = {"user_id": "77", "call_id": "z1", "init_time": ms(office.clock())}
    office.tell("user_call_oa", fields)


def history_lines(office: Office, **query: str) -> list[str]:
    page = office.placing.page(OA, AUTHOR, query)
    return [f"{call.direction} {call.result}" for call in page.items]


def test_the_history_newest_first(office: Office) -> None:
    with_a_history(office)
    assert history_lines(office) == ["in not_answered", "out answered", "out open"]


def test_it_is_filtered(office: Office) -> None:
    with_a_history(office)
    assert history_lines(office, result="answered") == ["out answered"]
    assert history_lines(office, direction="in") == ["in not_answered"]
    assert history_lines(office, agent_id="2") == ["out answered"]
    assert history_lines(office, result="open", agent_id=AGENT) == ["out open"]
    assert history_lines(office, **{"from": "2026-11-21T08:36:00Z"}) == ["in not_answered"]
    assert history_lines(office, to="2026-11-21T08:31:00Z") == ["out open"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duc", "ĐỨC", "Trần văn", "  tran   VAN ", "phạm", "Pham hung"])
def test_it_is_searched_by_name(office: Office, name: str) -> None:
    with_a_history(office)
    assert history_lines(office, q=name)
    assert "in not_answered" not in history_lines(office, q=name)
    assert history_lines(office, q="nobody") == []


@pytest.mark.slow
def test_it_comes_in_pages(office: Office) -> None:
    with_a_history(office)
    ids, cursor = [], None
    while True:
        query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = office.placing.page(OA, AUTHOR, query)
        ids += [call.id for call in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert ids == [call.id for call in office.history()]
    body = page_response(page, READER, office.clock()).body
    assert set(body) == {"items", "next_cursor"}


@pytest.mark.parametrize(
    "query",
    [
        {"q": ""},
        {"q": "x" * 65},
        {"result": "busy"},
        {"direction": "up"},
        {"agent_id": "lan"},
        {"from": "today"},
        {"limit": "0"},
        {"cursor": "?"},
        {"name": "x"},
    ],
)
def test_what_cannot_be_looked_for(office: Office, query: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed):
        office.placing.page(OA, AUTHOR, query)


def test_what_was_told_is_answered_in_seconds(office: Office) -> None:
    office.tell(
        "user_call_oa",
        {
            "user_id": USER,
            "call_id": "z1",
            "init_time": ms(office.clock()),
            "waiting_time": 5,
            "talk_time": 1_500,
            "call_duration": "7000",
            "status_code": "-3",
        },
    )
    [call] = office.history()
    body = call_response(call, READER, office.clock()).body
    assert body["ended"] == {
        "call_id": "z1",
        "told_at": "2026-11-21T08:30:00.000Z",
        "init_time": "2026-11-21T08:30:00.000Z",
        "waiting_seconds": 5,
        "talk_seconds": 1.5,
        "duration_seconds": 7,
        "status_code": "-3",
    }
    assert (body["link"], body["agent"], body["auto_reply"]) == (None, None, None)


def test_names_are_folded() -> None:
    assert fold_name("  Nguyễn  Văn ĐỨC ") == "nguyen van duc"
    assert fold_name("Đỗ") == fold_name("đô") == "do"
