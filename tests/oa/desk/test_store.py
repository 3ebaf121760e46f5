"""Items of an OA's call desk: written only upon the version before, with a line each."""

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import ConditionsFailed
from ringpass.http.actor import Actor
from ringpass.oa.desk.agents import Agent, AgentAction, AgentChange, AgentRole, Agents
from ringpass.oa.desk.hours import Hours, Span, Weekday
from ringpass.oa.desk.reply_texts import Reply
from ringpass.oa.desk.settings import OaSettings, Suspension
from ringpass.oa.desk.store import CURRENT, DeskRepository
from tests.audit_log import an_entry

OA = "2867735993958514567"
NOW = "2026-11-21T08:30:00.000Z"
AUTHOR = Actor("shop", "k1")
SET = OaSettings(
    enabled=True,
    verified_enterprise=True,
    suspended=Suspension("too many complaints", NOW),
    hours=Hours("Europe/Moscow", {Weekday.FRIDAY: Span(480, 1440), Weekday.SUNDAY: Span(1320, 60)}),
    replies={Reply.OUT_OF_HOURS: "Từ {opens_at}"},
    version=1,
    updated_at=NOW,
    updated_by=AUTHOR,
)


def agent(number: int) -> Agent:
    return Agent(f"90{number}", f"Agent {number}", AgentRole.CUSTOMER_CARE, NOW, AUTHOR)


def added(agents: Agents, one: Agent) -> tuple[Agents, AgentChange]:
    new = agents.with_agent(one)
    return new, AgentChange(AgentAction.ADDED, one, new.version, NOW, AUTHOR)


@pytest.fixture
def desks(table: Table) -> DeskRepository:
    return DeskRepository(table)


def test_before_anything_was_set(desks: DeskRepository) -> None:
    assert desks.get_settings_and_agents(OA) == (OaSettings(), Agents())
    assert (desks.settings(OA), desks.agents(OA)) == (OaSettings(), Agents())
    assert not list(desks.versions(OA)) + list(desks.changes(OA))


def test_settings_come_back_as_they_were(desks: DeskRepository) -> None:
    desks.replace_settings(OA, SET, an_entry())
    assert desks.settings(OA) == SET
    assert list(desks.versions(OA)) == [SET]


def test_what_is_not_set_comes_back_too(desks: DeskRepository) -> None:
    least = OaSettings(suspended=Suspension("said on the phone"), version=1)
    desks.replace_settings(OA, least, an_entry())
    assert desks.settings(OA) == least


@pytest.mark.parametrize("version", [1, 3])
def test_settings_follow_upon_the_version_before(desks: DeskRepository, version: int) -> None:
    desks.replace_settings(OA, SET, an_entry())
    with pytest.raises(ConditionsFailed) as refusal:
        desks.replace_settings(OA, OaSettings(version=version), an_entry())
    assert CURRENT in refusal.value.items
    assert desks.settings(OA) == SET
    assert list(desks.versions(OA)) == [SET]


def test_versions_are_newest_first_and_go_on_before_a_number(desks: DeskRepository) -> None:
    for version in range(1, 13):
        desks.replace_settings(OA, OaSettings(version=version), an_entry())
    assert [one.version for one in desks.versions(OA)] == list(range(12, 0, -1))
    assert [one.version for one in desks.versions(OA, 3)] == [2, 1]


def test_of_two_who_add_upon_the_same_agents_one_is_refused(desks: DeskRepository) -> None:
    agents = desks.agents(OA)
    desks.change_agents(OA, *added(agents, agent(1)), an_entry())
    with pytest.raises(ConditionsFailed) as refusal:
        desks.change_agents(OA, *added(agents, agent(2)), an_entry())
    assert CURRENT in refusal.value.items
    assert desks.agents(OA) == Agents((agent(1),), 1)
    assert [change.agent for change in desks.changes(OA)] == [agent(1)]


def test_a_sixth_cannot_be_added_upon_four(desks: DeskRepository) -> None:
    """Whoever read four agents before a fifth came is refused, and looks again."""
    four = Agents()
    for number in range(4):
        four, change = added(four, agent(number))
        desks.change_agents(OA, four, change, an_entry())
    desks.change_agents(OA, *added(four, agent(5)), an_entry())
    with pytest.raises(ConditionsFailed) as refusal:
        desks.change_agents(OA, *added(four, agent(6)), an_entry())
    assert CURRENT in refusal.value.items
    assert desks.agents(OA).is_full
    assert len(desks.agents(OA).agents) == 5


def test_oas_are_kept_apart(desks: DeskRepository) -> None:
    desks.replace_settings(OA, SET, an_entry())
    desks.change_agents(OA, *added(Agents(), agent(1)), an_entry())
    assert desks.get_settings_and_agents("286773599395851456") == (OaSettings(), Agents())
    assert desks.get_settings_and_agents(OA) == (SET, Agents((agent(1),), 1))
