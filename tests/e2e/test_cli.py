"""The command line on the deployed local stack, after what the demo does."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from local.stack import Stack
from local.webhook_receiver import webhook_receiver
from ringpass_cli.errors import ExitCode
from tests.e2e.conftest import Api, Sandbox, until
from tests.e2e.secrecy import RECORD
from tests.template import ROOT

type Cli = Callable[..., subprocess.CompletedProcess[str]]

BUSY = "+70000000001"
DENIED = "+79160000400"


@pytest.fixture
def cli(stack: Stack, tmp_path: Path) -> Cli:
    """The command line as a program of its own, in a folder below that of a running stack."""
    (tmp_path / ".local").mkdir()
    stack.write(tmp_path / ".local" / "stack.json")
    folder = tmp_path / "below"
    folder.mkdir()
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    env |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "cli"), "NO_COLOR": "1"}

    def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-m", "ringpass_cli", *arguments],
            cwd=folder,
            env=env | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert "Traceback" not in result.stderr, result.stderr
        assert stack.admin_key not in result.stdout + result.stderr
        return result

    return run


def _document(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture
def verified(cli: Cli, sandbox: Sandbox) -> str:
    """A verification that ended well, by commands alone: its id."""
    started = _document(cli("verify", "start", "+70000000061", "--json"))
    verification_id = str(started["id"])
    code = until(
        lambda: sandbox.http.get(
            f"{sandbox.url}/_sandbox/code", params={"phone": "+70000000061"}
        ).json(),
        lambda body: "code" in body,
    )["code"]
    RECORD.codes.add(code)
    wrong = "0000" if code != "0000" else "0001"
    assert cli("verify", "check", verification_id, stdin=wrong).returncode == ExitCode.NEGATIVE
    right = cli("verify", "check", verification_id, stdin=code)
    assert (right.returncode, code in right.stdout) == (0, False)
    again = cli("verify", "check", verification_id, stdin=code)
    assert again.returncode == ExitCode.REFUSED
    assert "verification_ended" in again.stderr
    return verification_id


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["was started, with 1 step", "A code was entered", "entered the right code"]),
        ("vi", ["gồm 1 bước", "Một mã đã được nhập", "đã nhập đúng mã"]),
        ("ru", ["в ней 1 шаг.", "Код введён", "ввёл верный код"]),
    ],
)
def test_why_tells_the_story(cli: Cli, verified: str, lang: str, words: list[str]) -> None:
    story = cli("why", verified, "--lang", lang).stdout
    for word in words:
        assert word in story
    if lang != "en":
        # No sentence of the API's own: every word of it has a text.
        record = _document(cli("why", verified, "--json"))["verifications"][0]
        for line in record["history"]:
            assert line["text"] not in story


def test_why_tells_what_a_limit_refused(cli: Cli, admin: Api) -> None:
    settings = admin.get("/v1/settings").json()
    try:
        assert cli("trigger", "limit.refused").returncode == 0
        result = cli("why", DENIED, "--lang", "ru")
        assert "Отказ: звонок Password Call. Номер в списке запрещённых." in result.stdout
    finally:
        version = admin.get("/v1/settings").json()["version"]
        answer = admin.http.put(f"{admin.url}/v1/settings", json=settings | {"version": version})
        assert answer.status_code == 200, answer.text


def test_a_busy_line_by_its_number_and_its_logs(cli: Cli) -> None:
    sent = cli("send", "password-call", BUSY, "--wait", "--json")
    assert sent.returncode == ExitCode.NEGATIVE
    delivery = _document(sent)
    assert delivery["status"] == "busy"
    assert "The line was busy (q850_17)." in cli("why", BUSY, "--lang", "en").stdout
    listed = _document(cli("deliveries", "--phone", BUSY, "--status", "busy", "--json"))
    assert delivery["id"] in [one["id"] for one in listed["items"]]
    # The webhook's line names the provider's reference alone.
    lines = until(
        lambda: _document(cli("logs", delivery["id"], "--json"))["items"],
        lambda items: {"send-password-call", "receive-cdr"} <= {one["function"] for one in items},
    )
    assert [one["at"] for one in lines] == sorted(one["at"] for one in lines)
    readable = cli("logs", delivery["id"]).stdout
    assert re.search(r"send-password-call\s+INFO\s+provider asked .*mcn", readable)
    assert cli("logs", "dlv_" + "a" * 32).returncode == ExitCode.REFUSED


def test_the_logs_of_a_verification_are_those_of_all_its_functions(cli: Cli, verified: str) -> None:
    lines = until(
        lambda: _document(cli("logs", verified, "--json"))["items"],
        lambda items: (
            {"start-verification", "receive-cdr", "check-verification"}
            <= {one["function"] for one in items}
        ),
    )
    functions = [one["function"] for one in lines]
    assert functions.index("start-verification") < functions.index("check-verification")


def test_costs_as_csv(cli: Cli) -> None:
    sent = _document(cli("send", "password-call", "+79161230900", "--wait", "--json"))
    assert sent["status"] == "answered"
    arguments = ("costs", "--tz", "Asia/Ho_Chi_Minh", "--csv")
    text = until(lambda: cli(*arguments).stdout, lambda text: "mcn,password_call,RU,RUB" in text)
    rows = list(csv.DictReader(io.StringIO(text)))
    [row] = [row for row in rows if row["provider"] == "mcn" and row["country"] == "RU"]
    assert int(row["sends"]) >= 1
    # Months are those of the zone; a wrong one names its parameter.
    wrong = cli("costs", "--month", "2026-13", "--csv")
    assert wrong.returncode == ExitCode.REFUSED
    assert "month" in wrong.stderr


def test_the_doctor_sees_a_webhook_that_was_called(cli: Cli) -> None:
    cli("send", "password-call", BUSY, "--wait")
    findings = until(
        lambda: _document(cli("doctor", "--json"))["items"],
        lambda items: any(one["text"].startswith("mcn called its webhook last") for one in items),
    )
    checks = {one["check"] for one in findings}
    assert {"tools", "ports", "local stack", "api", "providers", "webhooks", "alarms"} <= checks
    for one in findings:
        assert (one["level"] in ("ok", "skipped")) or one["advice"], one


def test_settings_that_somebody_else_changed(cli: Cli, tmp_path: Path) -> None:
    settings = _document(cli("settings", "get", "--json"))
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    assert cli("settings", "diff", str(path)).returncode == 0
    changed = settings | {"attempts": 4}
    path.write_text(json.dumps(changed), encoding="utf-8")
    assert "+attempts: 4" in cli("settings", "diff", str(path)).stdout
    assert cli("settings", "set", str(path)).returncode == 0
    conflict = cli("settings", "set", str(path))
    assert conflict.returncode == ExitCode.REFUSED
    assert f"-version: {settings['version'] + 1}" in conflict.stdout
    back = settings | {"version": settings["version"] + 1}
    assert cli("settings", "set", "-", stdin=json.dumps(back)).returncode == 0


def test_a_scenario_from_its_file_to_its_activation(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    script = "name: cli\nhotline: '02471000000'\ngreeting: Xin chào\notp_id: OTP-5\n"
    path.write_text(script + "speed: 9\n", encoding="utf-8")
    refused = cli("scenarios", "edit", "--file", str(path))
    assert refused.returncode == ExitCode.REFUSED
    assert "speed: " in refused.stderr
    path.write_text(script, encoding="utf-8")
    scenario = _document(cli("scenarios", "edit", "--file", str(path), "--json"))
    assert scenario["status"] == "inactive"
    assert "cli" in cli("scenarios", "list").stdout
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "path.write_text(path.read_text('utf-8').replace('Xin chào', 'Chào'), 'utf-8')\n",
        encoding="utf-8",
    )
    edited = cli("scenarios", "edit", "cli", "--json", EDITOR=f"{sys.executable} {editor}")
    assert _document(edited)["greeting"] == "Chào"


def test_events_go_to_a_server_of_ones_own(cli: Cli) -> None:
    sent = _document(cli("send", "password-call", BUSY, "--wait", "--json"))
    with webhook_receiver() as receiver:
        arguments = ("--since", "2m", "--type", "delivery.settled", "--count", "1")
        result = cli("listen", "--forward-to", receiver.url, *arguments)
    assert result.returncode == 0, result.stderr
    [secret] = re.findall(r"Signing secret: (whsec_\S+)", result.stderr)
    [request] = receiver.received
    event = Webhook(secret).verify(request.body, dict(request.headers))
    assert event["type"] == "delivery.settled"
    tail = cli("events", "tail", "--once", "--since", "2m", "--subject", sent["id"], "--json")
    types = [one["type"] for one in _document(tail)["items"]]
    assert types == ["delivery.accepted", "delivery.settled"]


@pytest.mark.parametrize(
    "event_type",
    [
        "verification.started",
        "verification.approved",
        "verification.ended",
        "delivery.accepted",
        "delivery.unknown",
        "delivery.settled",
        "ping",
        "webhook_endpoint.disabled",
    ],
)
def test_an_event_is_made_to_happen(cli: Cli, event_type: str) -> None:
    result = cli("trigger", event_type, "--json")
    assert result.returncode == 0, result.stderr
    assert _document(result)["type"] == event_type


def test_a_secret_is_set_and_others_in_it_stay(cli: Cli, stack: Stack) -> None:
    manager = stack.client("secretsmanager")
    arn = stack.outputs["BizflySecretArn"]
    old = json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])
    value = "key-of-another-account"
    result = cli("secret", "set", "bizfly", "--field", "cli_key", stdin=f"{value}\n")
    assert result.returncode == 0, result.stderr
    assert value not in result.stdout + result.stderr
    new = json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])
    assert new == old | {"cli_key": value}
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps(old))
    for wrong in ("Bearer abcdefgh", '{"token": "abcdefgh"}', "short", "with a blank"):
        refused = cli("secret", "set", "mcn", stdin=f"{wrong}\n")
        assert refused.returncode == ExitCode.USAGE
        assert wrong not in refused.stderr


def test_a_provider_that_the_stack_does_not_have(cli: Cli) -> None:
    result = cli("secret", "set", "no_such_one", stdin="a-token-of-one\n")
    assert result.returncode == ExitCode.USAGE
    assert "NoSuchOneSecretArn" in result.stderr


def test_keys_are_made_and_revoked(cli: Cli) -> None:
    made = cli("keys", "create", "--scope", "read", "--label", "cli")
    assert made.returncode == 0
    key = made.stdout.strip()
    key_id = key.split("_")[1]
    assert key_id in cli("keys", "list").stdout
    assert key not in cli("keys", "list", "--json").stdout
    assert cli("keys", "revoke", key_id).returncode == 0
