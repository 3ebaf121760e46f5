"""Scenarios whatever is done with them, in any order: the slots and the entries stay true.

The real registry on a table in moto, used by two clients with two accounts. A function may be a
moment late: what it read is written only if it still holds.
"""

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from moto import mock_aws

from ringpass.aws.transaction import ConditionsFailed
from ringpass.clients.scenarios.model import MOST_ACTIVE, Scenario, ScenarioStatus
from ringpass.clients.scenarios.requests import CopyScenario
from ringpass.clients.scenarios.selection import Entry
from ringpass.clients.scenarios.store import SCENARIO
from ringpass.errors import (
    NameTaken,
    NotFound,
    ScenarioActive,
    ScenarioChanged,
    ScenarioDeactivated,
    ScenarioIncomplete,
    ScenarioNotActive,
    ScenarioSlotsTaken,
)
from tests.audit_log import actor, an_entry
from tests.clients.scenarios.test_service import change, wanted
from tests.moto_table import make_table
from tests.world import Clock, scenario_registry

CLIENTS = st.sampled_from(["acme", "other"])
ACCOUNTS = st.sampled_from(["api_key", "second_key"])
NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f"])
WHICH = st.integers(0, 7)
REFUSALS = (
    NameTaken,
    NotFound,
    ScenarioActive,
    ScenarioChanged,
    ScenarioDeactivated,
    ScenarioIncomplete,
    ScenarioNotActive,
    ScenarioSlotsTaken,
)
ALLOWED = {
    ("inactive", "inactive"),
    ("inactive", "active"),
    ("active", "active"),
    ("active", "deactivated"),
    ("deactivated", "deactivated"),
}


class Machine(RuleBasedStateMachine):
    """What is known of every scenario is what the registry answered last."""

    @initialize()
    def begin(self) -> None:
        self.cloud = mock_aws()
        self.cloud.start()
        self.clock = Clock()
        self.registry = scenario_registry(make_table(), self.clock)
        self.by_id: dict[str, Scenario] = {}

    def teardown(self) -> None:
        if hasattr(self, "cloud"):
            self.cloud.stop()

    def one_of(self, which: int) -> Scenario | None:
        scenarios = list(self.by_id.values())
        return scenarios[which % len(scenarios)] if scenarios else None

    def attempt(self, act: Callable[[], Scenario]) -> Scenario | None:
        """What was answered; None if it was refused, and then nothing may have changed."""
        self.clock.turn(seconds=1)
        try:
            scenario = act()
        except REFUSALS:
            return None
        before = self.by_id.get(scenario.id)
        if before is not None:
            assert (before.status, scenario.status) in ALLOWED
            if before.status != "inactive":
                assert scenario.script == before.script
        self.by_id[scenario.id] = scenario
        return scenario

    @rule(client=CLIENTS, name=NAMES, account=ACCOUNTS)
    def create(self, client: str, name: str, account: str) -> None:
        command = wanted(name=name, api_key=account, otp_id="OTP-2")
        self.attempt(lambda: self.registry.create(actor(client), command).value)

    @rule(which=WHICH, name=NAMES, account=ACCOUNTS, stale=st.booleans())
    def edit(self, which: int, name: str, account: str, stale: bool) -> None:
        if (one := self.one_of(which)) is not None:
            version = {"version": one.version + 1} if stale else {}
            command = change(name=name, api_key=account, otp_id="OTP-3", **version)
            outcome = self.attempt(
                lambda: self.registry.replace(actor(one.client), one.id, command)
            )
            assert outcome is None or not stale

    @rule(which=WHICH)
    def activate(self, which: int) -> None:
        if (one := self.one_of(which)) is not None:
            full = len(self.active(one.script.key_field)) == MOST_ACTIVE
            outcome = self.attempt(lambda: self.registry.activate(actor(one.client), one.id))
            if one.status == "inactive" and one.script.otp_id is not None:
                assert (outcome is None) == full
            else:
                assert (outcome is not None) == (one.status == "active")

    @rule(which=WHICH)
    def deactivate(self, which: int) -> None:
        if (one := self.one_of(which)) is not None:
            outcome = self.attempt(lambda: self.registry.deactivate(actor(one.client), one.id))
            assert (outcome is None) == (one.status == "inactive")

    @rule(which=WHICH, name=st.none() | NAMES)
    def copy(self, which: int, name: str | None) -> None:
        if (one := self.one_of(which)) is not None:
            command = CopyScenario(name=name)
            self.attempt(lambda: self.registry.copy(actor(one.client), one.id, command).value)

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        if (one := self.one_of(which)) is not None:
            deletion = self.attempt(lambda: self.registry.delete(actor(one.client), one.id))
            assert (deletion is None) == (one.status != "inactive")
            if deletion is not None:
                del self.by_id[deletion.id]

    @rule(which=WHICH, name=NAMES)
    def write_late(self, which: int, name: str) -> None:
        """A function writes what it made of an older version."""
        one = self.one_of(which)
        if one is None or one.version < 2:
            return
        old = Scenario.from_item({**one.to_item(), "version": one.version - 1})
        new = Scenario.from_item({**one.to_item(), "status": "active"})
        store = self.registry.scenarios
        for write in (store.activate, store.deactivate, store.edit):
            with pytest.raises(ConditionsFailed) as refusal:
                write(old, new, an_entry())
            assert SCENARIO in refusal.value.items

    def active(self, account: str) -> set[str]:
        return {
            one.id
            for one in self.by_id.values()
            if one.script.key_field == account and one.status is ScenarioStatus.ACTIVE
        }

    @invariant()
    def the_slots_are_those_of_the_active_ones(self) -> None:
        if hasattr(self, "registry"):
            for account in ("api_key", "second_key"):
                key = {"PK": f"SLT#{account}", "SK": "SLT"}
                item = self.registry.scenarios.table.get(key) or {}
                assert set(item.get("scenarios", ())) == self.active(account)
                assert len(self.active(account)) <= MOST_ACTIVE

    @invariant()
    def what_is_read_is_what_was_answered(self) -> None:
        if hasattr(self, "registry"):
            for client in ("acme", "other"):
                own = [one for one in self.by_id.values() if one.client == client]
                entries = {
                    Entry(one.script.name, one.status, one.script.otp_id, one.script.key_field)
                    for one in own
                }
                assert set(self.registry.scenarios.entries(client)) == entries
                assert len(entries) == len({entry.name for entry in entries}) == len(own)
                page = self.registry.page(client, {"limit": "100"}).items
                assert sorted(page, key=lambda one: one.id) == sorted(own, key=lambda one: one.id)


TestMachine = cast("Any", pytest.mark.slow(pytest.mark.filterwarnings("default")(Machine.TestCase)))
TestMachine.settings = settings(
    # A few in every run; `HYPOTHESIS_PROFILE=long` for many.
    max_examples=5 if settings.get_current_profile_name() == "gate" else 150,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
