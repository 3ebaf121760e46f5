"""Tolerant parser of webhook bodies: JSON, nearly JSON, or fields of a form.

Customers of a provider write the templates of webhook bodies by hand, and the programs that send
them are not documented. So a body is read in every sensible way, from the strictest to the most
tolerant:

bytes       UTF-8, UTF-16 and UTF-32, with byte order marks or without; invalid bytes become
            U+FFFD (only ASCII matters, which cp1251 and latin-1 share); gzip
JSON        also inside a string, a field, base64 or percent-encoding, several times over
nearly      control characters in strings, extra or missing commas, single or typographic quotes,
JSON        bare words, Python's ``None`` and ``True``, ``NaN``, comments, text around it
forms       ``application/x-www-form-urlencoded``, lines of ``name=value``, ``multipart/form-data``

This module knows no provider: each reader takes the first document that contains an event.
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

# No provider nests deeper, or encodes more often.
_MAX_DEPTH: Final = 24
_MAX_WRAPPINGS: Final = 6
# Nearly JSON is parsed in Python; JSON itself is parsed in C, and has no limit here.
_MAX_TOLERANT_LENGTH: Final = 262_144
_MAX_READ_LENGTH: Final = 1_000_000
_MAX_FIELDS: Final = 1_000
_MAX_UNZIPPED_BYTES: Final = 8_000_000
_GZIP: Final = b"\x1f\x8b"

# Blanks of any script, control characters, byte order marks, and misread ones.
_EDGES: Final = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u200b\u200c\u200d\u2060\ufeff\ufffe"
_MISREAD_BOMS: Final = ("ï»¿", "п»ї", "\ufffd\ufffd")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ENCODED_JSON: Final = re.compile(r"%(?:25)*(?:7B|5B|22)", re.IGNORECASE)
_FORM: Final = re.compile(r"[^=&<>{\[\"']{0,200}=")
# A text may contain a document if it begins like JSON or looks like a form, or like either encoded.
_MAY_CONTAIN_DOCUMENT: Final = re.compile(
    r"[{\[\"']|\\\"|&quot;|[\w.-]{0,60}%(?:25)*(?:7B|5B|22|3D)|--|[^=&\s]{1,200}=\S",
    re.IGNORECASE,
)
_LINE: Final = re.compile(r"[^=]{1,200}=")
_FIRST_FIELD_OF_LINE: Final = re.compile(r"[^=&;]+=[^&;]*;")
_LINE_ENDS: Final = re.compile(r"\n+")
_PART_NAME: Final = re.compile(r'name="?([^"\r\n;]{1,200})')
_BLANK_LINE: Final = re.compile(r"\n\r?\n")
_PUNCTUATION: Final = re.compile(r"[^a-z0-9]+")

type NumberParser = Callable[[str], Any]
"""Makes a value from a number's text."""


@dataclass(frozen=True, slots=True)
class Document:
    """Result of one way to read a body.

    Attributes:
        value: Mappings, lists and scalars. Texts have no lone surrogates, no NULs and no outer
            blanks; what is nested too deep is None.
        whole: Whether all of the body could be read.
    """

    value: Any
    whole: bool = True


def number(text: str) -> int | float | str:
    """Returns a JSON number as a number if every system can store it; else its text.

    Python refuses integers of many thousand digits, and DynamoDB those of more than 38.
    """
    if _INTEGER.fullmatch(text):
        return int(text)
    value = float(text)
    return value if abs(value) < 1e15 and len(text) <= 24 else text  # noqa: PLR2004


def plain_name(name: str) -> str:
    """Returns a field's name without case and punctuation: ``Q931-Status`` is ``q931status``."""
    return _PUNCTUATION.sub("", name.lower())


def by_plain_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields by their plain names; of two with the same one, the first."""
    return {plain_name(name): value for name, value in reversed(list(fields.items()))}


def documents(body: bytes, parse_number: NumberParser = number) -> Iterator[Document]:
    """Yield the result of every way to read a body, the strictest first.

    Args:
        body: The raw body.
        parse_number: Makes a value from a number's text.
    """
    text = _decode(body)
    decoder = json.JSONDecoder(
        strict=False,
        parse_int=parse_number,
        parse_float=parse_number,
        parse_constant=lambda _name: None,
    )
    reader = _Reader(parse_number, _MAX_READ_LENGTH + len(text), decoder)
    yield from reader.readings(text, _MAX_WRAPPINGS)
    if "\x00" in text or "\ufffd" in text:
        # UTF-16 that is cut, or has a misplaced mark: only its ASCII counts, and the other bytes
        # are NULs.
        ascii_text = body.replace(b"\x00", b"").decode(errors="replace").replace("\ufffd", " ")
        for document in reader.readings(ascii_text, _MAX_WRAPPINGS):
            yield Document(document.value, whole=False)


@dataclass(slots=True)
class _Reader:
    """Reader of one body.

    Attributes:
        parse_number: Makes a value from a number's text.
        budget: Characters that it may still read: a text inside texts is read many times.
        json: Reads JSON, also with control characters in its strings.
    """

    parse_number: NumberParser
    budget: int
    json: json.JSONDecoder

    def readings(self, text: str, wrappings: int) -> Iterator[Document]:
        """Yield the result of every way to read a text; it may be decoded ``wrappings`` times."""
        self.budget -= len(text)
        if not text or not wrappings or self.budget < 0:
            return
        document = self._parse_strictly(text)
        if document is not None:
            yield Document(self._normalize(document, wrappings, _MAX_DEPTH))
            return
        for fields in _forms(text):
            yield Document(self._normalize(fields, wrappings, _MAX_DEPTH))
        if len(text) > _MAX_TOLERANT_LENGTH:
            return
        values, whole = nearly_json.parse_values(text, self.parse_number)
        if values:
            value: Any = values[0] if len(values) == 1 else values
            yield Document(self._normalize(value, wrappings, _MAX_DEPTH), whole)
        for inner in _decodings(text):
            yield from self.readings(inner, wrappings - 1)

    def _parse_strictly(self, text: str) -> Any:  # noqa: ANN401 - any JSON
        """Returns the document if the text is JSON; else None."""
        try:
            return self.json.decode(text)
        except (ValueError, RecursionError):
            return None

    def _normalize(self, node: Any, wrappings: int, depth: int) -> Any:  # noqa: ANN401 - any JSON
        """Returns the document with clean texts, and with documents in place of encoded ones."""
        if not depth:
            return None
        if isinstance(node, dict):
            fields: dict[str, Any] = {}
            for name, value in node.items():
                clean = _clean(name)
                fields[clean] = self._normalize(value, wrappings, depth - 1)
                # JSON that is sent as a form becomes the name of a field.
                if (
                    value in ("", None)
                    and (inner := self._embedded_document(clean, wrappings)) is not None
                ):
                    fields[clean] = inner
            return fields
        if isinstance(node, list):
            return [self._normalize(item, wrappings, depth - 1) for item in node]
        if isinstance(node, str):
            clean = _clean(node)
            inner = self._embedded_document(clean, wrappings)
            return clean if inner is None else inner
        return node

    def _embedded_document(self, text: str, wrappings: int) -> Any:  # noqa: ANN401 - any JSON
        """Returns the document inside a text; None if there is none."""
        if not _MAY_CONTAIN_DOCUMENT.match(text):
            if (decoded_text := _from_base64(text)) is None:
                return None
            text = decoded_text
        for document in self.readings(text, wrappings - 1):
            if (
                document.whole
                and _has_fields(document.value)
                and not _is_plain_text(text, document.value)
            ):
                return document.value
        return None


def _decode(body: bytes) -> str:
    if body.startswith(_GZIP):
        try:
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _MAX_UNZIPPED_BYTES)
        except zlib.error:
            return body.decode(errors="replace")
    encoding = json.detect_encoding(body)
    return _trim(body.decode(encoding.replace("surrogatepass", ""), errors="replace"))


def _trim(text: str) -> str:
    text = text.strip(_EDGES)
    for mark in _MISREAD_BOMS:
        text = text.removeprefix(mark).strip(_EDGES)
    return text


def _decodings(text: str) -> Iterator[str]:
    """Yield a text without one layer of encoding."""
    if _ENCODED_JSON.search(text):
        yield _trim(unquote_plus(text, errors="replace"))
    if '\\"' in text:
        yield _trim(text.replace("\\\\", "\\").replace('\\"', '"'))
    if "&quot;" in text or "&#34;" in text:
        yield _trim(text.replace("&quot;", '"').replace("&#34;", '"').replace("&amp;", "&"))
    if (inner := _from_base64("".join(text.split()))) is not None:
        yield inner


def _from_base64(text: str) -> str | None:
    """Returns the content of a base64 text if it may contain a document; else None."""
    if not _BASE64.fullmatch(text):
        return None
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        inner = _decode(b64decode(standard + "=" * (-len(standard) % 4)))
    except ValueError:
        return None
    return inner if _MAY_CONTAIN_DOCUMENT.match(inner) or _BASE64.fullmatch(inner) else None


def _forms(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of a form, read in each way."""
    if "form-data" in text and (parts := _multipart(text)):
        yield parts
    elif lines := _lines(text):
        partitions = (line.partition("=") for line in lines)
        yield {name: value for name, _, value in islice(partitions, _MAX_FIELDS)}
    if _FORM.match(text):
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            return
        yield _collect(pairs)


def _lines(text: str) -> list[str]:
    """Returns the fields of a text with one on each line, or all on one line with semicolons."""
    if "\n" in text:
        lines = _LINE_ENDS.split(text)
        return lines if all(map(_LINE.match, lines)) else []
    return text.split(";") if _FIRST_FIELD_OF_LINE.match(text) else []


def _multipart(text: str) -> Mapping[str, str]:
    """Returns the fields of ``multipart/form-data``: the boundary is the first line."""
    start = text.find("--")
    boundary = text[start:].partition("\n")[0].strip()
    if start < 0 or len(boundary) < 3:  # noqa: PLR2004 - two dashes are no boundary
        return {}
    fields = {}
    for part in map(str.lstrip, text.split(boundary)[1 : _MAX_FIELDS + 1]):
        end = _BLANK_LINE.search(part)
        if end and (name := _PART_NAME.search(part, 0, end.start())):
            fields[name.group(1)] = part[end.end() :]
    return fields


def _collect(pairs: list[tuple[str, str]]) -> Mapping[str, Any]:
    """Returns a form's fields; a name that is there several times gets a list of its values."""
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
    """Returns the text in a form that DynamoDB and other systems can store."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    return text.strip(_EDGES)


def _is_plain_text(text: str, value: object) -> bool:
    """Whether a text looks like a form only because it contains an equals sign."""
    if text[0] in "{[\"'" or not isinstance(value, dict) or len(value) > 1:
        return False
    return not any(isinstance(inner, (dict, list)) for inner in value.values())


def _has_fields(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_has_fields, value))
    return isinstance(value, dict) and bool(value)
