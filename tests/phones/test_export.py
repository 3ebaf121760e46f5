"""The export of a person: every kind of record, each client's own, a page at a time, no code."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clock import to_text
from ringpass.errors import LimitReached, ValidationFailed
from ringpass.http.router import Caller, Request
from ringpass.limits.phone_lookups import MOST
from ringpass.oa.consents.model import ConsentChange, ConsentState, ConsentStatus
from ringpass.phone import E164, parse_phone
from ringpass.phones import export
from ringpass.phones.views import export_response, phone_of
from tests.oa.calls.test_ended_calls import a_call
from tests.phones.person import BLIND, PHONE, READER, House
from tests.world import World


@pytest.fixture
def house(world: World) -> House:
    return House(world)


def test_every_kind_of_record_is_in_it(house: House) -> None:
    house.live()
    kinds = Counter(line["kind"] for line in house.lines())
    assert kinds.keys() == {
        "verification",
        "delivery",
        "event",
        "refusal",
        "oa_call",
        "oa_consent",
        "oa_consent_evidence",
        "limit_counter",
    }
    assert kinds["delivery"] == kinds["verification"] == kinds["refusal"] == 1
    [delivery] = [line["data"] for line in house.lines() if line["kind"] == "delivery"]
    assert delivery["phone"] == PHONE
    assert delivery["metadata"] == {"who": "Hoa"}


def test_events_of_a_consent_and_of_a_call_of_the_oa_are_in_it(house: House) -> None:
    office = house.office
    change = ConsentChange(to_text(office.clock()), ConsentStatus(ConsentState.ALLOWED))
    office.consent(changes=1, last_changes=(change,))
    office.place()
    office.clock.turn(seconds=90)
    office.tell("oa_call_user", a_call(office))
    house.settle()
    types = [line["data"]["type"] for line in house.lines() if line["kind"] == "event"]
    assert types == ["oa_call.ended", "consent.changed"]


def test_there_is_no_code_in_it(house: House) -> None:
    house.start(code="482917")
    house.settle()
    assert "482917" not in json.dumps(house.lines())


def test_a_key_that_may_not_see_phones_sees_them_masked(house: House) -> None:
    house.live()
    text = json.dumps(house.lines(BLIND))
    assert PHONE[3:] not in text
    assert {line["kind"] for line in house.lines(BLIND)} == {line["kind"] for line in house.lines()}


def test_each_client_has_its_own(house: House) -> None:
    house.start("other")
    house.settle()
    assert house.lines() == []
    other = Caller("other", READER.scopes, "k9")
    assert {line["kind"] for line in house.lines(other)} == {
        "verification",
        "delivery",
        "event",
        "limit_counter",
    }


def test_pages_hold_the_same_as_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.live()
    whole = house.lines()
    monkeypatch.setattr(export, "MOST_RECORDS", 1)
    assert house.lines() == whole
    monkeypatch.setattr(export, "MOST_RECORDS", 100)
    monkeypatch.setattr(export, "MOST_BYTES", 1)
    assert house.lines() == whole


def test_a_list_entry_is_named_and_not_shown(house: House) -> None:
    house.office.deny(PHONE)
    assert house.lines() == [{"kind": "list_entry", "data": {"list": "deny"}}]


@pytest.mark.slow
def test_unknown_numbers_are_limited_for_a_blind_key(house: House) -> None:
    for number in range(MOST):
        house.export.page(BLIND, parse_phone(f"+8438980{number:04}"), {})
    with pytest.raises(LimitReached):
        house.export.page(BLIND, parse_phone("+84389809999"), {})
    assert house.export.page(READER, parse_phone("+84389809999"), {}).items == ()


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": "3"}])
def test_a_wrong_parameter_is_named(house: House, query: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        house.export.page(READER, parse_phone(PHONE), query)
    assert [error["loc"] for error in refusal.value.errors] == [["query", *query]]


def request(text: str, **query: str) -> Request:
    return Request(
        path={"phone": text}, query=query, raw_query="", headers={}, body=b"", caller=READER
    )


@pytest.mark.parametrize(
    "text", ["+84389801371", "%2B84389801371", " 84389801371", "+84 389-801-371"]
)
def test_a_number_in_the_path(text: str) -> None:
    assert phone_of(request(text)).e164 == PHONE


def test_a_national_number_needs_its_region() -> None:
    assert phone_of(request("0389801371", region="VN")).e164 == PHONE
    for text, query, loc in (
        ("0389801371", {}, ["path", "phone"]),
        ("84389801371", {}, ["path", "phone"]),
        ("nobody", {}, ["path", "phone"]),
        ("0389801371", {"region": "vn"}, ["query", "region"]),
    ):
        with pytest.raises(ValidationFailed) as refusal:
            phone_of(request(text, **query))
        assert [error["loc"] for error in refusal.value.errors] == [loc]
        assert text not in str(refusal.value.errors)


@pytest.mark.slow
@given(st.text(max_size=40) | st.from_regex(r"[+% ]*[0-9 %().-]{1,20}", fullmatch=True))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        phone = phone_of(request(text))
    except ValidationFailed:
        return
    assert E164.fullmatch(phone.e164)


def test_the_response_has_a_document_in_each_line(house: House) -> None:
    house.live()
    response = export_response(house.export.page(READER, parse_phone(PHONE), {}))
    assert response.headers == {"Content-Type": "application/x-ndjson"}
    assert response.text is not None
    assert [json.loads(line) for line in response.text.splitlines()] == house.lines()
