"""Log lines of one record, on AWS; tests/e2e has those of the local stack."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ringpass_cli.aws import Aws
from ringpass_cli.errors import CliError, ExitCode
from ringpass_cli.log_lines import find_lines
from tests.cli.api_server import ApiServer, Reply
from tests.cli.conftest import KEY, Cli
from tests.cli.test_api import DELIVERY

SINCE: Final = datetime(2026, 11, 30, 8, tzinfo=UTC)
PREFIX: Final = "/aws/lambda/ringpass-"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("logs", region_name="ap-southeast-1")
    monkeypatch.setattr(Aws, "client", lambda _self, _service: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def _row(at: str, function: str, message: str) -> list[dict[str, str]]:
    group = f"123456789012:{PREFIX}{function}"
    fields = {"@timestamp": at, "@log": group, "@message": message, "@ptr": "x"}
    return [{"field": name, "value": value} for name, value in fields.items()]


def _expect_query(
    logs: Stubber, names: list[str], pattern: str = r"ver_1|6906a\.1", since: datetime = SINCE
) -> None:
    groups = [{"logGroupName": f"{PREFIX}{name}"} for name in names]
    logs.add_response("describe_log_groups", {"logGroups": groups}, {"logGroupNamePrefix": PREFIX})
    query = {
        "logGroupNames": [group["logGroupName"] for group in groups],
        "startTime": int(since.timestamp()),
        "endTime": ANY,
        "queryString": (
            f"fields @timestamp, @log, @message | filter @message like /{pattern}/"
            " | sort @timestamp asc | limit 10000"
        ),
    }
    logs.add_response("start_query", {"queryId": "q1"}, query)


def _answer(logs: Stubber, status: str, *rows: object) -> None:
    answer = {"status": status, "results": list(rows)}
    logs.add_response("get_query_results", answer, {"queryId": "q1"})


def test_lines_of_all_functions_in_their_order(
    logs: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringpass_cli.log_lines._POLL_SECONDS", 0.0)
    _expect_query(logs, ["advance", "receive-cdr"])
    _answer(logs, "Running")
    record = '{"level": "WARNING", "message": "cdr", "ref": "6906a.1", "service": "ringpass"}'
    _answer(
        logs,
        "Complete",
        _row("2026-11-30 08:00:02.000", "receive-cdr", record),
        _row("2026-11-30 08:00:01.500", "advance", "ver_1 in a text\n"),
        _row("2026-11-30 08:00:01.000", "advance", "START RequestId: 1 ver_1"),
    )
    lines = find_lines(Aws("ringpass", "ap-southeast-1"), ["ver_1", "6906a.1"], SINCE)
    assert [(line.function, line.text) for line in lines] == [
        ("advance", "ver_1 in a text"),
        ("receive-cdr", record),
    ]
    assert lines[1].readable().endswith("receive-cdr           WARNING  cdr  ref=6906a.1")
    assert lines[0].document() == {
        "at": "2026-11-30T08:00:01.500000+00:00",
        "function": "advance",
        "record": {"message": "ver_1 in a text"},
    }


def test_a_query_that_fails_is_one_sentence(logs: Stubber) -> None:
    _expect_query(logs, ["advance"])
    _answer(logs, "Failed")
    with pytest.raises(CliError, match="Failed") as error:
        find_lines(Aws("ringpass", "ap-southeast-1"), ["ver_1", "6906a.1"], SINCE)
    assert error.value.exit_code is ExitCode.UNREACHABLE


def test_a_refusal_of_aws_is_one_sentence(logs: Stubber) -> None:
    logs.add_client_error("describe_log_groups", "AccessDeniedException", "No.")
    with pytest.raises(CliError, match="AWS refused") as error:
        find_lines(Aws("ringpass", "ap-southeast-1"), ["ver_1"], SINCE)
    assert error.value.exit_code is ExitCode.REFUSED


def test_a_slash_in_a_reference_does_not_end_the_pattern(logs: Stubber) -> None:
    _expect_query(logs, ["advance"], r"ver_1|6906/a\.1".replace("/", r"\/"))
    _answer(logs, "Complete")
    assert find_lines(Aws("ringpass", "ap-southeast-1"), ["ver_1", "6906/a.1"], SINCE) == []


def test_a_short_reference_is_not_searched_for(cli: Cli, server: ApiServer, logs: Stubber) -> None:
    """It would stand in nearly every line."""
    delivery = DELIVERY | {"provider_ref": "1234567", "ticket_id": "12345678"}
    server.on(f"GET /v1/deliveries/{delivery['id']}", Reply(delivery))
    since = datetime.fromisoformat(delivery["created_at"]) - timedelta(minutes=1)
    _expect_query(logs, ["advance"], f"{delivery['id']}|12345678", since)
    _answer(logs, "Complete")
    result = cli("logs", delivery["id"], "--stack", "ringpass")
    assert result.exit_code == ExitCode.NEGATIVE, result.output


def test_nor_in_the_local_cloud(
    bare_cli: Cli, server: ApiServer, logs: Stubber, nowhere: Path
) -> None:
    stack = {"api_url": server.url, "api_key": KEY, "admin_key": KEY, "sandbox_url": server.url}
    stack |= {"aws_endpoint_url": server.url, "region": "us-east-1"}
    (nowhere / ".local").mkdir()
    text = json.dumps(stack | {"outputs": {}})
    (nowhere / ".local" / "stack.json").write_text(text, encoding="utf-8")
    delivery = DELIVERY | {"provider_ref": "1234567"}
    server.on(f"GET /v1/deliveries/{delivery['id']}", Reply(delivery))
    groups = {"logGroups": [{"logGroupName": "/aws/lambda/ringpass-local-advance"}]}
    logs.add_response("describe_log_groups", groups, {"logGroupNamePrefix": ANY})
    messages = (f"sent {delivery['id']}", "of another one: 91234567")
    events = [{"timestamp": 1, "message": message} for message in messages]
    logs.add_response(
        "filter_log_events", {"events": events}, {"logGroupName": ANY, "startTime": ANY}
    )
    result = bare_cli("logs", delivery["id"], "--json")
    assert result.exit_code == 0, result.output
    [line] = json.loads(result.stdout)["items"]
    assert line["record"] == {"message": messages[0]}
