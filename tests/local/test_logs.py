"""Logs: one record, one line, readable."""

import json
from datetime import UTC, datetime

from local.logs import Line, readable

_AT = int(datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC).timestamp() * 1000)


def _shown(text: str, *, colour: bool = False) -> str | None:
    return readable(Line(_AT, "send-zns", text, "s 0"), colour=colour)


def test_a_record_is_one_line_with_its_fields_at_the_end() -> None:
    record = {
        "level": "WARNING",
        "location": "send:12",
        "message": "the provider is slow",
        "service": "ringpass",
        "provider": "caresoft",
        "seconds": 3.5,
    }
    line = _shown(json.dumps(record))
    assert line is not None
    head, _, rest = line.partition("  ")
    assert head.endswith(":00.250")
    assert (
        rest == "send-zns            WARNING  the provider is slow  provider=caresoft seconds=3.5"
    )


def test_an_exception_stands_below_its_record() -> None:
    record = {"level": "ERROR", "message": "failed", "exception": "Traceback\nKeyError: 'x'"}
    line = _shown(json.dumps(record))
    assert line is not None
    assert line.splitlines()[1:] == ["    Traceback", "    KeyError: 'x'"]


def test_text_that_is_no_record_is_shown_as_it_is() -> None:
    for text in ("plain", "[1, 2]", "{broken"):
        line = _shown(text)
        assert line is not None
        assert line.endswith(f"send-zns            {text}")


def test_lines_of_the_platform_are_left_out() -> None:
    for text in ("START RequestId: x", "END RequestId: x", "REPORT RequestId: x", "  "):
        assert _shown(text) is None


def test_colour_only_where_it_is_asked_for() -> None:
    record = json.dumps({"level": "ERROR", "message": "failed"})
    assert "\x1b[31m" in (_shown(record, colour=True) or "")
    assert "\x1b" not in (_shown(record) or "")
