"""Commands: exit codes, codes that nobody sees, documents that are edited."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from ringpass_cli.errors import ExitCode
from tests.cli.api_server import ApiServer, Reply, page, problem
from tests.cli.conftest import Cli
from tests.cli.test_api import DELIVERY

CODE: Final = "482915"
VERIFICATION: Final[dict[str, Any]] = {
    "id": "ver_1",
    "phone": "+84******371",
    "status": "pending",
    "step": 1,
    "channel": "zns",
    "workflow": [{"channel": "zns"}],
    "code_length": 6,
    "attempts_remaining": 5,
    "expires_at": "2026-11-22T00:17:13.961Z",
    "deliveries": [],
}
SETTINGS: Final[dict[str, Any]] = {"workflows": {}, "attempts": 5, "expires_in": None, "version": 3}
SCENARIO: Final[dict[str, Any]] = {
    "id": "scn_1",
    "name": "login",
    "status": "inactive",
    "greeting": "Xin chào",
    "speed": 1.0,
    "version": 2,
    "copy_of": None,
    "created_at": "2026-11-22T00:07:13.961Z",
    "updated_at": "2026-11-22T00:07:13.961Z",
    "activated_at": None,
    "deactivated_at": None,
}


def test_a_code_comes_by_stdin_and_is_never_written(cli: Cli, server: ApiServer) -> None:
    server.on("POST /v1/voice-otp", Reply(DELIVERY, 202))
    for arguments in ((), ("--json",)):
        result = cli("send", "voice-otp", "+84389801371", *arguments, stdin=f"{CODE}\n")
        assert result.exit_code == 0, result.output
        assert CODE not in result.output
        assert server.requests[-1].body == {"phone": "+84389801371", "otp": CODE}


def test_a_missing_code_is_wrong_usage(cli: Cli, server: ApiServer) -> None:
    result = cli("send", "voice-otp", "+84389801371")
    assert result.exit_code == ExitCode.USAGE
    assert server.requests == []


def test_no_command_takes_a_code_as_an_argument(cli: Cli, server: ApiServer) -> None:
    assert cli("verify", "check", "ver_1", CODE).exit_code == ExitCode.USAGE
    assert cli("send", "voice-otp", "+84389801371", "--otp", CODE).exit_code == ExitCode.USAGE
    assert server.requests == []


def test_a_message_with_its_parameters(cli: Cli, server: ApiServer) -> None:
    server.on("POST /v1/zns", Reply(DELIVERY, 202))
    arguments = ("--template", "366", "--param", "name=Lan=Anh", "--code-param", "otp")
    result = cli("send", "zns", "0389801371", "--region", "VN", *arguments, stdin=CODE)
    assert result.exit_code == 0, result.output
    assert server.requests[0].body == {
        "phone": "0389801371",
        "region": "VN",
        "template": 366,
        "params": {"name": "Lan=Anh", "otp": CODE},
    }


@pytest.mark.parametrize("param", ["name", "=Lan"])
def test_a_parameter_without_a_name_is_wrong_usage(cli: Cli, param: str) -> None:
    result = cli("send", "zns", "+84389801371", "--template", "a", "--param", param)
    assert result.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [("accepted", 0), ("unknown", 0), ("answered", 0), ("rejected", 1), ("busy", 1)],
)
def test_a_send_that_reached_nobody_is_exit_code_1(
    cli: Cli, server: ApiServer, status: str, exit_code: int
) -> None:
    server.on("POST /v1/password-calls", Reply(DELIVERY | {"status": status}, 202))
    assert cli("send", "password-call", "+79777777777").exit_code == exit_code


def test_wait_ends_with_the_result(
    cli: Cli, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringpass_cli.commands.sends._POLL_SECONDS", 0.0)
    server.on("POST /v1/password-calls", Reply(DELIVERY, 202))
    path = f"GET /v1/deliveries/{DELIVERY['id']}"
    server.on(path, Reply(DELIVERY), Reply(DELIVERY | {"status": "no_answer"}))
    result = cli("send", "password-call", "+79777777777", "--wait")
    assert result.exit_code == ExitCode.NEGATIVE
    assert "no_answer" in result.stdout


def test_the_steps_of_a_workflow(cli: Cli, server: ApiServer) -> None:
    server.on("POST /v1/verifications", Reply(VERIFICATION, 201))
    result = cli("verify", "start", "+84389801371", "--step", "zns:45", "--step", "voice_otp")
    assert result.exit_code == 0, result.output
    steps = [{"channel": "zns", "timeout_seconds": 45}, {"channel": "voice_otp"}]
    assert server.requests[0].body == {"phone": "+84389801371", "workflow": steps}
    for step in ("sms", "zns:soon", "zns:"):
        assert cli("verify", "start", "+84389801371", "--step", step).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("status", "exit_code"), [("approved", 0), ("pending", 1), ("max_attempts_reached", 1)]
)
def test_only_the_right_code_is_exit_code_0(
    cli: Cli, server: ApiServer, status: str, exit_code: int
) -> None:
    answer = {"id": "ver_1", "status": status, "attempts_remaining": 2}
    server.on("POST /v1/verifications/ver_1/check", Reply(answer))
    result = cli("verify", "check", "ver_1", stdin=CODE)
    assert result.exit_code == exit_code
    assert CODE not in result.output
    assert server.requests[0].body == {"code": CODE}


def test_a_new_key_is_alone_on_stdout(cli: Cli, server: ApiServer) -> None:
    key = {"id": "k1", "scopes": ["read"], "key": "rp_k1_secret"}
    server.on("POST /v1/keys", Reply(key, 201))
    result = cli("keys", "create", "--scope", "read", "--label", "reports")
    assert result.stdout == "rp_k1_secret\n"
    assert server.requests[0].body == {"scopes": ["read"], "label": "reports"}


def test_costs_as_csv_are_what_the_api_wrote(cli: Cli, server: ApiServer) -> None:
    text = "provider,currency\r\nmcn,RUB\r\n"
    server.on("GET /v1/costs", Reply(text))
    result = cli("costs", "--month", "2026-11", "--tz", "Asia/Ho_Chi_Minh", "--csv")
    assert result.stdout_bytes == text.encode()
    query = {"month": "2026-11", "tz": "Asia/Ho_Chi_Minh", "format": "csv"}
    assert server.requests[0].query == query
    assert cli("costs", "--csv", "--json").exit_code == ExitCode.USAGE
    assert cli("costs", "--month", "2026-11", "--from", "2026-11-01").exit_code == ExitCode.USAGE


def test_costs_name_what_has_no_price(cli: Cli, server: ApiServer) -> None:
    line: dict[str, Any] = {
        "provider": "bizfly",
        "channel": "voice_otp",
        "country": "VN",
        "currency": None,
    }
    line |= {"sends": 3, "estimated": "0", "settled": "0", "note": "no price"}
    unpriced = [{"provider": "bizfly", "channel": "voice_otp", "sends": 3}]
    answer: dict[str, Any] = {
        "start": "a",
        "end": "b",
        "tz": "UTC",
        "by": ["provider"],
        "lines": [line],
        "unpriced": unpriced,
    }
    server.on("GET /v1/costs", Reply(answer))
    result = cli("costs")
    assert "no price" in result.stdout
    assert "bizfly (voice_otp) has no price: 3 sends" in result.stderr


def test_a_difference_of_settings_is_exit_code_1(
    cli: Cli, server: ApiServer, tmp_path: Path
) -> None:
    server.on("GET /v1/settings", Reply(SETTINGS))
    path = tmp_path / "settings.yaml"
    path.write_text("attempts: 3\nworkflows: {}\nexpires_in: null\n", encoding="utf-8")
    result = cli("settings", "diff", str(path))
    assert result.exit_code == ExitCode.NEGATIVE
    assert "-attempts: 5\n+attempts: 3\n" in result.stdout
    assert "version" not in result.stdout.partition("@@")[2]
    path.write_text(json.dumps(SETTINGS), encoding="utf-8")
    result = cli("settings", "diff", str(path))
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_conflict_of_settings_is_shown_as_a_diff(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/settings", Reply(SETTINGS | {"version": 4, "attempts": 4}))
    document = problem(409, "settings_changed", "They have version 4.")
    server.on("PUT /v1/settings", Reply(document, 409))
    result = cli("settings", "set", "-", stdin=json.dumps(SETTINGS))
    assert result.exit_code == ExitCode.REFUSED
    assert "-attempts: 4\n+attempts: 5\n" in result.stdout
    assert "version 4 now" in result.stderr
    as_json = cli("settings", "set", "-", "--json", stdin=json.dumps(SETTINGS))
    assert json.loads(as_json.stdout) == document


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "line 1"),
        ("a: 1\nb: {\n", "line 3"),
        ("- a", "no object"),
        ("\x00", "settings"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_sentence(
    cli: Cli, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    result = cli("settings", "set", str(path))
    assert result.exit_code == ExitCode.USAGE
    assert message in result.stderr
    assert "Traceback" not in result.output


def _editor(folder: Path, *replacements: tuple[str, str]) -> str:
    """An editor that replaces one text each time, and keeps what it was shown."""
    script = folder / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        f"folder, replacements = pathlib.Path({str(folder)!r}), {replacements!r}\n"
        "shown = len(list(folder.glob('shown-*')))\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text('utf-8')\n"
        "(folder / f'shown-{shown}').write_text(text, 'utf-8')\n"
        "path.write_text(text.replace(*replacements[shown]), 'utf-8')\n",
        encoding="utf-8",
    )
    return f"{sys.executable} {script}"


def test_a_fault_stands_above_its_field_in_the_editor_again(
    cli: Cli, server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = {"loc": ["speed"], "type": "less_than_equal", "msg": "at most 2"}
    refusal = problem(422, "validation_failed", "Not valid.", errors=[fault])
    server.on("GET /v1/scenarios", page(SCENARIO))
    server.on("PUT /v1/scenarios/scn_1", Reply(refusal, 422), Reply(SCENARIO))
    editor = _editor(tmp_path, ("speed: 1.0", "speed: 9"), ("speed: 9", "speed: 2"))
    monkeypatch.setenv("EDITOR", editor)
    monkeypatch.delenv("VISUAL", raising=False)
    result = cli("scenarios", "edit", "login")
    assert result.exit_code == 0, result.output
    shown = (tmp_path / "shown-1").read_text("utf-8")
    assert "#! speed: at most 2 (less_than_equal)\nspeed: 9\n" in shown
    first, second = server.of("PUT")
    assert (first.body["speed"], second.body["speed"]) == (9, 2)
    assert second.body == {"name": "login", "greeting": "Xin chào", "speed": 2, "version": 2}


def test_a_document_that_is_no_yaml_is_edited_again(
    cli: Cli, server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("GET /v1/scenarios", page(SCENARIO))
    server.on("PUT /v1/scenarios/scn_1", Reply(SCENARIO))
    editor = _editor(tmp_path, ("speed: 1.0", "speed: [1"), ("speed: [1", "speed: 1"))
    monkeypatch.setenv("EDITOR", editor)
    monkeypatch.delenv("VISUAL", raising=False)
    assert cli("scenarios", "edit", "login").exit_code == 0
    assert (tmp_path / "shown-1").read_text("utf-8").startswith("#! the scenario: line ")


def test_a_new_scenario_is_registered_and_an_untouched_one_is_not(
    cli: Cli, server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("POST /v1/scenarios", Reply(SCENARIO, 201))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", _editor(tmp_path, ("name: login", "name: login"), ("login", "b")))
    assert "Nothing was changed" in cli("scenarios", "edit").stderr
    assert server.requests == []
    assert cli("scenarios", "edit").exit_code == 0
    assert server.requests[0].body["name"] == "b"


@pytest.mark.parametrize("editor", ["/no/such/editor", f"{sys.executable} -c exit(3)"])
def test_an_editor_that_fails_changes_nothing(
    cli: Cli, server: ApiServer, monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    assert cli("scenarios", "edit").exit_code == ExitCode.USAGE
    assert server.requests == []


def test_a_scenario_is_found_by_its_name(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/scenarios", page(SCENARIO))
    server.on("POST /v1/scenarios/scn_1/activate", Reply(SCENARIO | {"status": "active"}))
    assert "login (scn_1) is active." in cli("scenarios", "activate", "login").stdout
    assert cli("scenarios", "activate", "other").exit_code == ExitCode.USAGE
    server.on("POST /v1/scenarios/scn_1/deactivate", Reply(SCENARIO | {"status": "deactivated"}))
    assert "is deactivated." in cli("scenarios", "deactivate", "login").stdout


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (("--event", "evt_1", "--event", "evt_2"), {"event_ids": ["evt_1", "evt_2"]}),
        (("--subject", "ver_1"), {"subject": "ver_1"}),
        (
            ("--from", "2026-11-30T00:00:00Z", "--to", "2026-11-30T07:00:00+07:00"),
            {"from": "2026-11-30T00:00:00.000Z", "to": "2026-11-30T00:00:00.000Z"},
        ),
    ],
)
def test_events_are_sent_again(
    cli: Cli, server: ApiServer, arguments: tuple[str, ...], body: dict[str, Any]
) -> None:
    server.on("POST /v1/webhook-endpoints/whe_1/replay", Reply({"events": 2}, 202))
    assert "2 events" in cli("events", "replay", "whe_1", *arguments).stdout
    assert server.requests[0].body == body


@pytest.mark.parametrize("arguments", [(), ("--event", "evt_1", "--subject", "ver_1")])
def test_a_replay_needs_one_choice(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli("events", "replay", "whe_1", *arguments).exit_code == ExitCode.USAGE


def test_a_suspension_is_ended(cli: Cli, server: ApiServer) -> None:
    path = "DELETE /v1/providers/mcn/suspension"
    server.on(path, Reply({"name": "mcn", "status": "active"}))
    assert "mcn is active." in cli("providers", "--resume", "mcn").stdout
