"""Tolerant parser of JSON that people write by hand, or that Python and JavaScript print.

It accepts, beyond JSON: single or typographic quotes, names and words without quotes, extra or
missing commas, ``None``, ``True``, ``NaN`` and ``undefined``, ``(`` and ``=>``, comments, control
characters and wrong escapes in strings, a missing value, and text around the values. It does not
accept what is not closed: the end of a cut number is unknown.
"""

import re
from collections.abc import Callable
from typing import Any, Final

_MAX_DEPTH: Final = 32
# After so many brackets that open no value, the rest of the text is not read.
_MAX_FAILURES: Final = 50

_OPENING: Final = re.compile(r"[{\[]")
_IGNORABLE: Final = r"[\s\x00-\x1f\u200b\u2060\ufeff\ufffd]|//[^\n]*|/\*.*?\*/"
_BLANK: Final = re.compile(f"(?:{_IGNORABLE})*", re.DOTALL)
_BETWEEN: Final = re.compile(f"(?:[,;]|{_IGNORABLE})*", re.DOTALL)
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
_ESCAPE_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
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
# Outside the values there may be punctuation, but no words.
_LETTER_OR_DIGIT: Final = re.compile(r"[^\W_]")


class _NotReadable(Exception):
    """No value begins here, or it has no end."""


def parse_values(text: str, parse_number: Callable[[str], Any]) -> tuple[list[Any], bool]:
    """Returns all objects and arrays in a text, and whether there is no other content.

    Args:
        text: The text.
        parse_number: Makes a value from a number's text.
    """
    values, rest, failures, position = [], [], 0, 0
    while failures < _MAX_FAILURES and (opening := _OPENING.search(text, position)):
        rest.append(text[position : opening.start()])
        try:
            value, position = _read_container(text, opening.start(), parse_number, _MAX_DEPTH)
            values.append(value)
        except _NotReadable:
            failures, position = failures + 1, opening.end()
    rest.append(text[position:])
    return values, not failures and not any(map(_LETTER_OR_DIGIT.search, rest))


def _read_container(
    text: str, position: int, parse_number: Callable[[str], Any], depth: int
) -> tuple[Any, int]:
    """Returns the object or array at ``position``, and its end."""
    if not depth:
        raise _NotReadable
    opening = text[position]
    closing, is_object = _CLOSING[opening], opening == "{"
    fields: dict[str, Any] = {}
    items: list[Any] = []
    position = _skip(_BETWEEN, text, position + 1)
    while text[position : position + 1] != closing:
        if is_object:
            name, position = _read_name(text, position)
            # A template variable without a value: {"final_status": , ...}
            if text[position : position + 1] in {",", ";", closing}:
                fields[name] = None
            else:
                fields[name], position = _read_value(text, position, parse_number, depth)
        else:
            item, position = _read_value(text, position, parse_number, depth)
            items.append(item)
        position = _skip(_BETWEEN, text, position)
    return fields if is_object else items, position + 1


def _read_name(text: str, position: int) -> tuple[str, int]:
    """Returns a member's name, and the position of its value."""
    if string := _STRING.match(text, position):
        name, position = _unescape(string), string.end()
    elif word := _NAME.match(text, position):
        name, position = word.group(), word.end()
    else:
        raise _NotReadable
    separator = _SEPARATOR.match(text, _skip(_BLANK, text, position))
    if separator is None:
        raise _NotReadable
    return name, _skip(_BLANK, text, separator.end())


def _read_value(
    text: str, position: int, parse_number: Callable[[str], Any], depth: int
) -> tuple[Any, int]:
    """Returns a value, and its end: always after ``position``, so that reading ends."""
    if string := _STRING.match(text, position):
        return _unescape(string), string.end()
    if text[position : position + 1] in _CLOSING:
        return _read_container(text, position, parse_number, depth - 1)
    if word := _WORDS.match(text, position):
        return _read_word(word.group().strip(), parse_number), word.end()
    raise _NotReadable


def _read_word(word: str, parse_number: Callable[[str], Any]) -> Any:  # noqa: ANN401 - any scalar
    if _NUMBER.fullmatch(word):
        return parse_number(word)
    return _CONSTANTS.get(word.lower(), word)


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _unescape(string: re.Match[str]) -> str:
    content = next(group for group in string.groups() if group is not None)
    if "\\" not in content:
        return content

    def character(escape: re.Match[str]) -> str:
        if hexadecimal := escape.group(1) or escape.group(2):
            return chr(int(hexadecimal, 16))
        return _ESCAPE_CHARACTERS.get(escape.group(3), escape.group(3))

    return _ESCAPE.sub(character, content)
