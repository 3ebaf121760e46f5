"""One event into one function of the running local stack: `make invoke`."""

import base64
import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, TextIO

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from local.background import Background
from local.failures import LocalStackError
from local.logs import Line, readable
from local.paths import ROOT
from local.stack import Stack

USAGE = "make invoke FUNCTION=<name> EVENT=<case or file>"
STACK_VARIABLE = "RINGPASS_STACK"
"""Names a stack's file, or is OF_MAKE_UP."""
OF_MAKE_UP = "up"
LOG_BYTES = 4096
"""Lambda gives the end of an invocation's log, at most so much of it."""


def functions(root: Path = ROOT) -> list[str]:
    """The names of all functions: their folders'."""
    return sorted(path.parent.name for path in root.glob("functions/*/app.py"))


def cases(function: str, root: Path = ROOT) -> list[str]:
    """The names of a function's events: their files', without the ending."""
    return sorted(path.stem for path in root.glob(f"events/{function}/*.json"))


def find_event(function: str, event: str, root: Path = ROOT) -> Path:
    """The file that is meant by a case's name, or by a path.

    Raises:
        LocalStackError: function or event are missing, unknown, or the event is not JSON.
    """
    names = ", ".join(functions(root))
    if not function:
        raise LocalStackError(f"FUNCTION is missing: {USAGE}; functions are {names}")
    if function not in functions(root):
        raise LocalStackError(f"there is no function {function!r}: functions are {names}")
    choices = f"name a file, or one of {function}'s: {', '.join(cases(function, root))}"
    if not event:
        raise LocalStackError(f"EVENT is missing: {choices}")
    own = root / "events" / function
    for path in (own / f"{event}.json", own / event, root / event):
        if path.is_file():
            _expect_json(path)
            return path
    raise LocalStackError(f"there is no event {event!r}: {choices}")


def _expect_json(path: Path) -> None:
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LocalStackError(f"{path} is no event: {error}") from error


def stack_in_use() -> Stack:
    """The stack that `make up` started, or the one whose file RINGPASS_STACK names.

    Raises:
        LocalStackError: there is none.
    """
    path = os.environ.get(STACK_VARIABLE, "")
    if path in ("", OF_MAKE_UP):
        return Background().current()
    try:
        return Stack.read(Path(path))
    except (OSError, ValueError, TypeError) as error:
        raise LocalStackError(
            f"RINGPASS_STACK={path} is no stack's file: leave it out for that of `make up`"
        ) from error


def invoke(stack: Stack, function: str, event: Path, out: TextIO) -> int:
    """Give a function an event, and show what comes. Gives the exit code: 1 if it failed.

    Raises:
        LocalStackError: the function cannot be reached.
    """
    output = "".join(word.title() for word in function.split("_")) + "Function"
    if output not in stack.outputs:
        raise LocalStackError(f"the running stack does not have {function} yet: run `make up`")
    started = time.monotonic()
    try:
        answer = stack.lambdas().invoke(
            FunctionName=stack.outputs[output], Payload=event.read_bytes(), LogType="Tail"
        )
        payload = answer["Payload"].read()
    except EndpointConnectionError as error:
        raise LocalStackError(
            f"no local stack answers at {stack.aws_endpoint_url}: start one with `make up`"
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise LocalStackError(f"{function} could not be invoked: {error}") from error
    milliseconds = (time.monotonic() - started) * 1000
    failed = "FunctionError" in answer
    log = base64.b64decode(answer.get("LogResult", ""))
    path = event.resolve()
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    out.write(f"{function} <- {name} ({milliseconds:.0f} ms)\n")
    all_lines = [
        *lines_of(json.loads(payload or b"null"), failed=failed),
        *log_lines(function, log),
    ]
    out.writelines(f"{line}\n" for line in all_lines)
    return 1 if failed else 0


def lines_of(answer: Any, *, failed: bool) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """A function's answer, line by line: an error, an HTTP answer, or any other JSON."""
    if failed and isinstance(answer, dict):
        yield f"failed: {answer.get('errorType', 'an error without a type')}"
        yield ""
        yield _pretty(str(answer.get("errorMessage", "")))
    elif isinstance(answer, dict) and isinstance(answer.get("statusCode"), int):
        yield from _http(answer)
    else:
        yield "failed:" if failed else "answered:"
        yield ""
        yield json.dumps(answer, indent=2, ensure_ascii=False)


def _http(answer: Mapping[str, Any]) -> Iterator[str]:
    status = answer["statusCode"]
    has_phrase = status in HTTPStatus.__members__.values()
    yield f"{status} {HTTPStatus(status).phrase}" if has_phrase else str(status)
    for name, value in (answer.get("headers") or {}).items():
        yield f"{name}: {value}"
    body = str(answer.get("body") or "")
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(body).decode("utf-8", errors="replace")
    if body:
        yield ""
        yield _pretty(body)


def _pretty(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return json.dumps(value, indent=2, ensure_ascii=False)


def log_lines(function: str, log: bytes) -> Iterator[str]:
    """What the function logged meanwhile, as `make logs` shows it; nothing if it did not."""
    lines = log.decode("utf-8", errors="replace").splitlines()
    if len(log) >= LOG_BYTES:
        lines[0] = "(what came before is in `make logs`)"
    texts = [line for line in (_log_line(function, line) for line in lines) if line is not None]
    if texts:
        yield ""
        yield "log:"
        yield from texts


def _log_line(function: str, text: str) -> str | None:
    try:
        at = datetime.fromisoformat(json.loads(text)["timestamp"])
    except (ValueError, TypeError, KeyError):
        # Not a record of ours: a line of a traceback, or one of Lambda's own.
        return text if readable(Line(0, function, text, "")) is not None else None
    return readable(Line(round(at.timestamp() * 1000), function.replace("_", "-"), text, ""))
