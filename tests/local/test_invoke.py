"""`make invoke`: names of functions and events, and how an answer is shown."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.__main__ import main
from local.failures import LocalStackError
from local.invoke import cases, find_event, functions, lines_of, log_lines, stack_in_use
from local.paths import ROOT
from local.stack import Stack


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two functions, one of which has events."""
    for function in ("send_zns", "health"):
        (tmp_path / "functions" / function).mkdir(parents=True)
        (tmp_path / "functions" / function / "app.py").touch()
    (tmp_path / "functions" / "__pycache__").mkdir()
    events = tmp_path / "events" / "send_zns"
    events.mkdir(parents=True)
    for case in ("post", "direct"):
        (events / f"{case}.json").write_text("{}")
    return tmp_path


def shown(answer: Any, *, failed: bool = False) -> str:  # noqa: ANN401
    return "\n".join(lines_of(answer, failed=failed))


def test_functions_and_cases_are_folders_and_files(root: Path) -> None:
    assert functions(root) == ["health", "send_zns"]
    assert cases("send_zns", root) == ["direct", "post"]


def test_every_function_has_an_event() -> None:
    assert {folder.name for folder in (ROOT / "events").iterdir()} == set(functions())
    assert all(cases(function) for function in functions())


@pytest.mark.parametrize("event", ["post", "post.json", "events/send_zns/post.json"])
def test_an_event_is_a_case_or_a_file_of_the_repository(root: Path, event: str) -> None:
    assert find_event("send_zns", event, root) == root / "events" / "send_zns" / "post.json"


def test_an_event_may_be_any_other_file(root: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text('{"Records": []}')
    assert find_event("health", str(mine), root) == mine


@pytest.mark.parametrize(
    ("function", "event", "message"),
    [
        ("", "", "FUNCTION is missing: make invoke FUNCTION=<name> .*; functions are health, send"),
        ("send_sms", "post", "there is no function 'send_sms': functions are health, send_zns"),
        ("send_zns", "", "EVENT is missing: name a file, or one of send_zns's: direct, post"),
        ("send_zns", "put", "there is no event 'put': name a file, or one of .*: direct, post"),
        ("send_zns", "events/send_zns", "there is no event 'events/send_zns': name a file"),
    ],
)
def test_what_is_wrong_is_told_with_the_choices(
    root: Path, function: str, event: str, message: str
) -> None:
    with pytest.raises(LocalStackError, match=message) as raised:
        find_event(function, event, root)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"{broken", b"\xff\xfe\xff", b""])
def test_a_file_that_is_no_json_is_refused(root: Path, content: bytes) -> None:
    (root / "events" / "send_zns" / "post.json").write_bytes(content)
    with pytest.raises(LocalStackError, match=r"post\.json is no event: "):
        find_event("send_zns", "post", root)


@pytest.mark.parametrize("content", [None, "{broken", "{}", "[]"])
def test_a_wrong_stack_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    path = tmp_path / "stack.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("RINGPASS_STACK", str(path))
    with pytest.raises(LocalStackError, match="is no stack's file: leave it out"):
        stack_in_use()


def _stack(outputs: dict[str, str]) -> Stack:
    return Stack(
        api_url="http://127.0.0.1:1",
        api_key="rp_a_b",
        admin_key="rp_c_d",
        sandbox_url="http://127.0.0.1:1",
        aws_endpoint_url="http://127.0.0.1:1",
        region="us-east-1",
        mcn_webhook_url="http://127.0.0.1:1",
        table="table",
        outputs=outputs,
    )


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({"HealthFunction": "health"}, "no local stack answers at .*: start one with `make up`"),
        ({}, "the running stack does not have health yet: run `make up`"),
    ],
)
def test_a_stack_that_does_not_do_is_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outputs: dict[str, str],
    message: str,
) -> None:
    path = tmp_path / "stack.json"
    _stack(outputs).write(path)
    monkeypatch.setenv("RINGPASS_STACK", str(path))
    assert main(["invoke", "--", "health", "get"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(f"error: {message}\n", err)


def test_an_http_answer_is_shown_as_http() -> None:
    body = json.dumps({"id": "dlv_1", "name": "Hà"})
    answer = {"statusCode": 202, "headers": {"Idempotent-Replayed": "true"}, "body": body}
    assert shown(answer) == (
        '202 Accepted\nIdempotent-Replayed: true\n\n{\n  "id": "dlv_1",\n  "name": "Hà"\n}'
    )


def test_a_body_that_is_no_json_or_is_encoded_or_missing() -> None:
    assert shown({"statusCode": 200, "body": "plain"}) == "200 OK\n\nplain"
    encoded = {"statusCode": 200, "body": "cGxhaW4=", "isBase64Encoded": True}
    assert shown(encoded) == "200 OK\n\nplain"
    assert shown({"statusCode": 799, "headers": None}) == "799"


@pytest.mark.parametrize("answer", [None, [], {"isAuthorized": False}, {"statusCode": "x"}])
def test_any_other_answer_is_shown_as_json(answer: object) -> None:
    assert shown(answer) == f"answered:\n\n{json.dumps(answer, indent=2)}"


def test_an_error_is_shown_by_its_name_and_its_problem() -> None:
    problem = json.dumps({"code": "validation_failed"})
    answer = {"errorType": "ValidationFailed", "errorMessage": problem}
    assert shown(answer, failed=True) == (
        'failed: ValidationFailed\n\n{\n  "code": "validation_failed"\n}'
    )
    assert shown({"errorMessage": "Task timed out"}, failed=True).endswith("\n\nTask timed out")
    assert shown("odd", failed=True) == 'failed:\n\n"odd"'


def test_log_lines_are_shown_as_make_logs_does() -> None:
    at = "2026-11-21T08:30:00.250+00:00"
    record = json.dumps({"timestamp": at, "level": "INFO", "message": "refused", "code": "x"})
    log = f"START RequestId: 1\n{record}\nTraceback:\n  File\n[1]\nEND RequestId: 1\n".encode()
    blank, title, first, *others = log_lines("send_zns", log)
    assert (blank, title) == ("", "log:")
    assert re.fullmatch(r"\d\d:\d\d:00\.250  send-zns +INFO +refused  code=x", first)
    assert others == ["Traceback:", "  File", "[1]"]


def test_a_function_that_logged_nothing_has_no_log() -> None:
    assert list(log_lines("health", b"")) == []
    assert list(log_lines("health", b"START RequestId: 1\nEND RequestId: 1\n")) == []


def test_a_log_that_was_cut_says_so() -> None:
    lines = list(log_lines("health", b"cut\n" * 1024))
    assert lines[2:4] == ["(what came before is in `make logs`)", "cut"]
