"""Refusals as they are read: the newest first, of all numbers or of one."""

from decimal import Decimal
from typing import Any

import pytest

from ringpass.deliveries.requests import PasswordCall
from ringpass.errors import LimitReached, ValidationFailed
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import MOST, PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.limits.refusals_store import Refusal, RefusalRepository
from ringpass.redaction import Secret
from ringpass.reporting.refusal_queries import RefusalQueries
from ringpass.reporting.views import refusals_view
from tests.world import World

PHONE = "+84389801371"
OTHER = "+84389801372"


@pytest.fixture
def decisions(world: World) -> RefusalRepository:
    return RefusalRepository(world.table, 86_400)


@pytest.fixture
def read(world: World, decisions: RefusalRepository) -> RefusalQueries:
    lookups = PhoneLookups(PhoneLookupRepository(world.table), world.clock)
    return RefusalQueries(decisions, world.deliveries, lookups, world.secrets, world.clock)


def refusal(place: int, **about: Any) -> Refusal:  # noqa: ANN401 - a decision's attributes
    usual: dict[str, Any] = {
        "id": f"dec_{chr(97 + place) * 32}",
        "client": "acme",
        "at": f"2026-11-21T08:00:{place:02d}.000Z",
        "code": "limit_reached",
        "limit": "phone",
        "channel": "zns",
        "country": "VN",
        "phone": "+84******371",
        "phone_key": phone_key(Secret("k" * 64), PHONE),
        "starts": False,
        "retry_after": 30,
        "cap": 5,
        "counted": 5,
    }
    return Refusal(**usual | about)


@pytest.mark.slow
def test_refusals_newest_first_in_pages(read: RefusalQueries, decisions: RefusalRepository) -> None:
    for number in range(5):
        decisions.add(refusal(number))
    decisions.add(refusal(9, client="rival"))
    first = refusals_view(read.page("acme", {"limit": "3"}), clear_phone=True)
    assert [one["at"][17:19] for one in first["items"]] == ["04", "03", "02"]
    assert first["next_cursor"] is not None
    query = {"limit": "3", "cursor": first["next_cursor"]}
    rest = refusals_view(read.page("acme", query), clear_phone=True)
    assert [one["at"][17:19] for one in rest["items"]] == ["01", "00"]
    assert rest["next_cursor"] is None
    between = {"from": "2026-11-21T08:00:01Z", "to": "2026-11-21T08:00:03Z"}
    assert len(read.page("acme", between).items) == 2


@pytest.mark.slow
def test_a_refusal_tells_what_was_counted_and_no_number(
    read: RefusalQueries, decisions: RefusalRepository
) -> None:
    decisions.add(refusal(0))
    money: dict[str, Any] = {"limit": "daily_money", "cap": Decimal(5000)}
    decisions.add(refusal(1, **money, counted=Decimal("4999.90"), verification_id="ver_1", step=1))
    rule = {"limit": "deny_list", "code": "not_allowed"}
    decisions.add(refusal(2, **rule, cap=None, counted=None, retry_after=None))
    denied, paid, phone = refusals_view(read.page("acme", {}), clear_phone=True)["items"]
    assert (phone["cap"], phone["counted"], phone["retry_after"]) == (5, 5, 30)
    assert (paid["cap"], paid["counted"]) == ("5000", "4999.9")
    assert (paid["verification_id"], paid["step"]) == ("ver_1", 2)
    assert (denied["code"], denied["cap"], denied["retry_after"]) == ("not_allowed", None, None)
    assert {one["phone"] for one in (denied, paid, phone)} == {"+84******371"}
    assert not any("phone_key" in one for one in (denied, paid, phone))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"from": "2026-11-21"}, "from"),
        ({"from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"}, "from"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"phone": "12"}, "phone"),
        ({"phone": PHONE, "region": "XX1"}, "region"),
        ({"refused": "no"}, "refused"),
    ],
)
def test_refusals_are_asked_for_as_lists_are(
    read: RefusalQueries, query: dict[str, str], name: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal_info:
        read.page("acme", query)
    assert [error["loc"] for error in refusal_info.value.errors] == [["query", name]]


def test_those_of_one_number_with_the_number_for_who_may_see_it(
    read: RefusalQueries, decisions: RefusalRepository
) -> None:
    decisions.add(refusal(0, number=PHONE))
    # An earlier release wrote it.
    decisions.add(refusal(1))
    decisions.add(refusal(2, phone_key=phone_key(Secret("k" * 64), OTHER), number=OTHER))
    decisions.add(refusal(3, client="rival", number=PHONE))
    page = read.page("acme", {"phone": "0389801371", "region": "VN"})
    ids = [one.id[4] for one in page.items]
    assert ids == ["b", "a"]
    clear = refusals_view(page, clear_phone=True)["items"]
    assert [one["phone"] for one in clear] == [PHONE, PHONE]
    masked = refusals_view(page, clear_phone=False)["items"]
    assert [one["phone"] for one in masked] == ["+84******371", "+84******371"]
    every = refusals_view(read.page("acme", {}), clear_phone=True)["items"]
    assert [one["phone"] for one in every] == [OTHER, "+84******371", PHONE]


def test_those_of_one_number_that_were_only_recorded(
    read: RefusalQueries, decisions: RefusalRepository
) -> None:
    decisions.add(refusal(0))
    decisions.add(refusal(1, refused=False))
    for refused, letter in (("true", "a"), ("false", "b")):
        page = read.page("acme", {"phone": PHONE, "refused": refused})
        assert [one.id[4] for one in page.items] == [letter]


def test_those_of_one_number_in_pages(read: RefusalQueries, decisions: RefusalRepository) -> None:
    for number in range(3):
        decisions.add(refusal(number))
    first = read.page("acme", {"phone": PHONE, "limit": "2"})
    assert first.next_cursor is not None
    rest = read.page("acme", {"phone": PHONE, "limit": "2", "cursor": first.next_cursor})
    assert [one.id[4] for one in (*first.items, *rest.items)] == ["c", "b", "a"]
    assert rest.next_cursor is None


def test_a_key_that_sees_no_numbers_cannot_try_them_all(read: RefusalQueries) -> None:
    for number in range(MOST):
        read.page("acme", {"phone": f"+843898{number:05d}"}, "blind")
    with pytest.raises(LimitReached):
        read.page("acme", {"phone": PHONE}, "blind")
    assert read.page("acme", {"phone": PHONE}).items == ()


def test_a_number_with_a_delivery_and_no_refusal_is_known(
    world: World, read: RefusalQueries
) -> None:
    command = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
    world.calls.send(command, "acme", None)
    for number in range(MOST):
        read.page("acme", {"phone": "+79777777777"}, "blind")
        read.page("acme", {"phone": f"+843898{number:05d}"}, "blind")
    with pytest.raises(LimitReached):
        read.page("acme", {"phone": "+79777777777"}, "blind")


def test_a_number_that_was_deleted_is_in_no_row(
    read: RefusalQueries, decisions: RefusalRepository
) -> None:
    decisions.add(refusal(0, number=PHONE))
    [stored] = read.page("acme", {}).items
    assert decisions.erase(stored)
    assert read.page("acme", {"phone": PHONE}).items == ()
    [row] = refusals_view(read.page("acme", {}), clear_phone=True)["items"]
    assert row["phone"] == "+84*********"
