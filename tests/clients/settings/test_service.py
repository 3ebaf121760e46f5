"""A client's settings: kept for a minute where they are needed, replaced without a lost change."""

import json
from dataclasses import replace

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clients.settings.edit import SettingsEditor
from ringpass.clients.settings.model import ClientSettings
from ringpass.clients.settings.requests import ReplaceCauseTable, ReplaceSettings
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clients.settings.views import cause_table_view, settings_view
from ringpass.clients.zns_templates.cache import TemplateCache
from ringpass.clients.zns_templates.requests import RegisterTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.errors import SettingsChanged, ValidationFailed
from ringpass.ids import list_key, phone_key
from tests.audit_log import actor
from tests.moto_table import moto_client
from tests.world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def preferences(table: Table, clock: Clock) -> ClientSettingsService:
    moto_client("secretsmanager").create_secret(
        Name="lookup", SecretString=json.dumps({"key": "k" * 64})
    )
    return ClientSettingsService(ClientSettingsRepository(table), clock)


def editor(preferences: ClientSettingsService) -> SettingsEditor:
    return SettingsEditor(preferences.clients, secrets(), preferences.clock)


def secrets() -> Secrets:
    return Secrets(moto_client("secretsmanager"), lambda name: name)


def settings(**fields: object) -> ReplaceSettings:
    return ReplaceSettings.from_json(json.dumps(fields).encode())


def rows(*entries: object, **fields: object) -> ReplaceCauseTable:
    return ReplaceCauseTable.from_json(json.dumps({"rows": entries, **fields}).encode())


def change(preferences: ClientSettingsService, command: ReplaceSettings) -> ClientSettings:
    return editor(preferences).replace_settings(actor("acme"), command, book(preferences))


def book(preferences: ClientSettingsService) -> TemplateCache:
    return TemplateCache(TemplateRepository(preferences.clients.table), preferences.clock)


def elsewhere(preferences: ClientSettingsService) -> ClientSettingsService:
    """Another function's."""
    return ClientSettingsService(preferences.clients, preferences.clock)


def test_another_function_knows_a_change_after_a_minute(
    preferences: ClientSettingsService, clock: Clock
) -> None:
    other = elsewhere(preferences)
    assert other.get("acme") == ClientSettings()
    change(preferences, settings(attempts=4))
    clock.turn(seconds=59)
    assert other.get("acme").attempts is None
    clock.turn(seconds=1)
    assert other.get("acme").attempts == 4


def test_who_asks_for_what_holds_now_gets_it(preferences: ClientSettingsService) -> None:
    other = elsewhere(preferences)
    assert other.get("acme") == ClientSettings()
    change(preferences, settings(attempts=4))
    assert other.current("acme").attempts == 4
    assert other.get("acme").attempts == 4


def test_clients_are_apart_in_the_cache_too(preferences: ClientSettingsService) -> None:
    change(preferences, settings(attempts=4))
    assert preferences.get("acme").attempts == 4
    assert preferences.get("other") == ClientSettings()


def test_a_cache_has_an_end(preferences: ClientSettingsService) -> None:
    for number in range(1_000):
        preferences._cache.put(f"client-{number}", ClientSettings(), preferences.clock())
    preferences.get("acme")
    assert len(preferences._cache._entries) == 1


def test_two_changes_of_one_version_cannot_both_be_made(preferences: ClientSettingsService) -> None:
    version = change(preferences, settings(attempts=4, version=0)).version
    change(preferences, settings(attempts=5, version=version))
    with pytest.raises(SettingsChanged):
        change(preferences, settings(attempts=6, version=version))
    with pytest.raises(SettingsChanged):
        editor(preferences).replace_cause_table(actor("acme"), rows(version=version))
    assert preferences.current("acme").attempts == 5


def test_a_refused_change_changes_nothing(preferences: ClientSettingsService) -> None:
    busy = {"outcome": "busy", "action": "stop"}
    with pytest.raises(ValidationFailed):
        editor(preferences).replace_cause_table(actor("acme"), rows(busy, busy))
    with pytest.raises(ValidationFailed):
        change(preferences, settings(limits={"pauses": [2, 1]}))
    assert preferences.current("acme") == ClientSettings()


# ------------------------------------------------------------------------------ operator's ceiling


def ceiling(preferences: ClientSettingsService, client: str = "acme", **limits: object) -> None:
    ceilings = CeilingRepository(preferences.clients.table)
    ceilings.put(client, {"limits": limits}, "2026-11-21T08:30:00.000Z")


def above_ceiling(preferences: ClientSettingsService, **limits: object) -> list[list[object]]:
    before = preferences.current("acme")
    with pytest.raises(ValidationFailed) as refusal:
        change(preferences, settings(limits=limits))
    assert {error["type"] for error in refusal.value.errors} == {"above_ceiling"}
    assert all("operator's ceiling" in error["msg"] for error in refusal.value.errors)
    assert preferences.current("acme") == before, "nothing was written"
    return [error["loc"] for error in refusal.value.errors]


def test_a_limit_above_the_operators_ceiling_is_refused(preferences: ClientSettingsService) -> None:
    ceiling(
        preferences,
        daily_sends=50,
        daily_money={"RUB": "70"},
        phone={"cap": 3, "seconds": 600},
        pauses=[60],
        fraud_budget={"country_least": 9},
    )
    assert above_ceiling(preferences, daily_sends=51) == [["limits", "daily_sends"]]
    assert above_ceiling(preferences, daily_sends=None) == [["limits", "daily_sends"]]
    assert above_ceiling(preferences, daily_money={}) == [["limits", "daily_money"]]
    assert above_ceiling(preferences, daily_money={"RUB": "69", "USD": "101"}) == [
        ["limits", "daily_money", "USD"]
    ]
    assert above_ceiling(preferences, phone={"cap": 3, "seconds": 599}) == [["limits", "phone"]]
    assert above_ceiling(preferences, pauses=None) == [["limits", "pauses"]]
    budget = {"mode": "record", "country_least": 10, "percent": 3}
    assert above_ceiling(preferences, fraud_budget=budget) == [
        ["limits", "fraud_budget", "mode"],
        ["limits", "fraud_budget", "country_least"],
    ]


def test_a_limit_within_the_ceiling_is_taken_and_a_default_is_capped(
    preferences: ClientSettingsService,
) -> None:
    ceiling(preferences, daily_sends=50, fraud_budget={"country_least": 9})
    result = change(preferences, settings(limits={"phone": None, "fraud_budget": {}}))
    assert (result.limits.daily_sends, result.limits.fraud_budget.country_least) == (50, 9)
    assert preferences.current("acme") == result
    body = json.loads(json.dumps(settings_view(result)))
    assert body["limits"]["daily_sends"] == 50
    assert change(preferences, settings(**body)) == replace(result, version=2)


def test_a_ceiling_holds_for_what_was_set_before_it(
    preferences: ClientSettingsService, clock: Clock
) -> None:
    change(preferences, settings(limits={"daily_sends": 900}))
    other = elsewhere(preferences)
    assert other.get("acme").limits.daily_sends == 900
    ceiling(preferences, client="*", daily_sends=50)
    clock.turn(seconds=60)
    assert other.get("acme").limits.daily_sends == 50
    cause_table = editor(preferences).replace_cause_table(actor("acme"), rows())
    assert cause_table.limits.daily_sends == 50


def test_numbers_in_lists_are_kept_and_shown_as_list_keys(
    preferences: ClientSettingsService, table: Table
) -> None:
    lists = {"deny": {"numbers": ["+84389801371"], "prefixes": ["+8490"]}}
    result = change(preferences, settings(limits=lists))
    look_up_key = phone_key(secrets().value("lookup", "key"), "+84389801371")
    key = list_key(look_up_key, "acme")
    assert result.limits.denies("+84389801371", key)
    assert settings_view(result)["limits"]["deny"] == {"numbers": [key], "prefixes": ["+8490"]}
    item = str(table.get({"PK": "CLI#acme", "SK": "SETTINGS"}))
    assert "389801371" not in item
    # It is neither what the number has in keys of the table, nor what it has in another's list.
    assert look_up_key not in item
    assert list_key(look_up_key, "other") != key


def test_a_change_of_the_lists_is_seen_at_once_by_who_asks_for_them_alone(
    preferences: ClientSettingsService,
) -> None:
    phone = "+84389801371"
    key = phone_key(secrets().value("lookup", "key"), phone)
    assert not preferences.denies("acme", phone, key)
    change(preferences, settings(limits={"deny": {"prefixes": ["+8438"]}}))
    assert preferences.denies("acme", phone, key)
    assert not preferences.denies("other", phone, key)
    lists = {"deny": {"prefixes": ["+8438"]}, "allow": {"numbers": [phone]}}
    change(preferences, settings(limits=lists))
    assert not preferences.denies("acme", phone, key)


EVERYTHING = {
    "workflows": {
        "VN": [
            {
                "channel": "zns",
                "timeout_seconds": 30,
                "template": 7,
                "code_param": "pin",
                "params": {"brand": "Shop"},
            },
            {"channel": "voice_otp", "scenario": "OTP-1"},
        ],
        "*": [{"channel": "password_call"}],
    },
    "timeouts": {"zns": 30},
    "zns": {"template": 366, "code_param": "otp", "params": {}},
    "scenario": "OTP-2",
    "providers": {"zns": ["zalo", "caresoft"]},
    "code_length": 6,
    "expires_in": 120,
    "attempts": 4,
    "countries": {"password_call": ["KZ", "RU"]},
    "limits": {
        "phone": None,
        "phone_all_clients": {"cap": 20, "seconds": 600},
        "prefix": {"cap": 20, "seconds": 60},
        "pauses": [1, 2],
        "pauses_reset_seconds": 60,
        "daily_sends": None,
        "daily_money": {"RUB": "99.50"},
        "verification_deliveries": 5,
        "deny": {"numbers": ["0f" * 32], "prefixes": []},
        "allow": {"numbers": [], "prefixes": ["+84389"]},
        "fraud_budget": {
            "mode": "record",
            "country_least": 1,
            "ip_least": 2,
            "percent": 3,
            "sends_least": 4,
            "own_codes": False,
            "hourly": {"mode": "enforce", "country_least": 5, "ip_least": 6, "percent": 7},
            "ip_countries": {"mode": "off", "cap": 8},
        },
    },
}


@pytest.mark.parametrize("fields", [{}, EVERYTHING])
def test_what_was_answered_can_be_sent_back(
    preferences: ClientSettingsService, fields: dict[str, object]
) -> None:
    first = change(preferences, settings(**fields))
    body = json.loads(json.dumps(settings_view(first)))
    if fields:
        assert body == fields | {"version": 1}
    again = change(preferences, settings(**body))
    assert again == replace(first, version=2)


def test_the_cause_table_is_shown_whole(preferences: ClientSettingsService) -> None:
    view = cause_table_view(preferences.current("acme"))
    assert view["version"] == 0
    assert not any(row["changed"] for row in view["items"])
    after = editor(preferences).replace_cause_table(
        actor("acme"),
        rows(
            {"outcome": "busy", "action": "retry", "after_seconds": 20, "why": "It frees itself."},
            {"outcome": "unreachable", "reason": "q850_20", "action": "stop"},
        ),
    )
    assert [row for row in cause_table_view(after)["items"] if row["changed"]] == [
        {
            "outcome": "busy",
            "reason": None,
            "action": "retry",
            "after_seconds": 20,
            "times": 1,
            "no_more_calls": False,
            "why": "It frees itself.",
            "changed": True,
        },
        {
            "outcome": "unreachable",
            "reason": "q850_20",
            "action": "stop",
            "after_seconds": 0,
            "times": 0,
            "no_more_calls": False,
            "why": "The client has set it so.",
            "changed": True,
        },
    ]
    back = editor(preferences).replace_cause_table(actor("acme"), rows())
    assert cause_table_view(back)["items"] == view["items"]


# --------------------------------------------------------------------------------------- templates


def register(preferences: ClientSettingsService, **fields: object) -> None:
    body = {"name": "login", "caresoft_id": 366, "params": [{"name": "otp", "source": "code"}]}
    command = RegisterTemplate.from_json(json.dumps(body | fields).encode())
    templates = TemplateRepository(preferences.clients.table)
    TemplateService("test", templates, preferences.clock).register(command, actor("acme"))


def refused(
    preferences: ClientSettingsService, **fields: object
) -> list[tuple[list[str | int], str]]:
    with pytest.raises(ValidationFailed) as refusal:
        change(preferences, settings(**fields))
    return [(error["loc"], error["type"]) for error in refusal.value.errors]


def naming(template: object) -> dict[str, object]:
    steps = [{"channel": "voice_otp"}, {"channel": "zns", "template": template}]
    return {"workflows": {"VN": steps}}


def test_a_registered_template_may_be_named(preferences: ClientSettingsService) -> None:
    register(preferences)
    result = change(preferences, settings(zns={"template": "login"}, **naming("login")))
    assert settings_view(result)["zns"] == {"template": "login", "params": {}}
    assert settings_view(result)["workflows"]["VN"][1] == {"channel": "zns", "template": "login"}
    assert preferences.current("acme") == result
    [_, step] = result.resolve(None, "VN")
    assert (step.template, step.code_param) == ("login", None)
    body = json.loads(json.dumps(settings_view(result)))
    assert change(preferences, settings(**body)) == replace(result, version=2)


def test_one_that_is_not_approved_yet_may_be_named(preferences: ClientSettingsService) -> None:
    register(preferences, approved=False)
    assert change(preferences, settings(zns={"template": "login"})).zns is not None


def test_a_template_that_is_not_registered_may_not(preferences: ClientSettingsService) -> None:
    assert refused(preferences, zns={"template": "login"}) == [
        (["zns", "template"], "template_unknown")
    ]
    assert refused(preferences, **naming("login")) == [
        (["workflows", "VN", 1, "template"], "template_unknown")
    ]
    assert preferences.current("acme") == ClientSettings()


def test_a_template_without_a_code_may_not(preferences: ClientSettingsService) -> None:
    register(preferences, params=[{"name": "otp"}])
    assert refused(preferences, zns={"template": "login"}) == [
        (["zns", "template"], "template_without_code")
    ]
    assert refused(preferences, **naming("login")) == [
        (["workflows", "VN", 1, "template"], "template_without_code")
    ]


def test_a_template_whose_messages_answer_tickets_may_not(
    preferences: ClientSettingsService,
) -> None:
    register(preferences, ticket="given")
    assert refused(preferences, zns={"template": "login"}) == [
        (["zns", "template"], "ticket_required")
    ]
