"""Zalo's guide of its call feature, rule by rule: switching it on, hours, replies and agents.

The guide says of itself that it is not up to date. Where today's platform, or an API in place of
Zalo's interface, makes a difference, the test says which and why.
"""

import json
from datetime import datetime

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.errors import AgentsFull, ValidationFailed
from ringpass.http.actor import Actor
from ringpass.oa.access import OaAccess
from ringpass.oa.desk.agents import AgentAction, AgentRole
from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings
from ringpass.oa.desk.service import DeskService
from ringpass.oa.desk.settings import OaSettings
from ringpass.oa.desk.store import DeskRepository
from ringpass.oa.desk.views import added_response, agents_response
from tests.world import Clock

OA = "2867735993958514567"
ADMINISTRATOR = Actor("shop", "k1")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OFFICE = {"start": "08:00", "end": "17:30"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(table: Table, clock: Clock) -> DeskService:
    return DeskService(OaAccess(OA, "shop"), DeskRepository(table), clock)


def put(desk: DeskService, **fields: object) -> OaSettings:
    ready = {"enabled": True, "verified_enterprise": True, "hours": dict.fromkeys(WEEK, OFFICE)}
    command = ReplaceOaSettings.from_json(json.dumps(ready | fields).encode())
    return desk.replace(OA, ADMINISTRATOR, command)


def add(desk: DeskService, agent_id: str, role: str = "customer_care") -> None:
    fields = {"agent_id": agent_id, "name": f"Agent {agent_id}", "role": role}
    desk.add_agent(OA, ADMINISTRATOR, AddAgent.from_json(json.dumps(fields).encode()))


def checks(settings: OaSettings, at: str) -> dict[str, str]:
    """What does not hold at a time in Vietnam, and what is said of it."""
    blockers = settings.list_blockers(datetime.fromisoformat(f"{at}+07:00"))
    return {check.code: check.detail for check in blockers}


def test_step_1_an_administrator_switches_the_call_feature_on(desk: DeskService) -> None:
    off = put(desk, enabled=False)
    assert list(checks(off, "2026-11-23T10:00")) == ["feature_off"]
    assert checks(put(desk, enabled=True), "2026-11-23T10:00") == {}


def test_step_2_a_time_for_calls_is_chosen_for_each_day_with_start_and_end(
    desk: DeskService,
) -> None:
    """Zalo has no API for it: what is set here is held here, whatever Zalo's interface has."""
    hours = {
        day: {"start": f"{7 + place:02}:00", "end": f"{12 + place:02}:00"}
        for place, day in enumerate(WEEK)
    }
    settings = put(desk, hours=hours)
    for place in range(7):
        day = f"2026-11-{23 + place}"
        assert "outside_hours" in checks(settings, f"{day}T{6 + place:02}:59:59")
        assert checks(settings, f"{day}T{7 + place:02}:00:00") == {}
        assert checks(settings, f"{day}T{11 + place:02}:59:59") == {}
        assert "outside_hours" in checks(settings, f"{day}T{12 + place:02}:00:00")


def test_step_2_the_time_holds_for_making_calls_and_for_taking_them(desk: DeskService) -> None:
    """One span for both: what ``faults`` says of a call, ``is_open`` says of a customer's."""
    settings = put(desk)
    for at in ("2026-11-23T10:00:00", "2026-11-23T20:00:00"):
        is_open = settings.hours.is_open(datetime.fromisoformat(f"{at}+07:00"))
        assert is_open is ("outside_hours" not in checks(settings, at))


def test_step_3_there_is_a_reply_for_other_hours_and_one_for_a_busy_desk(desk: DeskService) -> None:
    settings = put(desk, replies={"out_of_hours": "Mở cửa lúc {opens_at}", "busy": "Đang bận"})
    assert {str(reply) for reply in settings.replies} == {"out_of_hours", "busy"}


def test_step_3_a_reply_is_seen_before_it_is_applied(desk: DeskService) -> None:
    """The guide lets one listen to a sample (Mẫu nghe thử), and apply the announcement then.

    Over the API an OA cannot speak: it answers with a text message, so the sample is its text.
    """
    put(desk)
    fields = {
        "reply": "out_of_hours",
        "text": "Mở cửa lúc {opens_at}",
        "at": "2026-11-23T20:00:00+07:00",
    }
    command = PreviewReply.from_json(json.dumps(fields).encode())
    assert desk.preview(OA, ADMINISTRATOR, command).text == "Mở cửa lúc 08:00 24/11/2026"
    assert desk.settings(OA, ADMINISTRATOR).replies == {}, "nothing was applied by looking at it"


def test_step_4_there_are_at_most_five_agents(desk: DeskService) -> None:
    for number in range(5):
        add(desk, f"90{number}")
    with pytest.raises(AgentsFull):
        add(desk, "905")
    assert len(desk.agents(OA, ADMINISTRATOR).agents) == 5


def test_step_4_an_agent_is_of_customer_care_or_an_administrator(desk: DeskService) -> None:
    """``Chăm sóc khách hàng`` and ``Quản trị viên``."""
    add(desk, "901", "customer_care")
    add(desk, "902", "administrator")
    roles = [agent.role for agent in desk.agents(OA, ADMINISTRATOR).agents]
    assert roles == [AgentRole.CUSTOMER_CARE, AgentRole.ADMINISTRATOR]
    with pytest.raises(ValidationFailed):
        add(desk, "903", "owner")


def test_step_4_the_history_has_who_was_added_and_removed(desk: DeskService, clock: Clock) -> None:
    add(desk, "901")
    clock.turn(hours=1)
    desk.remove_agent(OA, Actor("shop", "k2"), "901")
    changes = desk.history(OA, ADMINISTRATOR, {}).items
    assert [
        (change.action, change.agent.id, change.at, change.actor.key_id) for change in changes
    ] == [
        (AgentAction.REMOVED, "901", "2026-11-21T09:30:00.000Z", "k2"),
        (AgentAction.ADDED, "901", "2026-11-21T08:30:00.000Z", "k1"),
    ]


def test_an_agent_needs_the_newest_version_of_zalo(desk: DeskService) -> None:
    """The guide says it twice; here it is said when an agent is added, and with the list.

    Which version an agent has, no API tells: so it is a note, and nothing that is checked.
    """
    add(desk, "901")
    agents = desk.agents(OA, ADMINISTRATOR)
    for answer in (added_response(agents.agents[0]), agents_response(agents)):
        assert "newest version of Zalo" in answer.body["note"]


def test_the_feature_is_for_verified_oas_of_businesses(desk: DeskService) -> None:
    """No API tells whether an OA is verified: the settings say it."""
    settings = put(desk, verified_enterprise=False)
    assert list(checks(settings, "2026-11-23T10:00")) == ["oa_not_verified"]


def test_an_oa_that_is_locked_sends_a_signed_undertaking_to_zalo(desk: DeskService) -> None:
    settings = put(desk, suspended={"reason": "complaints", "since": "2026-11-01T00:00:00Z"})
    texts = checks(settings, "2026-11-23T10:00")
    assert list(texts) == ["oa_suspended"]
    assert "undertaking" in texts["oa_suspended"]
    assert "bản cam kết" in texts["oa_suspended"]
    assert "oa@zalo.me" in texts["oa_suspended"]
