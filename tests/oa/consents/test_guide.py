"""Zalo's guide of its call feature, rule by rule: the customer's permission to be called.

The guide says of itself that it is not up to date. Where today's platform, or an API in place of
Zalo's interface, makes a difference, the test says which and why.
"""

import json
from datetime import timedelta

import pytest

from ringpass.errors import ValidationFailed
from ringpass.oa.consents.evidence import REASON_CODES, ConsentReason
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.consents.requests import AskConsent
from tests.oa.consent_office import DIGITS, OA, PHONE, SHOP, Office, ms
from tests.world import World


@pytest.fixture
def office(world: World) -> Office:
    return Office.made(world)


def check(office: Office) -> str | None:
    """What keeps an agent from calling the customer."""
    fault = office.consent.blocker(office.world.clock())
    return fault.code if fault else None


def test_a_call_needs_the_customers_permission(office: Office) -> None:
    assert office.consents.find(office.consents.recorder.phone_key(PHONE), None) is None
    office.ask()
    assert check(office) == "consent_requested"
    office.sent()
    assert check(office) == "consent_waiting"
    office.reply("ALLOW")
    assert check(office) is None


def test_step_1_1_the_permission_is_asked_for_in_zalo(office: Office) -> None:
    """In Zalo's interface an agent presses a button in a chat; over the API a number is named."""
    office.ask()
    [request] = office.zalo.requests
    assert request.url.endswith("/oa/call/requestconsent")
    assert json.loads(request.body)["phone"] == DIGITS


def test_step_1_1_a_reason_is_chosen_and_sent_with_the_request(office: Office) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        AskConsent.from_json(json.dumps({"phone": PHONE, "call_type": "audio"}).encode())
    assert [error["loc"] for error in refusal.value.errors] == [["reason"]]
    for last, reason in enumerate(ConsentReason):
        office.ask(phone=f"+8477354388{last}", reason=reason)
        assert office.zalo.paid_requests()[-1]["reason_code"] == REASON_CODES[reason]


@pytest.mark.slow
def test_step_1_2_once_the_customer_allows_it_is_seen_for_how_long(office: Office) -> None:
    """The guide shows "Khách đã cho phép OA gọi trong 48 giờ": allowed for 48 hours.

    Today's platform gives 30 days, or no end, and says so with each permission. What it says
    counts; 48 hours are what is left where it says nothing.
    """
    office.ask()
    now = office.world.clock()
    office.reply("ALLOW")
    assert office.until() == now + timedelta(hours=48)
    office.consents.delete(OA, SHOP, office.consent.id)
    office.world.clock.turn(seconds=1)
    thirty_days = office.world.clock() + timedelta(days=30)
    office.reply("ALLOW", expired_time=ms(thirty_days))
    assert office.until() == thirty_days
    office.consents.delete(OA, SHOP, office.consent.id)
    office.world.clock.turn(seconds=1)
    office.reply("ALLOW", expired_time=0)
    office.world.clock.turn(days=10_000)
    assert office.state() == ConsentState.ALLOWED


def test_step_1_2_after_that_the_customer_is_asked_again(office: Office) -> None:
    office.ask()
    office.reply("ALLOW")
    office.world.clock.turn(hours=48, milliseconds=-1)
    assert check(office) is None, "at its last millisecond it holds"
    office.world.clock.turn(milliseconds=1)
    assert check(office) == "consent_expired"
    office.ask()
    assert len(office.zalo.paid_requests()) == 2


def test_the_customer_has_a_day_to_answer(office: Office) -> None:
    """The guide does not say it; today's platform gives 24 hours, and tells when they are over."""
    office.ask()
    office.world.clock.turn(hours=24)
    assert check(office) == "consent_expired"


def test_who_does_not_want_it_is_not_called(office: Office) -> None:
    """The guide knows only those who allow it; today's platform tells who blocks calls, too."""
    for answer, code in (("DENY", "consent_refused"), ("USER_BLOCKED", "consent_blocked")):
        office.world.clock.turn(seconds=1)
        office.reply(answer)
        assert check(office) == code
