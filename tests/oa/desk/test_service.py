"""The call desk: settings without a lost change, agents with a history, replies before they go."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import ConditionsFailed, Put
from ringpass.clock import from_text
from ringpass.errors import (
    AgentExists,
    AgentsFull,
    NotFound,
    SettingsChanged,
    Unavailable,
    ValidationFailed,
)
from ringpass.http.actor import Actor
from ringpass.oa.access import OaAccess
from ringpass.oa.desk.agents import Agent, AgentAction, AgentChange, Agents
from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings
from ringpass.oa.desk.service import DeskService
from ringpass.oa.desk.settings import OaSettings
from ringpass.oa.desk.store import CURRENT, DeskRepository
from ringpass.oa.desk.views import agents_response, settings_response
from tests.world import Clock

OA = "2867735993958514567"
AUTHOR = Actor("shop", "k1")
OFFICE = {"start": "08:00", "end": "17:30"}
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE)
SET = {
    "enabled": True,
    "verified_enterprise": True,
    "hours": WEEK,
    "replies": {"out_of_hours": "Mở cửa lúc {opens_at}.", "busy": "Xin gọi lại sau."},
}


@pytest.fixture
def clock() -> Clock:
    """It is Saturday, 15:30 in Vietnam."""
    return Clock()


@pytest.fixture
def desk(table: Table, clock: Clock) -> DeskService:
    return DeskService(OaAccess(OA, "shop"), DeskRepository(table), clock)


def settings(**fields: object) -> ReplaceOaSettings:
    return ReplaceOaSettings.from_json(json.dumps(fields).encode())


def preview(**fields: object) -> PreviewReply:
    return PreviewReply.from_json(json.dumps(fields).encode())


def an_agent(agent_id: str = "901", **fields: object) -> AddAgent:
    body = {"agent_id": agent_id, "name": "Lan", "role": "customer_care"} | fields
    return AddAgent.from_json(json.dumps(body).encode())


def test_before_anything_was_set_the_desk_is_off(desk: DeskService) -> None:
    defaults = desk.settings(OA, AUTHOR)
    assert defaults == OaSettings()
    assert settings_response(defaults).body == {
        "enabled": False,
        "verified_enterprise": False,
        "suspended": None,
        "time_zone": "Asia/Ho_Chi_Minh",
        "hours": dict.fromkeys((*WEEK, "saturday", "sunday")),
        "replies": {"out_of_hours": None, "busy": None},
        "version": 0,
        "updated_at": None,
        "updated_by": None,
    }


def test_settings_are_replaced_as_a_whole(desk: DeskService, clock: Clock) -> None:
    desk.replace(OA, AUTHOR, settings(**SET))
    clock.turn(hours=1)
    result = desk.replace(OA, Actor("shop", "k2"), settings(enabled=True))
    assert result == replace(
        OaSettings(enabled=True),
        version=2,
        updated_at="2026-11-21T09:30:00.000Z",
        updated_by=Actor("shop", "k2"),
    )
    assert desk.settings(OA, AUTHOR) == result


def test_what_was_answered_can_be_sent_back(desk: DeskService) -> None:
    body = dict(settings_response(desk.replace(OA, AUTHOR, settings(**SET))).body)
    for name in ("updated_at", "updated_by"):
        del body[name]
    again = desk.replace(OA, AUTHOR, settings(**body))
    assert (again.hours, again.replies, again.version) == (
        desk.settings(OA, AUTHOR).hours,
        desk.settings(OA, AUTHOR).replies,
        2,
    )


@pytest.mark.parametrize("version", [0, 2])
def test_a_change_of_another_version_is_refused(desk: DeskService, version: int) -> None:
    result = desk.replace(OA, AUTHOR, settings(**SET, version=0))
    with pytest.raises(SettingsChanged):
        desk.replace(OA, AUTHOR, settings(version=version))
    assert desk.settings(OA, AUTHOR) == result


def test_versions_are_kept_with_who_and_when(desk: DeskService, clock: Clock) -> None:
    versions = []
    for number in range(5):
        versions.append(desk.replace(OA, Actor("shop", f"k{number}"), settings(enabled=True)))
        clock.turn(minutes=1)
    first = desk.versions(OA, AUTHOR, {"limit": "3"})
    assert list(first.items) == versions[:1:-1]
    second = desk.versions(OA, AUTHOR, {"limit": "3", "cursor": first.next_cursor or ""})
    assert list(second.items) == versions[1::-1]
    assert second.next_cursor is None


@pytest.mark.slow
@pytest.mark.parametrize("query", [{"limit": "0"}, {"cursor": "x"}, {"page": "2"}])
def test_a_list_with_a_wrong_parameter(desk: DeskService, query: dict[str, str]) -> None:
    for page in (desk.versions, desk.history):
        with pytest.raises(ValidationFailed):
            page(OA, AUTHOR, query)


@pytest.mark.parametrize(("oa_id", "client"), [(OA, "other"), ("286", "shop"), ("", "shop")])
def test_to_others_there_is_no_such_oa(desk: DeskService, oa_id: str, client: str) -> None:
    who = Actor(client, "k")
    attempts: list[Callable[[], object]] = [
        lambda: desk.settings(oa_id, who),
        lambda: desk.replace(oa_id, who, settings()),
        lambda: desk.versions(oa_id, who, {"limit": "wrong"}),
        lambda: desk.preview(oa_id, who, preview(reply="busy")),
        lambda: desk.agents(oa_id, who),
        lambda: desk.add_agent(oa_id, who, an_agent()),
        lambda: desk.remove_agent(oa_id, who, "901"),
        lambda: desk.history(oa_id, who, {"limit": "wrong"}),
    ]
    for ask in attempts:
        with pytest.raises(NotFound, match=r"There is no such OA\."):
            ask()


@pytest.mark.parametrize("access", [OaAccess("", ""), OaAccess("", "shop"), OaAccess(OA, "")])
def test_a_stack_without_an_oa_has_none_for_anybody(access: OaAccess) -> None:
    for client in ("shop", ""):
        with pytest.raises(NotFound):
            access.check(access.oa_id, client)


def test_an_agent_is_added_and_removed_and_the_history_says_it(
    desk: DeskService, clock: Clock
) -> None:
    lan = desk.add_agent(OA, AUTHOR, an_agent("901", name="Lan"))
    clock.turn(minutes=1)
    minh = desk.add_agent(OA, Actor("shop", "k2"), an_agent("902", role="administrator"))
    clock.turn(minutes=1)
    assert desk.remove_agent(OA, Actor("shop", "k3"), "901") == lan
    assert desk.agents(OA, AUTHOR) == Agents((minh,), 3)
    newest = desk.history(OA, AUTHOR, {"limit": "1"})
    assert newest.items == (
        AgentChange(AgentAction.REMOVED, lan, 3, "2026-11-21T08:32:00.000Z", Actor("shop", "k3")),
    )
    older = desk.history(OA, AUTHOR, {"cursor": newest.next_cursor or ""})
    assert [(change.action, change.agent) for change in older.items] == [
        (AgentAction.ADDED, minh),
        (AgentAction.ADDED, lan),
    ]


def test_nobody_is_added_twice(desk: DeskService) -> None:
    desk.add_agent(OA, AUTHOR, an_agent(name="Lan"))
    with pytest.raises(AgentExists):
        desk.add_agent(OA, AUTHOR, an_agent(name="Minh"))
    assert [agent.name for agent in desk.agents(OA, AUTHOR).agents] == ["Lan"]


def test_one_who_is_not_there_cannot_be_removed(desk: DeskService) -> None:
    with pytest.raises(NotFound, match=r"The OA has no such agent\."):
        desk.remove_agent(OA, AUTHOR, "901")


def test_a_place_is_free_again_after_one_was_removed(desk: DeskService) -> None:
    for number in range(5):
        desk.add_agent(OA, AUTHOR, an_agent(f"90{number}"))
    desk.remove_agent(OA, AUTHOR, "900")
    desk.add_agent(OA, AUTHOR, an_agent("909"))
    with pytest.raises(AgentsFull):
        desk.add_agent(OA, AUTHOR, an_agent("910"))


@dataclass(frozen=True, slots=True)
class BusyDesks(DeskRepository):
    """Before each write, another one is made: as if others were always faster."""

    faster: Callable[[], object]

    def replace_settings(self, oa_id: str, new: OaSettings, entry: Put) -> None:
        self.faster()
        DeskRepository.replace_settings(self, oa_id, new, entry)

    def change_agents(self, oa_id: str, new: Agents, change: AgentChange, entry: Put) -> None:
        self.faster()
        DeskRepository.change_agents(self, oa_id, new, change, entry)


@pytest.mark.slow
def test_who_loses_every_race_for_the_last_place_finds_it_taken(desk: DeskService) -> None:
    others = iter(range(100, 200))
    busy = BusyDesks(
        desk.desks.table, lambda: desk.add_agent(OA, AUTHOR, an_agent(str(next(others))))
    )
    with pytest.raises(AgentsFull):
        replace(desk, desks=busy).add_agent(OA, AUTHOR, an_agent("901"))
    assert len(desk.agents(OA, AUTHOR).agents) == 5
    assert len(desk.history(OA, AUTHOR, {}).items) == 5


@pytest.mark.slow
def test_settings_that_are_changed_all_the_time(desk: DeskService) -> None:
    busy = BusyDesks(desk.desks.table, lambda: desk.replace(OA, AUTHOR, settings()))
    with pytest.raises(Unavailable):
        replace(desk, desks=busy).replace(OA, AUTHOR, settings(enabled=True))
    assert not desk.settings(OA, AUTHOR).enabled


@pytest.mark.slow
def test_a_table_that_refuses_without_a_reason_is_no_success(desk: DeskService) -> None:
    def always_newer() -> None:
        raise ConditionsFailed({CURRENT: None})

    busy = BusyDesks(desk.desks.table, always_newer)
    with pytest.raises(Unavailable):
        replace(desk, desks=busy).add_agent(OA, AUTHOR, an_agent())
    assert desk.agents(OA, AUTHOR) == Agents()


def test_the_state_is_what_calls_are_checked_against(desk: DeskService) -> None:
    assert (desk.state().settings, desk.state().agents) == (OaSettings(), ())
    result = desk.replace(OA, AUTHOR, settings(**SET))
    lan = desk.add_agent(OA, AUTHOR, an_agent())
    assert (desk.state().settings, desk.state().agents) == (result, (lan,))


def test_the_agents_come_with_how_many_there_can_be(desk: DeskService) -> None:
    lan: Agent = desk.add_agent(OA, AUTHOR, an_agent())
    body = agents_response(desk.agents(OA, AUTHOR)).body
    assert body["most"] == 5
    assert "newest version of Zalo" in body["note"]
    assert [one["agent_id"] for one in body["items"]] == [lan.id]
    assert body["items"][0]["added_by"] == {"client": "shop", "key_id": "k1"}


# -------------------------------------------------------------------------------------- preview


def test_a_preview_is_what_a_customer_gets_now(desk: DeskService, clock: Clock) -> None:
    desk.replace(OA, AUTHOR, settings(**SET))
    result = desk.preview(OA, AUTHOR, preview(reply="out_of_hours"))
    assert (result.text, result.at) == ("Mở cửa lúc 08:00 23/11/2026.", clock.now)
    assert desk.preview(OA, AUTHOR, preview(reply="busy")).text == "Xin gọi lại sau."


def test_a_preview_within_the_hours_is_the_one_of_their_end(desk: DeskService) -> None:
    desk.replace(OA, AUTHOR, settings(**SET))
    at = "2026-11-23T10:00:00+07:00"
    result = desk.preview(OA, AUTHOR, preview(reply="out_of_hours", at=at))
    assert result.text == "Mở cửa lúc 08:00 24/11/2026."
    assert result.at - from_text(at) == timedelta(hours=7, minutes=30)


def test_a_text_can_be_tried_before_it_is_set(desk: DeskService) -> None:
    desk.replace(OA, AUTHOR, settings(**SET))
    result = desk.preview(OA, AUTHOR, preview(reply="out_of_hours", text="Hẹn {opens_at}!"))
    assert result.text == "Hẹn 08:00 23/11/2026!"
    assert desk.settings(OA, AUTHOR).version == 1


def test_without_a_text_there_is_nothing_to_show(desk: DeskService) -> None:
    assert desk.preview(OA, AUTHOR, preview(reply="busy")).text is None


def test_a_text_that_could_not_be_set_cannot_be_tried(desk: DeskService) -> None:
    desk.replace(OA, AUTHOR, settings(**SET))
    with pytest.raises(ValidationFailed) as refusal:
        desk.preview(OA, AUTHOR, preview(reply="busy", text="{opens_at}"))
    assert [error["type"] for error in refusal.value.errors] == ["placeholder_unknown"]
