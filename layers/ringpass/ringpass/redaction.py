"""Makes what a provider sent fit to be kept in clear: without codes, phones and people's texts."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

KEPT_BYTES: Final = 16_384

# Four digits can be a code, more can be a phone, also with blanks, dots, dashes and brackets among
# them, and in any script: no such run is kept, in whatever field it stands.
_RUN: Final = re.compile(r"\d(?:[\W_]*+\d){3,}")
_DIGIT: Final = re.compile(r"\d")
_HIDDEN: Final = "***"

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]{0,39}"
_IS_NAME: Final = re.compile(_NAME)
# A field's name, as JSON, a form and XML have them; or anything else between two marks.
_WORD: Final = re.compile(
    rf"(?P<name>(?<=[\"']){_NAME}(?=[\"']\s{{0,8}}[:=])"
    rf"|(?:(?<=[&\n;?])|^){_NAME}(?==)"
    rf"|(?<=<){_NAME}(?=>)|(?<=</){_NAME}(?=>))"
    r"|[^\s{}\[\]()\"'<>,:;=&/?]+"
)
_VALUE: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}|[0-9]{1,3}")
_DEEPEST: Final = 6
_MOST_FIELDS: Final = 60


def redact(raw: bytes) -> str:
    """The shape of a text that could not be read, of at most 16 KB: its marks and field names.

    Whatever else stands in it is replaced by stars: nobody knows what it is.
    """
    text = raw[:KEPT_BYTES].decode(errors="replace")
    shape = _WORD.sub(lambda word: word["name"] or _HIDDEN, text)
    return _cut(mask_digits(shape))


def outline(
    fields: Mapping[str, Any], counted: Collection[str], plain: Callable[[str], str]
) -> str:
    """An event that was read, as JSON of at most 16 KB: its names, and the values that count.

    A value is kept if it is one word or a number of at most three digits.

    Args:
        fields: The event.
        counted: The names, as ``plain`` makes them, of the fields whose values count.
        plain: Makes a name comparable.
    """

    def kept(node: Any, depth: int, counts: bool) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(node, Mapping) and depth:
            named = list(node.items())[:_MOST_FIELDS]
            return {
                name if _IS_NAME.fullmatch(name) else _HIDDEN: kept(
                    value, depth - 1, plain(name) in counted
                )
                for name, value in named
            }
        if isinstance(node, list) and depth:
            return [kept(each, depth - 1, counts) for each in node[:_MOST_FIELDS]]
        if node is None or isinstance(node, bool):
            return node
        written = not isinstance(node, (Mapping, list)) and _VALUE.fullmatch(str(node))
        return node if counts and written else _HIDDEN

    return _cut(mask_digits(json.dumps(kept(fields, _DEEPEST, counts=False))))


def mask_digits(text: str) -> str:
    """The text with a star for each digit of a run of four and more, whatever stands among them."""
    return _RUN.sub(lambda run: _DIGIT.sub("*", run.group()), text)


def _cut(text: str) -> str:
    return text.encode(errors="replace")[:KEPT_BYTES].decode(errors="ignore")


class Secret:
    """A secret text. It prints as stars; ``reveal`` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The clear text, for the one place that sends or compares it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__
