"""Zalo's events of an OA: kept once, the customer's number apart, gone once they are worked on."""

from datetime import UTC, datetime

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.oa.events.model import OaEvent, event_digest
from ringpass.oa.events.store import OaEventRepository

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def an_event(**fields: object) -> OaEvent:
    event_fields = {"event_name": "user_reply_consent", "user_consent": "ALLOW"} | fields
    return OaEvent("user_reply_consent", event_fields, event_digest(event_fields), NOW)


@pytest.mark.parametrize("phone", ["84389801371", "+84389801371", "0389801371"])
def test_the_number_has_an_attribute_of_its_own(table: Table, phone: str) -> None:
    events, event = OaEventRepository(table), an_event(phone=phone)
    assert events.add(event)
    item = table.get({"PK": f"OAE#{event.digest}", "SK": "OAE"})
    assert item is not None
    assert item["phone"] == "+84389801371"
    assert "389801371" not in str({**item, "phone": ""})
    pending = events.get_pending(event.digest)
    assert pending is not None
    assert pending.fields == {**event.fields, "phone": "+84389801371"}
    events.mark_done(event.digest, NOW)
    item = table.get({"PK": f"OAE#{event.digest}", "SK": "OAE"})
    assert item is not None
    assert not {"phone", "fields"} & item.keys()
    assert events.get_pending(event.digest) is None


@pytest.mark.parametrize("fields", [{}, {"phone": None}, {"phone": "hidden"}, {"phone": []}])
def test_what_is_no_number_stays_where_it_is(table: Table, fields: dict[str, object]) -> None:
    events, event = OaEventRepository(table), an_event(**fields)
    assert events.add(event)
    assert not events.add(event)
    pending = events.get_pending(event.digest)
    assert pending is not None
    assert pending.fields == event.fields
