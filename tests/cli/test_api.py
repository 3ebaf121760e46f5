"""Requests to the API, and its errors as a person reads them."""

import json
import re
from typing import Any, Final

import pytest

from ringpass_cli.errors import ExitCode, advice_for
from tests.cli.api_server import ApiServer, Reply, page, problem
from tests.cli.conftest import KEY, Cli
from tests.template import ROOT

DELIVERY: Final[dict[str, Any]] = {
    "id": "dlv_nnqteqarmnbxylrzwdw425p4zhpmaioo",
    "channel": "password_call",
    "provider": "mcn",
    "phone": "+7*******777",
    "status": "accepted",
    "reason": None,
    "provider_ref": None,
    "cost": None,
    "test": False,
    "retry_of": None,
    "verification_id": None,
    "created_at": "2026-11-22T00:07:13.961Z",
    "history": [],
}
_CALL: Final = ("send", "password-call", "+79777777777")
_ROUTE: Final = "POST /v1/password-calls"


def test_a_post_without_an_answer_is_sent_again_with_its_key(cli: Cli, server: ApiServer) -> None:
    server.on(_ROUTE, Reply(status=0), Reply(DELIVERY, 202))
    result = cli(*_CALL)
    assert result.exit_code == 0, result.output
    first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body == {"phone": "+79777777777"}


def test_each_command_has_a_key_of_its_own_or_the_callers(cli: Cli, server: ApiServer) -> None:
    server.on(_ROUTE, Reply(DELIVERY, 202))
    for _ in range(2):
        cli(*_CALL)
    cli(*_CALL, "--idempotency-key", "login-1001")
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert keys[0] != keys[1]
    assert keys[2] == "login-1001"


def test_a_request_that_is_in_progress_is_waited_for(cli: Cli, server: ApiServer) -> None:
    busy = Reply(problem(409, "in_progress", "Still running."), 409, {"Retry-After": "0"})
    server.on(_ROUTE, busy, Reply(DELIVERY, 202))
    assert cli(*_CALL).exit_code == 0
    assert len(server.requests) == 2


def test_a_stack_that_is_away_is_exit_code_4(cli: Cli, server: ApiServer) -> None:
    server.on(_ROUTE, Reply(status=0))
    result = cli(*_CALL)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "does not answer" in result.stderr
    assert "Traceback" not in result.output


def test_a_refusal_shows_title_detail_field_and_what_to_do(cli: Cli, server: ApiServer) -> None:
    fault = {
        "loc": ["workflow", 0, "channel"],
        "type": "region_required",
        "msg": "a number without + needs its region, such as VN",
    }
    detail = "One or more fields of the request are not valid."
    document = problem(422, "validation_failed", detail, errors=[fault])
    server.on(_ROUTE, Reply(document, 422))
    result = cli(*_CALL)
    assert result.exit_code == ExitCode.REFUSED
    assert result.stdout == ""
    assert "Title of validation_failed (422 validation_failed)" in result.stderr
    assert detail in result.stderr
    assert "workflow[0].channel: a number without + needs its region" in result.stderr
    assert f"What to do: {advice_for(422, 'validation_failed')}" in result.stderr
    as_json = cli(*_CALL, "--json")
    assert json.loads(as_json.stdout) == document
    assert as_json.exit_code == ExitCode.REFUSED


def test_a_limit_shows_when_there_is_room(cli: Cli, server: ApiServer) -> None:
    document = problem(429, "limit_reached", "The limit is reached.", limit="phone")
    server.on(_ROUTE, Reply(document, 429, {"Retry-After": "431"}))
    assert "431 s" in cli(*_CALL).stderr


def test_a_failure_of_the_stack_is_not_a_refusal(cli: Cli, server: ApiServer) -> None:
    server.on(_ROUTE, Reply({"message": "Service Unavailable"}, 503))
    result = cli(*_CALL)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "Service Unavailable (503)" in result.stderr


def test_what_is_no_api_is_said_so(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/providers", Reply("<html>", headers={"Content-Type": "text/html"}))
    result = cli("providers")
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "is not the API" in result.stderr


def test_the_key_is_sent_and_never_written(cli: Cli, server: ApiServer) -> None:
    server.on(_ROUTE, Reply(DELIVERY, 202))
    for arguments in ((), ("--json",)):
        assert KEY not in cli(*_CALL, *arguments).output
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_list_is_read_page_after_page(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/deliveries", page(DELIVERY, next_cursor="c1"), page(), page(DELIVERY))
    server.replies["GET /v1/deliveries"][1] = page(next_cursor="c2")
    result = cli("deliveries", "--limit", "2", "--json")
    assert len(json.loads(result.stdout)["items"]) == 2
    assert [request.query.get("cursor") for request in server.requests] == [None, "c1", "c2"]
    assert [request.query["limit"] for request in server.requests] == ["2", "1", "1"]


@pytest.mark.parametrize(
    "code",
    sorted(
        set(
            re.findall(
                r"^\| `(\w+)` \| \d", (ROOT / "docs/errors.md").read_text("utf-8"), re.MULTILINE
            )
        )
    ),
)
def test_each_code_has_its_advice(code: str) -> None:
    assert advice_for(0, code), f"advice.yaml lacks {code}"


def test_codes_of_errors_are_found() -> None:
    assert advice_for(0, "no_such_code") == ""
    assert advice_for(504, "") != ""
