"""Clients' settings in the table: two documents in one item, replaced one by one."""

from datetime import UTC, datetime

import pytest

from ringpass.aws.dynamodb import ConditionFailed, Table
from ringpass.clients.settings.cause_table import Action, CauseRow
from ringpass.clients.settings.model import ClientSettings, StepChoice, ZnsDefaults
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import to_text
from ringpass.limits.settings import LimitSettings, PhoneList
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

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


def test_what_was_written_is_read(clients: ClientSettingsRepository) -> None:
    result = clients.replace_settings("acme", SETTINGS, AT)
    assert result.version == 1
    assert clients.get("acme") == result
    assert result.to_item() == SETTINGS.to_item() | {"version": 1}


def test_clients_are_apart(clients: ClientSettingsRepository) -> None:
    clients.replace_settings("acme", SETTINGS, AT)
    clients.replace_cause_rows("acme", ROWS, AT)
    assert clients.get("acm") == clients.get("acme2") == ClientSettings()


def test_settings_are_replaced_whole_and_leave_the_cause_table_alone(
    clients: ClientSettingsRepository,
) -> None:
    clients.replace_cause_rows("acme", ROWS, AT)
    clients.replace_settings("acme", SETTINGS, AT)
    result = clients.replace_settings("acme", ClientSettings(attempts=4, cause_rows=()), AT)
    assert result == ClientSettings(attempts=4, cause_rows=ROWS, version=3)


def test_the_cause_table_is_replaced_whole_and_leaves_settings_alone(
    clients: ClientSettingsRepository,
) -> None:
    clients.replace_settings("acme", ClientSettings(attempts=4), AT)
    clients.replace_cause_rows("acme", ROWS, AT)
    assert clients.get("acme").cause_rows == ROWS
    assert clients.replace_cause_rows("acme", (), AT) == ClientSettings(attempts=4, version=3)


def test_a_change_of_another_version_is_refused(clients: ClientSettingsRepository) -> None:
    clients.replace_settings("acme", SETTINGS, AT, expected_version=0)
    for expected in (0, 2):
        with pytest.raises(ConditionFailed):
            clients.replace_settings("acme", ClientSettings(), AT, expected)
        with pytest.raises(ConditionFailed):
            clients.replace_cause_rows("acme", ROWS, AT, expected)
    assert clients.get("acme").version == 1
    assert clients.replace_cause_rows("acme", ROWS, AT, expected_version=1).version == 2


def test_the_item_says_what_it_is_and_never_ends(
    clients: ClientSettingsRepository, table: Table
) -> None:
    clients.replace_settings("acme", SETTINGS, AT)
    item = table.get({"PK": "CLI#acme", "SK": "SETTINGS"})
    assert item is not None
    assert (item["entity"], item["updated_at"]) == ("client_settings", AT)
    assert "expires_at" not in item
