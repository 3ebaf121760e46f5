"""CSV documents (RFC 4180): a header row, lines that end in CRLF, no formulas.

A spreadsheet would read a cell that starts like a formula as one: such a cell gets a ``'`` first.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ringpass.http.router import Response

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_response(
    columns: Sequence[str],
    lines: Iterable[Mapping[str, object]],
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Returns the response with these columns of the lines; None is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([_cell(line[name]) for name in columns])
    content_type = {"Content-Type": "text/csv; charset=utf-8"}
    return Response({}, 200, {**(headers or {}), **content_type}, text=buffer.getvalue())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
