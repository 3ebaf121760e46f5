"""What the functions of a local stack have logged, merged and readable."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from local.deploy import client
from local.environment import STACK_NAME
from local.live_code import LOG_GROUP

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

_PREFIX = f"/aws/lambda/{STACK_NAME}-"
_PLATFORM = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
"""How lines begin that Lambda itself writes, about every invocation."""
_SHOWN_APART = ("timestamp", "level", "message", "exception", "exception_name", "stack_trace")
_SAME_EVERYWHERE = (
    *("service", "location", "sampling_rate", "xray_trace_id", "cold_start"),
    *("function_name", "function_arn", "function_memory_size", "function_request_id"),
)
_COLOURS = {"WARNING": "33", "ERROR": "31", "CRITICAL": "31"}


@dataclass(frozen=True)
class Line:
    """One event of a log group."""

    milliseconds: int
    """Since 1970."""
    function: str
    text: str
    number: str
    """Tells it from equal ones; the same each time it is read."""


def read_lines(endpoint_url: str, *, since: int = 0) -> list[Line]:
    """What all functions logged since then (milliseconds since 1970), oldest first."""
    logs: CloudWatchLogsClient = client("logs", endpoint_url)
    lines = []
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=_PREFIX):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            parts = logs.get_paginator("filter_log_events").paginate(
                logGroupName=name, startTime=since
            )
            # The local cloud gives events no id. Equal ones of a stream have the same time, so
            # they are read together or not at all: counting them tells them apart.
            counts: Counter[tuple[str, int, str]] = Counter()
            for part in parts:
                for event in part["events"]:
                    text = event["message"].rstrip("\n")
                    same = (event["logStreamName"], event["timestamp"], text)
                    number = f"{event['logStreamName']} {counts[same]}"
                    lines.append(Line(event["timestamp"], name.removeprefix(_PREFIX), text, number))
                    counts[same] += 1
    return sorted(lines, key=lambda line: line.milliseconds)


def readable(line: Line, *, colour: bool = False) -> str | None:
    """One record on one line (and a traceback below it); None for Lambda's own lines."""
    if not line.text.strip() or line.text.startswith(_PLATFORM):
        return None
    at = datetime.fromtimestamp(line.milliseconds / 1000, UTC).astimezone()
    head = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}  {line.function:<18}"
    record = _record(line.text)
    if record is None:
        return f"{head}  {line.text}"
    level = str(record.get("level", ""))
    fields = " ".join(
        f"{name}={_value(value)}"
        for name, value in record.items()
        if name not in (*_SHOWN_APART, *_SAME_EVERYWHERE)
    )
    label = f"{level:<8}"
    if colour and level in _COLOURS:
        label = f"\x1b[{_COLOURS[level]}m{label}\x1b[0m"
    message = _value(record.get("message", ""))
    text = f"{head}  {label} {message}" + (f"  {fields}" if fields else "")
    exception = str(record.get("exception", ""))
    return "\n".join([text, *(f"    {part}" for part in exception.splitlines())])


def _record(text: str) -> Mapping[str, Any] | None:
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def write_line(endpoint_url: str, level: str, message: str) -> None:
    """Add a line of the local stack itself to the logs."""
    logs: CloudWatchLogsClient = client("logs", endpoint_url)
    stream = f"{time.time_ns()}"
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=LOG_GROUP)
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
    record = json.dumps({"level": level, "message": message})
    event: InputLogEventTypeDef = {"timestamp": time.time_ns() // 1_000_000, "message": record}
    logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=[event])


def save_logs(endpoint_url: str, path: Path) -> None:
    """Write all that was logged to a file."""
    lines = [readable(line) for line in read_lines(endpoint_url)]
    text = "\n".join(line for line in lines if line is not None)
    path.write_text(f"{text}\n", encoding="utf-8")


def follow(endpoint_url: str, out: TextIO, *, keep_on: bool) -> None:
    """Write what was logged, and if it is to `keep_on`, what follows, until interrupted."""
    for text in _follow(endpoint_url, keep_on=keep_on, colour=out.isatty()):
        out.write(f"{text}\n")
        out.flush()


def _follow(endpoint_url: str, *, keep_on: bool, colour: bool) -> Iterator[str]:
    earlier: set[Line] = set()
    since = 0
    while True:
        for line in read_lines(endpoint_url, since=since):
            if line in earlier:
                continue
            earlier.add(line)
            # Logs of different functions arrive out of order: look back a little each time.
            since = max(since, line.milliseconds - 10_000)
            text = readable(line, colour=colour)
            if text is not None:
                yield text
        if not keep_on:
            return
        time.sleep(1)
