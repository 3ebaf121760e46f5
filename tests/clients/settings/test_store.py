"""Clients' settings in the table: two documents in one item, replaced one by one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ringpass.audit.store import AuditRepository
from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import ConditionsFailed
from ringpass.clients.settings.cause_table import Action, CauseRow
from ringpass.clients.settings.model import ClientSettings, StepChoice, ZnsDefaults
from ringpass.clients.settings.store import CURRENT, ClientSettingsRepository
from ringpass.clock import to_text
from ringpass.limits.settings import LimitSettings, PhoneList
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from tests.audit_log import an_entry

AT = to_text(datetime(2026, 11, 21, 8, 30, tzinfo=UTC))
SETTINGS = ClientSettings(
    workflows={"VN": (StepChoice(ChannelName.ZNS, 15, 7, None, "pin", {"a": ""}),), "*": ()},
    timeouts={"zns": 30},
    zns=ZnsDefaults(366),
    scenario="OTP-1",
    attempts=3,
    countries={"zns": frozenset({"VN"}), "password_call": frozenset()},
    limits=LimitSettings(phone=None, deny=PhoneList(frozenset({"0f" * 32}))),
)
ROWS = (CauseRow(Status.BUSY, "q850_17", Action.RETRY, 20, 2, why="Đợi một chút."),)


@pytest.fixture
def clients(table: Table) -> ClientSettingsRepository:
    return ClientSettingsRepository(table)


def test_who_has_set_nothing_has_the_defaults(clients: ClientSettingsRepository) -> None:
    assert clients.get("acme") == ClientSettings()


def stored(clients: ClientSettingsRepository, settings: ClientSettings) -> ClientSettings:
    """The settings without the cause table, as the next version."""
    version = clients.get("acme").version + 1
    clients.replace_settings("acme", replace(settings, version=version), AT, an_entry())
    return clients.get("acme")


def with_rows(clients: ClientSettingsRepository, *rows: CauseRow) -> ClientSettings:
    """The cause table, as the next version."""
    version = clients.get("acme").version + 1
    new = ClientSettings(cause_rows=rows, version=version)
    clients.replace_cause_rows("acme", new, AT, an_entry())
    return clients.get("acme")


def test_what_was_written_is_read(clients: ClientSettingsRepository) -> None:
    assert stored(clients, SETTINGS).to_item() == SETTINGS.to_item() | {"version": 1}


def test_clients_are_apart(clients: ClientSettingsRepository) -> None:
    stored(clients, SETTINGS)
    with_rows(clients, *ROWS)
    assert clients.get("acm") == clients.get("acme2") == ClientSettings()


def test_settings_are_replaced_whole_and_leave_the_cause_table_alone(
    clients: ClientSettingsRepository,
) -> None:
    with_rows(clients, *ROWS)
    stored(clients, SETTINGS)
    result = stored(clients, ClientSettings(attempts=4, cause_rows=()))
    assert result == ClientSettings(attempts=4, cause_rows=ROWS, version=3)


def test_the_cause_table_is_replaced_whole_and_leaves_settings_alone(
    clients: ClientSettingsRepository,
) -> None:
    stored(clients, ClientSettings(attempts=4))
    assert with_rows(clients, *ROWS).cause_rows == ROWS
    assert with_rows(clients) == ClientSettings(attempts=4, version=3)


def test_a_change_of_another_version_is_refused(
    clients: ClientSettingsRepository, table: Table
) -> None:
    stored(clients, SETTINGS)
    for version in (1, 3):
        new = ClientSettings(cause_rows=ROWS, version=version)
        for write in (clients.replace_settings, clients.replace_cause_rows):
            with pytest.raises(ConditionsFailed) as refusal:
                write("acme", new, AT, an_entry())
            assert CURRENT in refusal.value.items
    assert clients.get("acme").version == 1
    [entry] = AuditRepository(table).list_by_client("acme", "2", "3")
    assert entry.change.resource == "settings"


def test_the_item_says_what_it_is_and_never_ends(
    clients: ClientSettingsRepository, table: Table
) -> None:
    stored(clients, SETTINGS)
    item = table.get({"PK": "CLI#acme", "SK": "SETTINGS"})
    assert item is not None
    assert (item["entity"], item["updated_at"]) == ("client_settings", AT)
    assert "expires_at" not in item
