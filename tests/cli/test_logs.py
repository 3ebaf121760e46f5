"""Log lines of one record, on AWS; tests/e2e has those of the local stack."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ringpass_cli.aws import Aws
from ringpass_cli.errors import CliError, ExitCode
from ringpass_cli.log_lines import find_lines

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


def _expect_query(logs: Stubber, names: list[str]) -> None:
    groups = [{"logGroupName": f"{PREFIX}{name}"} for name in names]
    logs.add_response("describe_log_groups", {"logGroups": groups}, {"logGroupNamePrefix": PREFIX})
    query = {
        "logGroupNames": [group["logGroupName"] for group in groups],
        "startTime": int(SINCE.timestamp()),
        "endTime": ANY,
        "queryString": (
            "fields @timestamp, @log, @message | filter @message like /ver_1|6906a\\.1/"
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
