"""Every change of a client's configuration is in the audit log, and nothing else is."""

import json

import pytest

from ringpass.audit.store import AuditRepository
from ringpass.clients.api_keys.service import ApiKeyService
from ringpass.clients.api_keys.store import ApiKeyRepository
from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario
from ringpass.clients.settings.requests import ReplaceCauseTable, ReplaceSettings
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.errors import ApiError
from ringpass.limits.circuit import CircuitState, Failure
from ringpass.limits.circuit_store import CircuitRepository
from ringpass.limits.provider_health import ProviderHealth
from tests.audit_log import actor
from tests.clients.scenarios.test_requests import LEAST
from tests.clients.zns_templates.test_service import change as template_change
from tests.clients.zns_templates.test_service import registration
from tests.world import World, scenario_registry

ACME = actor("acme")


def entries(world: World) -> list[tuple[object, ...]]:
    """What is in the log, oldest first."""
    log = AuditRepository(world.table).list_by_client("acme", "2", "3")
    changes = [entry.change for entry in log if entry.key_id == "k1"]
    return [
        (one.resource, one.action, one.from_version, one.to_version, *one.fields)
        for one in reversed(changes)
    ]


def model[M](type_: type[M], **fields: object) -> M:
    made: M = type_.from_json(json.dumps(fields).encode())  # type: ignore[attr-defined]
    return made


def test_settings_and_cause_table(world: World) -> None:
    editor, templates = world.editor, world.parts.templates
    editor.replace_settings(ACME, model(ReplaceSettings, attempts=4), templates)
    world.clock.turn(seconds=1)
    limits = {"daily_sends": 9, "deny": {"numbers": ["+84389801371"]}}
    editor.replace_settings(ACME, model(ReplaceSettings, attempts=4, limits=limits), templates)
    world.clock.turn(seconds=1)
    rows = [{"outcome": "unreachable", "reason": "q850_20", "action": "stop"}]
    editor.replace_cause_table(ACME, model(ReplaceCauseTable, rows=rows))
    assert [entry[:5] for entry in entries(world)][:2] == [
        ("settings", "replaced", 0, 1, "attempts"),
        ("settings", "replaced", 1, 2, "limits.daily_sends"),
    ]
    assert "limits.deny" in entries(world)[1]
    assert entries(world)[2][:4] == ("cause_table", "replaced", 2, 3)
    assert "unreachable/q850_20.action" in entries(world)[2]
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    assert "389801371" not in str([one for one in items if one["PK"]["S"].startswith("AUD#")])


def test_a_refused_change_is_not_in_the_log(world: World) -> None:
    command = model(ReplaceSettings, attempts=4, version=7)
    with pytest.raises(ApiError):
        world.editor.replace_settings(ACME, command, world.parts.templates)
    assert entries(world) == []


def test_keys(world: World) -> None:
    keys = ApiKeyService("test", ApiKeyRepository(world.table), world.clock)
    first = keys.create(ACME, ["send"], None, "once").record
    keys.create(ACME, ["send"], None, "once")
    world.clock.turn(seconds=1)
    second = keys.rotate(ACME, first.id, 0).record
    world.clock.turn(seconds=1)
    for _ in range(2):
        keys.revoke(ACME, second.id)
    log = AuditRepository(world.table).list_by_client("acme", "2", "3")
    assert sorted((one.created_at, one.change.action, one.change.resource_id) for one in log) == [
        (first.created_at, "created", first.id),
        (second.created_at, "created", second.id),
        (second.created_at, "rotated", first.id),
        (keys.get_any(second.id).revoked_at, "revoked", second.id),
    ]


def test_the_operator_s_revocation_has_no_key(world: World) -> None:
    keys = ApiKeyService("test", ApiKeyRepository(world.table), world.clock)
    keys.revoke_any(keys.create(ACME, ["admin"]).record.id)
    log = AuditRepository(world.table).list_by_client("acme", "2", "3")
    assert {one.change.action: one.key_id for one in log} == {"created": "k1", "revoked": ""}


def test_scenarios(world: World) -> None:
    registry = scenario_registry(world.table, world.clock)

    def later() -> None:
        world.clock.turn(seconds=1)

    one = registry.create(ACME, model(CreateScenario, **LEAST)).value
    later()
    edited = LEAST | {"greeting": "Xin chào", "otp_id": "OTP-1"}
    registry.replace(ACME, one.id, model(ReplaceScenario, **edited))
    later()
    for _ in range(2):
        registry.activate(ACME, one.id)
    later()
    other = registry.copy(ACME, one.id, model(CopyScenario)).value
    later()
    registry.delete(ACME, other.id)
    later()
    for _ in range(2):
        registry.deactivate(ACME, one.id)
    assert [entry[:4] for entry in entries(world)] == [
        ("scenario", "created", None, 1),
        ("scenario", "replaced", 1, 2),
        ("scenario", "activated", 2, 3),
        ("scenario", "created", None, 1),
        ("scenario", "deleted", 1, None),
        ("scenario", "deactivated", 3, 4),
    ]
    assert {"script.greeting", "script.otp_id"} <= set(entries(world)[1])


def test_zns_templates(world: World) -> None:
    registry = TemplateService("test", TemplateRepository(world.table), world.clock)
    one = registry.register(registration(), ACME).value
    world.clock.turn(seconds=1)
    registry.replace(ACME, one.id, template_change(caresoft_id=77))
    world.clock.turn(seconds=1)
    registry.delete(ACME, one.id)
    assert entries(world) == [
        ("zns_template", "created", None, 1),
        ("zns_template", "replaced", 1, 2, "caresoft_id"),
        ("zns_template", "deleted", 2, None),
    ]


def test_a_suspension_that_is_ended_by_hand(world: World) -> None:
    circuits = CircuitRepository(world.table)
    health = ProviderHealth(
        channels={"mcn": "password_call"},
        circuits=circuits,
        may_end_suspensions=lambda _: True,
        is_configured=lambda _: True,
        webhook_seen_at=lambda _: None,
        clock=world.clock,
    )
    health.end_suspension("mcn", ACME)
    assert entries(world) == []
    failed = CircuitState(
        version=1,
        failures=(Failure(world.clock(), "acme", "0f" * 32),),
        reason="timeout",
        level=0,
        suspended_until=world.clock(),
        probe_until=None,
    )
    assert circuits.replace("mcn", circuits.get("mcn"), failed)
    health.end_suspension("mcn", ACME)
    assert entries(world) == [("provider", "resumed", None, None)]
    assert circuits.get("mcn").failures == ()
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    assert not [one for one in items if one["entity"]["S"] == "mark"]
