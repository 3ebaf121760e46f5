"""The command that sets ceilings, and that they hold for what is read of a client's settings."""

import json
from typing import Any

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.ceilings.__main__ import main
from ringpass.clients.ceilings.model import Ceiling
from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clients.settings.store import ClientSettingsRepository

type Output = pytest.CaptureFixture[str]


def run(table: Table, output: Output, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    main([*arguments, "--table", table.name])
    printed = output.readouterr().out
    return None if printed == "none\n" else json.loads(printed)


def limits(**fields: object) -> str:
    return json.dumps({"limits": fields})


@pytest.mark.slow
def test_what_was_set_is_shown_and_holds(table: Table, capsys: Output) -> None:
    document = {
        "limits": {"daily_sends": 7, "daily_money": {"VND": "900"}, "phone": None},
        "bizfly_key_fields": ["api_key"],
        "scenario_slots": 1,
        "end_suspensions": False,
    }
    assert run(table, capsys, "set", "acme", json.dumps(document)) == document
    assert run(table, capsys, "show", "acme") == document
    settings = ClientSettingsRepository(table).get("acme")
    assert settings.limits.daily_sends == 7
    assert settings.limits.money_cap("VND") == 900
    assert settings.ceiling == Ceiling.from_document(document)
    assert CeilingRepository(table).get("acme") == settings.ceiling
    assert ClientSettingsRepository(table).get("acme2").limits.daily_sends == 10_000
    assert run(table, capsys, "remove", "acme") is None
    assert ClientSettingsRepository(table).get("acme").limits.daily_sends == 10_000
    assert CeilingRepository(table).get("acme") == Ceiling()


@pytest.mark.slow
def test_everyones_ceiling_holds_for_whoever_has_none(table: Table, capsys: Output) -> None:
    run(table, capsys, "set", "*", limits(daily_sends=7, phone={"cap": 2, "seconds": 600}))
    run(table, capsys, "set", "acme", limits(daily_sends=9))
    assert ClientSettingsRepository(table).get("other").limits.daily_sends == 7
    limits_of_acme = ClientSettingsRepository(table).get("acme").limits
    assert (limits_of_acme.daily_sends, limits_of_acme.phone and limits_of_acme.phone.cap) == (9, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("client", "document", "why"),
    [
        ("Acme", "{}", "a client's name"),
        ("acme", "{", "not JSON"),
        ("acme", "[]", "not a JSON object"),
        ("acme", '{"limits": {"daily_sends": 0}}', "limits.daily_sends"),
        ("acme", '{"slots": 1}', "only bizfly_key_fields"),
    ],
)
def test_what_cannot_be_set_changes_nothing(
    table: Table, capsys: Output, client: str, document: str, why: str
) -> None:
    run(table, capsys, "set", "acme", limits(daily_sends=7))
    with pytest.raises(SystemExit) as system_exit:
        run(table, capsys, "set", client, document)
    assert str(system_exit.value).startswith("Nothing was done: ")
    assert why in str(system_exit.value)
    assert run(table, capsys, "show", "acme") == {"limits": {"daily_sends": 7}}
