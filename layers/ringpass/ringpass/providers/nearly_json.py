"""Reads what is nearly JSON: as people write it by hand, and as Python and JavaScript print it.

Taken beside JSON: quotes that are single or typographic, names and words without any, commas too
many or none, ``None``, ``True``, ``NaN`` and ``undefined``, ``(`` and ``=>``, comments, control
characters and wrong escapes in strings, a value that was left out, and text around the values. Not
taken: what is not closed. Of a number that was cut nobody knows the end.
"""

import re
from collections.abc import Callable
from typing import Any, Final

_DEEPEST: Final = 32
# So many openings may turn out to be none before the rest is left alone.
_MOST_FAILURES: Final = 50

_OPENING: Final = re.compile(r"[{\[]")
_NOTHING: Final = r"[\s\x00-\x1f\u200b\u2060\ufeff\ufffd]|//[^\n]*|/\*.*?\*/"
_BLANK: Final = re.compile(f"(?:{_NOTHING})*", re.DOTALL)
_BETWEEN: Final = re.compile(f"(?:[,;]|{_NOTHING})*", re.DOTALL)
_SEPARATOR: Final = re.compile(r"=>|[:=]")
_NAME: Final = re.compile(r"[^\s:=,;{}\[\]()\"'\x00-\x1f]+")
_WORDS: Final = re.compile(r"[^,;\[\]{}()\"'\r\n\x00-\x1f]+")
_DOUBLE_QUOTES: Final = "\u201c\u201d\u201e\u00ab\u00bb"
_SINGLE_QUOTES: Final = "\u2018\u2019\u201a"
# Python writes u'...' and b'...'.
_STRING: Final = re.compile(
    r"[bu]?(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'"
    + "".join(
        rf"|[{quotes}]((?:[^{quotes}\\]|\\.)*)[{quotes}]"
        for quotes in (_DOUBLE_QUOTES, _SINGLE_QUOTES)
    )
    + ")",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CONSTANTS: Final[dict[str, Any]] = {
    "null": None,
    "none": None,
    "nil": None,
    "undefined": None,
    "nan": None,
    "infinity": None,
    "-infinity": None,
    "true": True,
    "false": False,
}
_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}
# Outside the values may stand what frames them, but no words.
_SAYS_SOMETHING: Final = re.compile(r"[^\W_]")


class _NotClosed(Exception):
    """Here is no value, or none that ends."""


def values(text: str, of_number: Callable[[str], Any]) -> tuple[list[Any], bool]:
    """All objects and arrays in a text, and whether they are all that it says.

    Args:
        text: The text.
        of_number: Makes a value of a number's text.
    """
    found, left, failures, place = [], [], 0, 0
    while failures < _MOST_FAILURES and (opening := _OPENING.search(text, place)):
        left.append(text[place : opening.start()])
        try:
            value, place = _container(text, opening.start(), of_number, _DEEPEST)
            found.append(value)
        except _NotClosed:
            failures, place = failures + 1, opening.end()
    left.append(text[place:])
    return found, not failures and not any(map(_SAYS_SOMETHING.search, left))


def _container(
    text: str, place: int, of_number: Callable[[str], Any], depth: int
) -> tuple[Any, int]:
    """An object or an array that begins here, and where it ends."""
    if not depth:
        raise _NotClosed
    opening = text[place]
    closing, is_object = _CLOSING[opening], opening == "{"
    fields: dict[str, Any] = {}
    items: list[Any] = []
    place = _past(_BETWEEN, text, place + 1)
    while text[place : place + 1] != closing:
        if is_object:
            name, place = _name(text, place)
            # A variable that had no value: {"final_status": , ...}
            if text[place : place + 1] in {",", ";", closing}:
                fields[name] = None
            else:
                fields[name], place = _value(text, place, of_number, depth)
        else:
            item, place = _value(text, place, of_number, depth)
            items.append(item)
        place = _past(_BETWEEN, text, place)
    return fields if is_object else items, place + 1


def _name(text: str, place: int) -> tuple[str, int]:
    """A member's name, and where its value begins."""
    if quoted := _STRING.match(text, place):
        name, place = _unescaped(quoted), quoted.end()
    elif bare := _NAME.match(text, place):
        name, place = bare.group(), bare.end()
    else:
        raise _NotClosed
    separator = _SEPARATOR.match(text, _past(_BLANK, text, place))
    if separator is None:
        raise _NotClosed
    return name, _past(_BLANK, text, separator.end())


def _value(text: str, place: int, of_number: Callable[[str], Any], depth: int) -> tuple[Any, int]:
    """A value, and where it ends: behind ``place``, so that whoever reads on comes to an end."""
    if quoted := _STRING.match(text, place):
        return _unescaped(quoted), quoted.end()
    if text[place : place + 1] in _CLOSING:
        return _container(text, place, of_number, depth - 1)
    if words := _WORDS.match(text, place):
        return _word(words.group().strip(), of_number), words.end()
    raise _NotClosed


def _word(word: str, of_number: Callable[[str], Any]) -> Any:  # noqa: ANN401 - any scalar
    if _NUMBER.fullmatch(word):
        return of_number(word)
    return _CONSTANTS.get(word.lower(), word)


def _past(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place


def _unescaped(quoted: re.Match[str]) -> str:
    inside = next(group for group in quoted.groups() if group is not None)
    if "\\" not in inside:
        return inside

    def character(escape: re.Match[str]) -> str:
        if hexadecimal := escape.group(1) or escape.group(2):
            return chr(int(hexadecimal, 16))
        return _ESCAPED.get(escape.group(3), escape.group(3))

    return _ESCAPE.sub(character, inside)
