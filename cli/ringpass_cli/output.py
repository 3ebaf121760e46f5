"""What a command writes: its result to stdout, messages to stderr."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDE: Final = 400
"""Columns of what is not a terminal: a program reads whole lines."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What can move a terminal's cursor or turn text round. The data come from elsewhere."""


def clean(value: object) -> str:
    """A value as text for a terminal, on one line or several."""
    return _CONTROL.sub("�", str(value))


def console(*, stderr: bool = False) -> Console:
    """The console of this moment's stdout or stderr; NO_COLOR is kept by rich."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def write(text: str = "", style: str = "") -> None:
    """One line of the result."""
    console().print(Text(clean(text), style=style), soft_wrap=True)


def say(text: str, style: str = "") -> None:
    """One line for the person who watches."""
    console(stderr=True).print(Text(clean(text), style=style), soft_wrap=True)


def write_document(value: object) -> None:
    """The result as one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def write_line(value: object) -> None:
    """One of several JSON documents, on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def write_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; without rows a dash."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    if not table.row_count:
        say("There are none.")
        return
    console().print(table)


def _cell(value: object) -> Text:
    text = "-" if value is None or value == "" else clean(value)
    return Text(text, style=_STYLES.get(text, ""))


_STYLES: Final = {
    **dict.fromkeys(("approved", "answered", "delivered", "active", "enabled", "ok"), "green"),
    **dict.fromkeys(("pending", "accepted", "unknown", "probing", "not_configured"), "yellow"),
    **dict.fromkeys(
        ("rejected", "busy", "no_answer", "refused", "failed", "unreachable", "billing_failed"),
        "red",
    ),
    **dict.fromkeys(("suspended", "expired", "max_attempts_reached", "disabled"), "red"),
}


def local_time(text: str | None) -> str:
    """An instant of the API in this machine's time zone, to the second."""
    if not text:
        return ""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"


def money(cost: dict[str, Any] | None) -> str:
    """A delivery's cost."""
    if cost is None:
        return ""
    return f"{cost['amount']} {cost['currency']}" + ("" if cost["kind"] == "settled" else " (est.)")
