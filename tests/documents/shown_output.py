"""Compares JSON that a page shows after a command with what the command printed."""

import json
import re
from collections.abc import Iterator
from typing import Any


def read_shown(text: str) -> Any:  # noqa: ANN401 - any JSON
    """JSON of a page: `...` stands for members that are left out.

    Raises:
        ValueError: it is no JSON.
    """
    without = re.sub(r",\s*\.\.\.(?=\s*[}\],])", "", text)
    return json.loads(without)


def read_printed(text: str) -> Iterator[Any]:
    """Every JSON object in what a command printed, whatever is between them."""
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            document, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
        else:
            yield document


def fits(shown: object, printed: object) -> bool:
    """Whether what is shown is what was printed, but for what `...` stands for."""
    match shown, printed:
        case dict(), dict():
            return all(name in printed and fits(shown[name], printed[name]) for name in shown)
        case list(), list():
            return all(any(fits(one, other) for other in printed) for one in shown)
        case str(), str():
            pattern = ".*".join(re.escape(part) for part in shown.split("..."))
            return re.fullmatch(pattern, printed, re.DOTALL) is not None
        case _:
            return type(shown) is type(printed) and shown == printed


def problems(text: str) -> list[Any]:
    """Error documents (RFC 9457) in what a command printed: curl ends with 0 all the same."""
    return [
        document
        for document in read_printed(text)
        if str(document.get("type", "")).startswith("urn:ringpass:problem:")
    ]
