"""What the doctor finds, and what it says to do."""

import json
import socket
from typing import Any, Final

import pytest

from ringpass_cli.errors import ExitCode
from tests.cli.api_server import ApiServer, Reply, page, problem
from tests.cli.conftest import Cli
from tests.template import ROOT

OA: Final = "2867735993958514567"
TEMPLATE: Final = {"name": "code", "approved": True, "quota": None, "oa_id": OA}
PROVIDER: Final = {
    "name": "mcn",
    "channel": "password_call",
    "status": "active",
    "reason": None,
    "suspended_until": None,
    "failures": 0,
    "webhook_seen_at": "2026-11-30T08:00:00.000Z",
}
DESK: Final = {"enabled": True, "verified_enterprise": True, "suspended": None}
ENDPOINT: Final = {"id": "whe_1", "url": "https://a.example", "status": "enabled"}
CHANGES: Final[dict[str, tuple[str, object, str, str, str]]] = {
    "suspended": (
        "/v1/providers",
        [PROVIDER | {"status": "suspended", "suspended_until": "soon", "reason": "http_500"}],
        "problem",
        "mcn is suspended until soon (http_500).",
        "ringpass providers --resume mcn",
    ),
    "no secret": (
        "/v1/providers",
        [PROVIDER | {"status": "not_configured"}],
        "note",
        "The secret of mcn was never set",
        "ringpass secret set mcn",
    ),
    "no webhook": (
        "/v1/providers",
        [PROVIDER | {"webhook_seen_at": None}],
        "problem",
        "mcn has never called its webhook",
        "Register it",
    ),
    "template": (
        "/v1/zns-templates",
        [TEMPLATE | {"approved": False}],
        "problem",
        "The ZNS template code is not approved",
        "zns-templates.md",
    ),
    "quota": (
        "/v1/zns-templates",
        [TEMPLATE | {"quota": {"used_up_until": "midnight"}}],
        "problem",
        "used up until midnight",
        "Zalo",
    ),
    "endpoint": (
        "/v1/webhook-endpoints",
        [ENDPOINT | {"status": "disabled", "disabled_reason": "gone"}],
        "problem",
        "whe_1 (https://a.example) is disabled: gone.",
        "enable",
    ),
    "no agents": (f"/v1/oa/{OA}/agents", [], "problem", "has no agents", "docs/oa-calls.md"),
    "no scenario": ("/v1/scenarios", [], "note", "No scenario is active", "scenarios edit"),
}


@pytest.fixture
def healthy(server: ApiServer) -> ApiServer:
    """A stack without any finding."""
    server.on("GET /v1/health", Reply({"status": "ok", "version": "0.1.0"}))
    server.on("GET /v1/settings", Reply({"zns": {"template": "code"}}))
    server.on("GET /v1/costs", Reply({"unpriced": []}))
    server.on(f"GET /v1/oa/{OA}/settings", Reply(DESK))
    for path, item in (
        ("/v1/providers", PROVIDER),
        ("/v1/zns-templates", TEMPLATE),
        ("/v1/scenarios", {"name": "login"}),
        ("/v1/webhook-endpoints", ENDPOINT),
        (f"/v1/oa/{OA}/agents", {"agent_id": "1"}),
        ("/v1/deliveries", {"provider": "mcn", "test": False}),
    ):
        server.on(f"GET {path}", page(item))
    return server


def _findings(cli: Cli, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    result = cli("doctor", "--json", *arguments)
    document = json.loads(result.stdout)
    assert document["problems"] == sum(one["level"] == "problem" for one in document["items"])
    return result.exit_code, document["items"]


@pytest.mark.usefixtures("healthy")
def test_a_healthy_stack_has_no_findings(cli: Cli) -> None:
    exit_code, items = _findings(cli, "--quiet")
    assert (exit_code, items) == (0, [])
    assert "No problems." in cli("doctor").stdout


@pytest.mark.parametrize("name", list(CHANGES))
def test_each_finding_says_what_to_do(cli: Cli, healthy: ApiServer, name: str) -> None:
    path, items, level, text, advice = CHANGES[name]
    assert isinstance(items, list)
    healthy.on(f"GET {path}", page(*items))
    exit_code, findings = _findings(cli, "--quiet")
    [finding] = findings
    assert finding["level"] == level
    assert text in finding["text"]
    assert advice in finding["advice"]
    assert exit_code == (ExitCode.NEGATIVE if level == "problem" else ExitCode.DONE)


def test_what_has_no_price_is_a_problem(cli: Cli, healthy: ApiServer) -> None:
    unpriced = [{"provider": "bizfly", "channel": "voice_otp", "sends": 3}]
    healthy.on("GET /v1/costs", Reply({"unpriced": unpriced}))
    _, [finding] = _findings(cli, "--quiet")
    assert "bizfly has no price: 3 sends" in finding["text"]
    assert "Prices" in finding["advice"]


@pytest.mark.parametrize("delivery", [{"provider": "mcn", "test": True}, {"provider": "other"}])
def test_a_webhook_before_the_first_send_is_a_note(
    cli: Cli, healthy: ApiServer, delivery: dict[str, object]
) -> None:
    healthy.on("GET /v1/providers", page(PROVIDER | {"webhook_seen_at": None}))
    healthy.on("GET /v1/deliveries", page({"test": False} | delivery))
    exit_code, [finding] = _findings(cli, "--quiet")
    assert (exit_code, finding["level"], finding["check"]) == (0, "note", "webhooks")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"enabled": False}, "Calls of the Official Account are off."),
        ({"verified_enterprise": False}, "not marked as verified"),
        ({"suspended": {"reason": "reported"}}, "has suspended calls"),
    ],
)
def test_the_call_desk(cli: Cli, healthy: ApiServer, change: dict[str, object], text: str) -> None:
    healthy.on(f"GET /v1/oa/{OA}/settings", Reply(DESK | change))
    _, [finding] = _findings(cli, "--quiet")
    assert text in finding["text"]


def test_another_clients_desk_and_a_weak_key_are_skipped(cli: Cli, healthy: ApiServer) -> None:
    healthy.on(f"GET /v1/oa/{OA}/settings", Reply(problem(404, "not_found", "None."), 404))
    healthy.on("GET /v1/webhook-endpoints", Reply(problem(403, "missing_scope", "admin"), 403))
    exit_code, items = _findings(cli)
    skipped = {one["check"] for one in items if one["level"] == "skipped"}
    assert exit_code == 0
    assert {"oa", "webhook endpoints", "aws"} <= skipped


def test_a_stack_that_is_away_is_one_problem(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/health", Reply(status=0))
    _, [finding] = _findings(cli, "--quiet")
    assert finding["check"] == "api"
    assert "does not answer" in finding["text"]


def test_without_a_stack_this_machine_is_looked_at(bare_cli: Cli) -> None:
    exit_code, items = _findings(bare_cli)
    assert exit_code == ExitCode.NEGATIVE
    assert [one["check"] for one in items] == ["tools", "boto3", "profiles", "stack", "ports"]


@pytest.mark.usefixtures("healthy")
def test_a_missing_tool(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("PYTHON", raising=False)
    _, items = _findings(cli, "--quiet")
    texts = [one["text"] for one in items]
    assert texts == ["git is missing.", "make is missing.", "python3.13 is missing."]


@pytest.mark.usefixtures("healthy")
def test_a_port_that_is_taken(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("RINGPASS_PORT", str(taken.getsockname()[1]))
        _, [finding] = _findings(cli, "--quiet")
        assert "Another program uses port" in finding["text"]
    assert _findings(cli, "--quiet") == (0, [])
    monkeypatch.setenv("RINGPASS_PORT", "80")
    _, [finding] = _findings(cli, "--quiet")
    assert finding["text"] == "RINGPASS_PORT is no port."
