"""Lines that a stack's functions have logged: found by ids, in the order of their time."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, Final

from ringpass_cli.aws import Aws, aws_errors
from ringpass_cli.errors import CliError, ExitCode

_PLATFORM: Final = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
_SHOWN_APART: Final = ("timestamp", "level", "message", "exception", "exception_name", "_aws")
_SAME_EVERYWHERE: Final = (
    *("service", "location", "sampling_rate", "xray_trace_id", "cold_start", "stack_trace"),
    *("function_name", "function_arn", "function_memory_size"),
)
_MOST_LINES: Final = 10_000
"""Of one query of Logs Insights."""
_MOST_GROUPS: Final = 50
_QUERY_SECONDS: Final = 120
_POLL_SECONDS: Final = 0.5
_DONE: Final = ("Complete", "Failed", "Cancelled", "Timeout", "Unknown")


@dataclass(frozen=True)
class LogLine:
    """A line.

    Attributes:
        at: When, in UTC.
        function: The function's name, such as ``receive-cdr``.
        record: Its fields, if it is structured.
        text: It as it was written.
    """

    at: datetime
    function: str
    record: Mapping[str, Any]
    text: str

    def document(self) -> dict[str, Any]:
        """The line as JSON."""
        record = self.record or {"message": self.text}
        return {"at": self.at.isoformat(), "function": self.function, "record": dict(record)}

    def readable(self) -> str:
        """The line for a person; a traceback stands below it."""
        head = f"{self.at.astimezone():%H:%M:%S.%f}"[:-3] + f"  {self.function:<20}"
        if not self.record:
            return f"{head}  {self.text}"
        fields = " ".join(
            f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            for name, value in self.record.items()
            if name not in (*_SHOWN_APART, *_SAME_EVERYWHERE)
        )
        line = f"{head}  {self.record.get('level', ''):<8} {self.record.get('message', '')}"
        exception = str(self.record.get("exception", ""))
        return "\n".join(
            [f"{line}  {fields}".rstrip(), *(f"    {e}" for e in exception.splitlines())]
        )


def find_lines(aws: Aws, ids: Sequence[str], since: datetime) -> list[LogLine]:
    """All lines that name one of the ids, oldest first.

    On AWS by CloudWatch Logs Insights, which bills the amount of logs that it reads. Lines come
    there some seconds after they were written.

    Raises:
        CliError: AWS refuses or does not answer.
    """
    logs = aws.client("logs")
    prefix = f"/aws/lambda/{aws.stack}-"
    with aws_errors():
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        if aws.endpoint_url is not None:
            events = _read_all(logs, groups, ids, since)
        else:
            events = _query(logs, groups, ids, since)
        lines = [
            LogLine(at, group.removeprefix(prefix), _record(text), text)
            for at, group, text in events
            if not text.startswith(_PLATFORM)
        ]
    return sorted(lines, key=lambda line: line.at)


type _Raw = tuple[datetime, str, str]


def _read_all(
    logs: Any,  # noqa: ANN401 - boto3 makes it
    groups: Sequence[str],
    ids: Sequence[str],
    since: datetime,
) -> Iterator[_Raw]:
    """The local cloud has no Logs Insights; its logs are short."""
    start = int(since.timestamp() * 1000)
    for group in groups:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=start
        )
        for page in pages:
            for event in page["events"]:
                if any(id_ in event["message"] for id_ in ids):
                    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    yield at, group, event["message"].rstrip("\n")


def _query(
    logs: Any,  # noqa: ANN401 - boto3 makes it
    groups: Sequence[str],
    ids: Sequence[str],
    since: datetime,
) -> Iterator[_Raw]:
    # The pattern stands between slashes, which re.escape leaves as they are.
    pattern = "|".join(re.escape(id_).replace("/", r"\/") for id_ in ids)
    for names in batched(groups, _MOST_GROUPS, strict=False):
        query = logs.start_query(
            logGroupNames=list(names),
            startTime=int(since.timestamp()),
            endTime=int((datetime.now(UTC) + timedelta(minutes=1)).timestamp()),
            queryString=(
                f"fields @timestamp, @log, @message | filter @message like /{pattern}/"
                f" | sort @timestamp asc | limit {_MOST_LINES}"
            ),
        )
        for row in _results(logs, query["queryId"]):
            fields = {cell["field"]: cell["value"] for cell in row}
            # The account's id stands before the group's name.
            group = fields["@log"].partition(":")[2] or fields["@log"]
            at = datetime.fromisoformat(fields["@timestamp"]).replace(tzinfo=UTC)
            yield at, group, fields["@message"].rstrip("\n")


def _results(logs: Any, query_id: str) -> list[list[dict[str, str]]]:  # noqa: ANN401
    deadline = time.monotonic() + _QUERY_SECONDS
    while True:
        answer = logs.get_query_results(queryId=query_id)
        if answer["status"] == "Complete":
            rows: list[list[dict[str, str]]] = answer["results"]
            return rows
        if answer["status"] in _DONE or time.monotonic() > deadline:
            raise CliError(
                f"CloudWatch Logs did not end the query: {answer['status']}",
                advice="Repeat the command.",
                exit_code=ExitCode.UNREACHABLE,
            )
        time.sleep(_POLL_SECONDS)


def _record(text: str) -> Mapping[str, Any]:
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
