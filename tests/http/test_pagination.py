"""A list's parameters: whatever comes, the range that is read is one, or the fault is named."""

import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clock import to_text
from ringpass.errors import ValidationFailed
from ringpass.http.pagination import Parameters, take_page, to_cursor

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LISTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[a-z]+")
KNOWN = frozenset({"from", "to", "cursor"})


def between(**query: str) -> tuple[str, str]:
    parameters = Parameters(query, KNOWN)
    span = parameters.between(NOW, LISTED)
    parameters.check()
    return span


def at_fault(**query: str) -> list[object]:
    with pytest.raises(ValidationFailed) as refusal:
        between(**query)
    return [error["loc"] for error in refusal.value.errors]


def cursor(at: str, record: str = "id") -> str:
    return to_cursor(f"{at}#{record}")


PLACE = cursor("2026-11-20T08:00:00.000Z")


def test_a_cursor_goes_on_from_its_place() -> None:
    place = "2026-11-20T08:00:00.000Z#id"
    assert between(cursor=PLACE) == ("2000-01-01T00:00:00.000Z", place)
    query = {"from": "2026-11-20T08:00:00Z", "to": "2026-11-20T08:00:00.001Z"}
    assert between(cursor=PLACE, **query) == ("2026-11-20T08:00:00.000Z", place)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-20T09:00:00Z"},
        {"to": "2026-11-20T07:00:00Z"},
        {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"},
    ],
)
def test_a_cursor_of_another_time_is_named(query: dict[str, str]) -> None:
    assert at_fault(cursor=PLACE, **query) == [["query", "cursor"]]


@pytest.mark.parametrize(
    "altered",
    [
        PLACE[:-1],
        PLACE + "=",
        "!" + PLACE,
        PLACE + "\n",
        PLACE.swapcase(),
        "",
        "é",
        "\udc00",
        urlsafe_b64encode(b"\xff" * 30).decode(),
        cursor("1999-12-31T23:59:59.999Z"),
        cursor("2026-11-22T00:00:00.000Z"),
        cursor("2026-11-20", "id"),
        cursor("2026-11-20T08:00:00.000Z", "ID"),
    ],
)
def test_a_cursor_that_no_page_had_is_named(altered: str) -> None:
    assert at_fault(cursor=altered) == [["query", "cursor"]]


def test_the_one_that_was_given_is_named_for_a_range_that_ends_before_it_begins() -> None:
    assert at_fault(**{"from": "2026-11-22T00:00:00Z"}) == [["query", "from"]]
    assert at_fault(to="1999-01-01T00:00:00Z") == [["query", "to"]]
    assert at_fault(**{"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}) == [
        ["query", "from"]
    ]


INSTANTS = st.datetimes(timezones=st.just(UTC)).map(to_text)


@pytest.mark.slow
@given(INSTANTS | st.none(), INSTANTS | st.none(), INSTANTS.map(cursor) | st.text() | st.none())
def test_what_is_read_ends_after_it_begins(
    since: str | None, until: str | None, place: str | None
) -> None:
    query = {"from": since, "to": until, "cursor": place}
    try:
        after, before = between(**{name: text for name, text in query.items() if text is not None})
    except ValidationFailed:
        return
    assert after <= before


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+84983912360", None),
        (" 84983912360", None),  # a plus that was not percent-encoded
        (" 84 983 912 360", None),
        ("( 84) 983-912-360", None),
        ("(+84) 983.912.360", None),
        ("0983 912 360", "VN"),
        (" 0983 912 360", "VN"),
    ],
)
def test_a_number_in_a_query(text: str, region: str | None) -> None:
    query = {"phone": text} | ({"region": region} if region else {})
    parameters = Parameters(query, frozenset({"phone", "region"}))
    phone = parameters.phone()
    assert phone is not None
    assert phone.e164 == "+84983912360"
    parameters.check()


@pytest.mark.parametrize("text", ["84983912360", "0983 912 360", " x84983912360", "+84983912360;"])
def test_a_number_at_fault_in_a_query(text: str) -> None:
    parameters = Parameters({"phone": text}, frozenset({"phone"}))
    assert parameters.phone() is None
    with pytest.raises(ValidationFailed) as refusal:
        parameters.check()
    assert refusal.value.errors[0]["loc"] == ["query", "phone"]


@pytest.mark.parametrize("region", ["vn", "XX", ""])
def test_a_region_at_fault_in_a_query_is_named(region: str) -> None:
    query = {"phone": "0983912360", "region": region}
    parameters = Parameters(query, frozenset({"phone", "region"}))
    parameters.phone()
    with pytest.raises(ValidationFailed) as refusal:
        parameters.check()
    assert [(each["loc"], each["type"]) for each in refusal.value.errors] == [
        (["query", "region"], "region_unknown")
    ]


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_a_choice_is_one_of_its_values_or_the_fault_names_them() -> None:
    parameters = Parameters({"color": "blue", "other": "green"}, frozenset({"color", "other"}))
    assert parameters.choice("color", Color) is Color.BLUE
    assert parameters.choice("absent", Color) is None
    parameters.check()
    assert parameters.choice("other", Color) is None
    with pytest.raises(ValidationFailed) as refusal:
        parameters.check()
    [error] = refusal.value.errors
    assert (error["loc"], error["msg"]) == (["query", "other"], "one of red, blue")


@given(st.integers(0, 30), st.integers(1, 10), st.integers(1, 4))
def test_the_pages_of_a_list_hold_each_match_once(size: int, limit: int, step: int) -> None:
    """A cursor is the position after which the next page begins."""
    rows, pages, start = list(range(size)), list[int](), 0
    while True:
        page = take_page(iter(rows[start:]), limit, str, lambda row: row % step == 0)
        assert len(page.items) <= limit
        pages += page.items
        if page.next_cursor is None:
            break
        start = next(row for row in rows if to_cursor(str(row)) == page.next_cursor) + 1
    assert pages == [row for row in rows if row % step == 0]


def test_a_page_reads_a_bounded_number_of_rows() -> None:
    page = take_page(iter(range(10_000)), 20, str, lambda _: False)
    assert page.items == ()
    assert page.next_cursor == to_cursor("499")
