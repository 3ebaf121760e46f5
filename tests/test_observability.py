"""What a log line says, and what it never does."""

import json
from io import StringIO

from aws_lambda_powertools.logging import Logger

from ringpass.observability import LogFormatter
from ringpass.phone import parse_phone


def test_a_phone_prints_masked() -> None:
    stream = StringIO()
    log = Logger(service="phones", stream=stream, logger_formatter=LogFormatter())
    log.info("sent", phone=parse_phone("+84389801371"))
    assert json.loads(stream.getvalue())["phone"] == "+84******371"


def test_what_an_exception_repeats_is_masked() -> None:
    stream = StringIO()
    log = Logger(service="bugs", stream=stream, logger_formatter=LogFormatter())
    orders: dict[str, int] = {}
    try:
        orders["+84389801371"] += 1
    except KeyError:
        log.exception("failed", route="GET /v1/x")
    line = json.loads(stream.getvalue())
    assert "KeyError: '+***********'" in line["exception"]
    assert (line["message"], line["route"], line["level"]) == ("failed", "GET /v1/x", "ERROR")
    assert "84389801371" not in stream.getvalue()
