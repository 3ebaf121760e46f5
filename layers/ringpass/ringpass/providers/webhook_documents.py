"""What a webhook's body holds, in whatever form it came: JSON, nearly JSON, or fields of a form.

Providers have their webhook bodies written by hand, and sent by programs that nobody here has seen.
So a body is read in every way that makes sense, from the strictest to the most tolerant:

bytes       UTF-8, UTF-16 and UTF-32, with byte order marks or without; what is not valid in them
            becomes U+FFFD (all that counts is ASCII, which cp1251 and latin-1 share); gzip
JSON        also inside a string, a field, base64 or percent-encoding, several times over
nearly      control characters in strings, commas too many or none, single or typographic quotes,
JSON        bare words, Python's ``None`` and ``True``, ``NaN``, comments, text around it
forms       ``application/x-www-form-urlencoded``, lines of ``name=value``, ``multipart/form-data``

Nothing here knows a provider: whoever reads a body takes the first document that holds an event.
"""

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from ringpass.providers import nearly_json

# Deeper, or more often wrapped, is nothing that a provider sends.
_DEEPEST: Final = 24
_MOST_WRAPPINGS: Final = 6
# Python reads what is nearly JSON; JSON itself is read by C, and may be as large as it can come.
_LONGEST_TOLERATED: Final = 262_144
_MOST_READ: Final = 1_000_000
_MOST_FIELDS: Final = 1_000
_MOST_UNZIPPED: Final = 8_000_000
_GZIP: Final = b"\x1f\x8b"

# Blanks of any script, control characters, byte order marks and what they look like misread.
_EDGES: Final = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u200b\u200c\u200d\u2060\ufeff\ufffe"
_MISREAD_MARKS: Final = ("ï»¿", "п»ї", "\ufffd\ufffd")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ENCODED_JSON: Final = re.compile(r"%(?:25)*(?:7B|5B|22)", re.IGNORECASE)
_FORM: Final = re.compile(r"[^=&<>{\[\"']{0,200}=")
# A text is looked into if it begins like JSON or looks like a form, or like either one encoded.
_MAY_HOLD: Final = re.compile(
    r"[{\[\"']|\\\"|&quot;|[\w.-]{0,60}%(?:25)*(?:7B|5B|22|3D)|--|[^=&\s]{1,200}=\S",
    re.IGNORECASE,
)
_LINE: Final = re.compile(r"[^=]{1,200}=")
_FIRST_OF_A_LINE: Final = re.compile(r"[^=&;]+=[^&;]*;")
_LINE_ENDS: Final = re.compile(r"\n+")
_PART_NAME: Final = re.compile(r'name="?([^"\r\n;]{1,200})')
_BLANK_LINE: Final = re.compile(r"\n\r?\n")
_PUNCTUATION: Final = re.compile(r"[^a-z0-9]+")

type Number = Callable[[str], Any]
"""Makes a value of a number's text."""


@dataclass(frozen=True, slots=True)
class Document:
    """One way to read a body.

    Attributes:
        value: Mappings, lists and scalars. Texts have no lone surrogates, no NULs, and no blanks
            around them; what is nested too deep is None.
        whole: Whether it is all that the body says; false where a part could not be read.
    """

    value: Any
    whole: bool = True


def number(text: str) -> int | float | str:
    """A number of JSON, if it is one that everybody can hold; else its text.

    Python refuses integers of many thousand digits, and DynamoDB those of more than 38.
    """
    if _INTEGER.fullmatch(text):
        return int(text)
    value = float(text)
    return value if abs(value) < 1e15 and len(text) <= 24 else text  # noqa: PLR2004


def plain_name(name: str) -> str:
    """A field's name without case and punctuation: ``Q931-Status`` is ``q931status``."""
    return _PUNCTUATION.sub("", name.lower())


def by_plain_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by their plain names; of two that have the same one, the first."""
    return {plain_name(name): value for name, value in reversed(list(fields.items()))}


def documents(body: bytes, of_number: Number = number) -> Iterator[Document]:
    """Every way to read a body that gives something, the strictest first.

    Args:
        body: The raw body.
        of_number: Makes a value of a number's text.
    """
    text = _text(body)
    decoder = json.JSONDecoder(
        strict=False,
        parse_int=of_number,
        parse_float=of_number,
        parse_constant=lambda _name: None,
    )
    reader = _Reader(of_number, _MOST_READ + len(text), decoder)
    yield from reader.readings(text, _MOST_WRAPPINGS)
    if "\x00" in text or "\ufffd" in text:
        # A body cut in the middle of UTF-16, or with a mark where none should be: what counts is
        # ASCII, and the rest of its bytes are NULs.
        ascii_text = body.replace(b"\x00", b"").decode(errors="replace").replace("\ufffd", " ")
        for found in reader.readings(ascii_text, _MOST_WRAPPINGS):
            yield Document(found.value, whole=False)


@dataclass(slots=True)
class _Reader:
    """Reads one body.

    Attributes:
        of_number: Makes a value of a number's text.
        left: How many characters it may still read: a text that holds texts is read many times.
        json: Reads JSON, also with control characters in its strings.
    """

    of_number: Number
    left: int
    json: json.JSONDecoder

    def readings(self, text: str, wrappings: int) -> Iterator[Document]:
        """Every way to read a text; ``wrappings`` is how often it may be unwrapped."""
        self.left -= len(text)
        if not text or not wrappings or self.left < 0:
            return
        strict = self._strict(text)
        if strict is not None:
            yield Document(self._tidy(strict, wrappings, _DEEPEST))
            return
        for fields in _forms(text):
            yield Document(self._tidy(fields, wrappings, _DEEPEST))
        if len(text) > _LONGEST_TOLERATED:
            return
        values, whole = nearly_json.values(text, self.of_number)
        if values:
            found: Any = values[0] if len(values) == 1 else values
            yield Document(self._tidy(found, wrappings, _DEEPEST), whole)
        for inner in _unwrapped(text):
            yield from self.readings(inner, wrappings - 1)

    def _strict(self, text: str) -> Any:  # noqa: ANN401 - any JSON
        """The document, if it is JSON; else None."""
        try:
            return self.json.decode(text)
        except (ValueError, RecursionError):
            return None

    def _tidy(self, node: Any, wrappings: int, depth: int) -> Any:  # noqa: ANN401 - any JSON
        """The document with clean texts, and with what texts hold in their place."""
        if not depth:
            return None
        if isinstance(node, dict):
            tidied: dict[str, Any] = {}
            for name, value in node.items():
                clean = _clean(name)
                tidied[clean] = self._tidy(value, wrappings, depth - 1)
                # Whoever sends JSON as a form gets it as the name of a field.
                if value in ("", None) and (held := self._held(clean, wrappings)) is not None:
                    tidied[clean] = held
            return tidied
        if isinstance(node, list):
            return [self._tidy(each, wrappings, depth - 1) for each in node]
        if isinstance(node, str):
            clean = _clean(node)
            held = self._held(clean, wrappings)
            return clean if held is None else held
        return node

    def _held(self, text: str, wrappings: int) -> Any:  # noqa: ANN401 - any JSON
        """The document that a text holds; None if it is a text."""
        if not _MAY_HOLD.match(text):
            if (unpacked := _from_base64(text)) is None:
                return None
            text = unpacked
        for found in self.readings(text, wrappings - 1):
            if found.whole and _has_fields(found.value) and not _is_a_text(text, found.value):
                return found.value
        return None


def _text(body: bytes) -> str:
    if body.startswith(_GZIP):
        try:
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _MOST_UNZIPPED)
        except zlib.error:
            return body.decode(errors="replace")
    encoding = json.detect_encoding(body)
    return _trimmed(body.decode(encoding.replace("surrogatepass", ""), errors="replace"))


def _trimmed(text: str) -> str:
    text = text.strip(_EDGES)
    for mark in _MISREAD_MARKS:
        text = text.removeprefix(mark).strip(_EDGES)
    return text


def _unwrapped(text: str) -> Iterator[str]:
    """What a text says that is encoded once more."""
    if _ENCODED_JSON.search(text):
        yield _trimmed(unquote_plus(text, errors="replace"))
    if '\\"' in text:
        yield _trimmed(text.replace("\\\\", "\\").replace('\\"', '"'))
    if "&quot;" in text or "&#34;" in text:
        yield _trimmed(text.replace("&quot;", '"').replace("&#34;", '"').replace("&amp;", "&"))
    if (unpacked := _from_base64("".join(text.split()))) is not None:
        yield unpacked


def _from_base64(text: str) -> str | None:
    """What a text in base64 says, if it is one that may hold something."""
    if not _BASE64.fullmatch(text):
        return None
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        unpacked = _text(b64decode(standard + "=" * (-len(standard) % 4)))
    except ValueError:
        return None
    return unpacked if _MAY_HOLD.match(unpacked) or _BASE64.fullmatch(unpacked) else None


def _forms(text: str) -> Iterator[Mapping[str, Any]]:
    """The fields of a form."""
    if "form-data" in text and (parts := _multipart(text)):
        yield parts
    elif lines := _lines(text):
        parted = (line.partition("=") for line in lines)
        yield {name: value for name, _, value in islice(parted, _MOST_FIELDS)}
    if _FORM.match(text):
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return
        yield _collected(pairs)


def _lines(text: str) -> list[str]:
    """The fields of a text that has one on each line, or all on one line with semicolons."""
    if "\n" in text:
        lines = _LINE_ENDS.split(text)
        return lines if all(map(_LINE.match, lines)) else []
    return text.split(";") if _FIRST_OF_A_LINE.match(text) else []


def _multipart(text: str) -> Mapping[str, str]:
    """The fields of ``multipart/form-data``: the boundary is the first line."""
    start = text.find("--")
    boundary = text[start:].partition("\n")[0].strip()
    if start < 0 or len(boundary) < 3:  # noqa: PLR2004 - two dashes are no boundary
        return {}
    fields = {}
    for part in map(str.lstrip, text.split(boundary)[1 : _MOST_FIELDS + 1]):
        end = _BLANK_LINE.search(part)
        if end and (name := _PART_NAME.search(part, 0, end.start())):
            fields[name.group(1)] = part[end.end() :]
    return fields


def _collected(pairs: list[tuple[str, str]]) -> Mapping[str, Any]:
    """A form's fields; the values of a name that comes several times in a list."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def _clean(text: str) -> str:
    """The text as DynamoDB and everybody else can hold it."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    return text.strip(_EDGES)


def _is_a_text(text: str, value: object) -> bool:
    """Whether a text looks like a form only because there is a sign of equality in it."""
    if text[0] in "{[\"'" or not isinstance(value, dict) or len(value) > 1:
        return False
    return not any(isinstance(each, (dict, list)) for each in value.values())


def _has_fields(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_has_fields, value))
    return isinstance(value, dict) and bool(value)
