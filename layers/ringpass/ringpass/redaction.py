"""Redaction of providers' payloads: removes codes, phones and people's texts before storage."""

import binascii
import hmac
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

MAX_BYTES: Final = 16_384

# Four digits can be a code, more can be a phone, also with blanks, dots, dashes and brackets among
# them, and in any script: such runs are masked in every field.
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
_URL_SAFE_BASE64: Final = str.maketrans("-_", "+/")
_VALUE: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}|[0-9]{1,3}")
_MAX_DEPTH: Final = 6
_MAX_FIELDS: Final = 60


def redact(raw: bytes) -> str:
    """Returns the shape of an unreadable text, at most 16 KB: its punctuation and field names.

    Stars replace everything else.
    """
    text = raw[:MAX_BYTES].decode(errors="replace")
    shape = _WORD.sub(lambda word: _shown_name(word["name"] or ""), text)
    return _cut(mask_digits(shape))


def outline(
    fields: Mapping[str, Any], value_names: Collection[str], normalize: Callable[[str], str]
) -> str:
    """Returns a redacted event as JSON, at most 16 KB: its names, and some of its values.

    A value stays if it is one word or a number of at most three digits.

    Args:
        fields: The event.
        value_names: The normalized names of the fields whose values stay.
        normalize: Makes a name comparable.
    """

    def outlined(node: Any, depth: int, keeps_value: bool) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(node, Mapping) and depth:
            members = list(node.items())[:_MAX_FIELDS]
            return {
                _shown_name(name): outlined(value, depth - 1, normalize(name) in value_names)
                for name, value in members
            }
        if isinstance(node, list) and depth:
            return [outlined(element, depth - 1, keeps_value) for element in node[:_MAX_FIELDS]]
        if node is None or isinstance(node, bool):
            return node
        is_plain = not isinstance(node, (Mapping, list)) and _VALUE.fullmatch(str(node))
        return node if keeps_value and is_plain else _HIDDEN

    return _cut(mask_digits(json.dumps(outlined(fields, _MAX_DEPTH, keeps_value=False))))


def _shown_name(text: str) -> str:
    """Returns a field's name; stars for what is no name, or is a code in Base64."""
    if _IS_NAME.fullmatch(text) is None:
        return _HIDDEN
    try:
        encoded = text.translate(_URL_SAFE_BASE64) + "=" * (-len(text) % 4)
        decoded = binascii.a2b_base64(encoded, strict_mode=True).decode()
    except ValueError:
        return text
    return _HIDDEN if _RUN.search(decoded) else text


def mask_digits(text: str) -> str:
    """Mask each digit of a run of four and more, also with separators among them."""
    return _RUN.sub(lambda run: _DIGIT.sub("*", run.group()), text)


def digit_runs(text: str) -> Iterator[str]:
    """Yields the ASCII digits of each run that ``mask_digits`` masks."""
    for run in _RUN.finditer(text):
        yield digits_of(run.group())


def digits_of(text: str) -> str:
    """Returns a text's digits, in any script, as ASCII digits."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def _cut(text: str) -> str:
    return text.encode(errors="replace")[:MAX_BYTES].decode(errors="ignore")


class Secret:
    """A secret text that prints as stars; ``reveal`` returns it.

    Secrets are equal if their texts are; they are compared in constant time.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Returns the clear text, for the one place that sends or compares it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._text.encode(errors="surrogatepass"), other._text.encode(errors="surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__
