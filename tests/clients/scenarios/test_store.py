"""Scenarios in the table: unique names, two slots an account, and one state at a time."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.scenarios.model import MOST_ACTIVE, Repeat, Scenario, ScenarioStatus, Script
from ringpass.clients.scenarios.selection import Entry
from ringpass.clients.scenarios.store import SCENARIO, NameInUse, NoSlot, ScenarioRepository
from tests.audit_log import an_entry
from tests.transactions import refused_by

AT, LATER = "2026-11-21T08:30:00.000Z", "2026-11-21T08:31:00.000Z"
FULL = Script(
    name="Đăng nhập",
    description="Mã đăng nhập",
    hotline="02471000000",
    greeting="Xin chào quý khách.",
    voice="Nữ miền Bắc",
    speed=Decimal("1.25"),
    repeat=Repeat(3, 2, "Mã của quý khách là"),
    closing="Xin cảm ơn.",
    otp_id="OTP-975705",
    key_field="second_key",
)


def scenario(number: int = 1, client: str = "acme", **changes: object) -> Scenario:
    script = replace(FULL, **{"name": f"Script {number}", **changes})  # type: ignore[arg-type]
    return Scenario(
        id=f"scn_{number:032d}",
        client=client,
        script=script,
        created_at=f"2026-11-21T08:30:{number:02d}.000Z",
        updated_at=AT,
        fingerprint="f",
    )


@pytest.fixture
def scenarios(table: Table) -> ScenarioRepository:
    return ScenarioRepository(table)


def active(scenarios: ScenarioRepository, one: Scenario) -> Scenario:
    scenarios.add(one, an_entry())
    after = one.activated(LATER)
    scenarios.activate(one, after, an_entry())
    return after


@pytest.mark.parametrize("script", [FULL, Script(name="a", greeting="b", hotline_group="c")])
def test_what_was_written_is_read(scenarios: ScenarioRepository, script: Script) -> None:
    one = replace(scenario(), script=script, copy_of="scn_x")
    scenarios.add(one, an_entry())
    assert scenarios.get("acme", one.id) == one
    assert scenarios.get("acm", one.id) is None


def test_an_id_is_written_once(scenarios: ScenarioRepository) -> None:
    scenarios.add(scenario(), an_entry())
    with refused_by(SCENARIO) as refusal:
        scenarios.add(replace(scenario(), script=replace(FULL, name="Another")), an_entry())
    item = refusal.value.items[SCENARIO]
    assert item is not None
    assert Scenario.from_item(item) == scenario()
    assert [entry.name for entry in scenarios.entries("acme")] == ["Script 1"]


def test_a_name_is_one_scenario_s_of_a_client(scenarios: ScenarioRepository) -> None:
    scenarios.add(scenario(1), an_entry())
    with pytest.raises(NameInUse):
        scenarios.add(scenario(2, name="Script 1"), an_entry())
    scenarios.add(scenario(2, client="other", name="Script 1"), an_entry())
    scenarios.add(scenario(3), an_entry())
    with pytest.raises(NameInUse):
        scenarios.edit(scenario(3), scenario(3).edited(scenario(1).script, LATER), an_entry())
    assert scenarios.get("acme", scenario(3).id) == scenario(3)


def test_a_name_that_is_given_up_is_free(scenarios: ScenarioRepository) -> None:
    one = scenario(1)
    scenarios.add(one, an_entry())
    renamed = one.edited(replace(one.script, name="Another"), LATER)
    scenarios.edit(one, renamed, an_entry())
    scenarios.add(scenario(2, name="Script 1"), an_entry())
    scenarios.remove(renamed, an_entry())
    scenarios.add(scenario(3, name="Another"), an_entry())
    assert [entry.name for entry in scenarios.entries("acme")] == ["Another", "Script 1"]


def test_what_a_choice_needs_follows_every_change(scenarios: ScenarioRepository) -> None:
    one = scenario(1, otp_id=None)
    scenarios.add(one, an_entry())
    inactive = Entry("Script 1", ScenarioStatus.INACTIVE, None, "second_key")
    assert list(scenarios.entries("acme")) == [inactive]
    edited = one.edited(replace(one.script, otp_id="OTP-1", key_field="api_key"), LATER)
    scenarios.edit(one, edited, an_entry())
    entry = Entry("Script 1", ScenarioStatus.INACTIVE, "OTP-1", "api_key")
    assert list(scenarios.entries("acme")) == [entry]
    scenarios.activate(edited, edited.activated(LATER), an_entry())
    assert list(scenarios.entries("acme")) == [replace(entry, status=ScenarioStatus.ACTIVE)]
    scenarios.deactivate(
        edited.activated(LATER), edited.activated(LATER).deactivated(LATER), an_entry()
    )
    assert list(scenarios.entries("acme")) == [replace(entry, status=ScenarioStatus.DEACTIVATED)]
    assert list(scenarios.entries("acm")) == []


def test_an_account_has_so_many_active_ones_whoever_s_they_are(
    scenarios: ScenarioRepository,
) -> None:
    assert MOST_ACTIVE == 2
    first = active(scenarios, scenario(1))
    assert not scenarios.is_full("second_key")
    active(scenarios, scenario(2, client="other"))
    assert scenarios.is_full("second_key")
    third = scenario(3)
    with pytest.raises(NoSlot):
        active(scenarios, third)
    assert scenarios.get("acme", third.id) == third
    assert [entry.status for entry in scenarios.entries("acme")] == ["active", "inactive"]
    active(scenarios, scenario(4, key_field="another_key"))
    scenarios.deactivate(first, first.deactivated(LATER), an_entry())
    assert not scenarios.is_full("second_key")
    scenarios.activate(third, third.activated(LATER), an_entry())
    assert scenarios.is_full("second_key")


@pytest.mark.slow
def test_an_account_s_slots_can_all_be_freed_and_taken_again(scenarios: ScenarioRepository) -> None:
    for number in range(1, 6):
        one = active(scenarios, scenario(number))
        scenarios.deactivate(one, one.deactivated(LATER), an_entry())
    assert not scenarios.is_full("second_key")


def test_of_two_changes_of_one_version_one_is_made(scenarios: ScenarioRepository) -> None:
    one = scenario()
    scenarios.add(one, an_entry())
    scenarios.edit(one, one.edited(replace(one.script, closing=None), LATER), an_entry())
    with refused_by(SCENARIO):
        scenarios.edit(one, one.edited(replace(one.script, voice=None), LATER), an_entry())
    with refused_by(SCENARIO):
        scenarios.edit(one, one.edited(replace(one.script, name="Another"), LATER), an_entry())
    with refused_by(SCENARIO):
        scenarios.activate(one, one.activated(LATER), an_entry())
    with refused_by(SCENARIO):
        scenarios.remove(one, an_entry())
    assert not scenarios.is_full("second_key")
    assert [entry.name for entry in scenarios.entries("acme")] == ["Script 1"]


def test_an_active_one_takes_one_slot_however_often_it_is_activated(
    scenarios: ScenarioRepository,
) -> None:
    one = scenario()
    active(scenarios, one)
    with refused_by(SCENARIO):
        scenarios.activate(one, one.activated(LATER), an_entry())
    assert not scenarios.is_full("second_key")


def test_a_list_is_newest_first_and_one_s_own(scenarios: ScenarioRepository) -> None:
    for number in (2, 1, 3):
        scenarios.add(scenario(number), an_entry())
    scenarios.add(scenario(4, client="other"), an_entry())
    page = list(scenarios.for_client("acme"))
    assert [one.id[-1] for one in page] == ["3", "2", "1"]
    before = f"{page[0].created_at}#{page[0].id}"
    assert [one.id[-1] for one in scenarios.for_client("acme", before)] == ["2", "1"]
    scenarios.remove(page[0], an_entry())
    assert [one.id[-1] for one in scenarios.for_client("acme")] == ["2", "1"]


def test_the_items_say_what_they_are_and_never_end(
    scenarios: ScenarioRepository, table: Table
) -> None:
    active(scenarios, scenario())
    items = list(table.partition("SCN#acme", "A", "z"))
    slots = table.get({"PK": "SLT#second_key", "SK": "SLT"})
    assert slots is not None
    assert [one["entity"] for one in [*items, slots]] == ["scenario_name", "scenario", "slots"]
    assert not [one for one in [*items, slots] if "expires_at" in one]
