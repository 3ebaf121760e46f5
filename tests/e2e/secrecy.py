"""What nobody may find in logs, answers, messages and items, and how it is looked for.

Three kinds of things are hidden:

- secrets (webhook tokens, API keys, providers' credentials): found wherever they stand; one that is
  so short that it occurs by chance is refused;
- phones: found as E.164, without the plus, and as dialled at home. All of these end in the digits
  without country code, so these digits are looked for, wherever they stand;
- codes. Long ones are found wherever they stand. Short ones occur by chance in ids, times and
  hashes, so they are found as a run of digits of its own, but not as a number in JSON, and as the
  end of a number that MCN calls from. Codes that `fresh_code` makes of four digits begin with a
  zero: no count, size or duration is written like that, so what is found is not found by chance.
  The stack makes codes of any digits itself. One that tests wrote in another sense, as the id of a
  scenario for example, says nothing where it is found, so it is not looked for; the others are.
"""

import csv
import io
import json
import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

_SHORT: Final = 8
"""Codes of fewer digits than this occur by chance inside longer runs."""
_COUNTRY: Final = re.compile(r"\+(84|7)")
_NO_CODE_IN: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d(?::\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?)?"  # a time
    r'|":\s?\d+(?=[,}\]])'  # a number in JSON; a code is text
    r'|"N": "\d+"'  # a number in DynamoDB
    r'|"masked": \{"S": "\d+"\}'  # a caller's own code under its one-time pad: any digits
    r'|\bin \d+ s\b|"retry-after", "\d+"'  # how long a limit still holds
    r"|\bRFC \d+\b"  # a standard, in what we say of times
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"  # an id of a request
)
_ALONE: Final = (r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z]|\.[0-9])")
_SHORT_RUN: Final = re.compile(rf"{_ALONE[0]}(\d{{4,{_SHORT - 1}}}){_ALONE[1]}")
_CALLER: Final = re.compile(rf"(?<!\d)(?:7495|361)\d{{3}}(\d{{4,{_SHORT - 1}}})(?!\d)")
_CODE_FIELD: Final = re.compile(r'\\*"(?:code|otp)\\*": ?\\*"[^"\\]*\\*"')
_MAKES_A_KEY: Final = re.compile(r"POST .*/v1/keys(/[^/]+/rotate)?$|of ManageKeysFunction$")
API_KEY: Final = re.compile(r"rp_([a-z0-9]{12})_[A-Za-z0-9_-]{43}")
_MADE_KEY: Final = re.compile(rf'\\?"key\\?": \\?"{API_KEY.pattern}\\?"')


def secret_in(api_key: str) -> str:
    """The part of an API key that is secret; it may hold the character that parts are joined by."""
    _, _, secret = api_key.split("_", 2)
    return secret


@dataclass(frozen=True)
class Text:
    """Something that others may read, and where it was found."""

    where: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What a client of the API was told."""

    request: str
    """Method and path, without a token."""
    key_id: str
    """Of the API key that it was asked with; empty without one."""
    status: int
    headers: str = field(repr=False)
    body: str = field(repr=False)


class Record:
    """What the run has sent, and what it was told. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.phones: set[str] = set()
        self.answers: list[Answer] = []
        self.requests: list[dict[str, Any]] = []
        """What providers were asked, as far as the sandbox was told to forget it."""
        self.spoken: set[str] = set()
        """Short runs of digits that tests wrote to the API, but not as a code."""
        self._lock = threading.Lock()

    def fresh_code(self, length: int = 4) -> str:
        """A code that no other test uses; one of four digits begins with a zero."""
        while True:
            with self._lock:
                code = "0" * (length < _SHORT)
                code += "".join(secrets.choice("123456789") for _ in range(length - len(code)))
                if code not in self.codes:
                    self.codes.add(code)
                    return code

    def speak(self, text: str) -> None:
        """Remember the short runs of digits in what a test writes to the API."""
        self.spoken.update(_SHORT_RUN.findall(_CODE_FIELD.sub("", text)))

    def add_phone(self, phone: str) -> str:
        """Remember an E.164 number that a test uses."""
        self.phones.add(phone)
        return phone


RECORD: Final = Record()
"""Of this run."""


@dataclass(frozen=True)
class Hidden:
    """What must not be found."""

    codes: Collection[str] = ()
    phones: Collection[str] = ()
    """E.164."""
    secrets: Collection[str] = ()
    shown_callers: Collection[str] = ()
    """Numbers that calls without a code came from: these are answered whole."""

    def finder(self) -> Callable[[str], Iterator[str]]:
        """Gives what is found in a text, each with the first and the last few characters near.

        Thousands of numbers are looked for in thousands of texts: a set knows each of the digits
        that stand in a text at once, a pattern of all numbers tries one after the other.
        """
        long = _Digits({code for code in self.codes if len(code) >= _SHORT})
        short = _Digits({code for code in self.codes if len(code) < _SHORT})
        phones = _Digits({form for phone in self.phones for form in _forms(phone)})
        assert all(len(secret) >= _SHORT for secret in self.secrets), "found by chance"
        words = _any_of(self.secrets)
        caller_ids = _any_of(self.shown_callers)

        def find(text: str) -> Iterator[str]:
            for kind, digits in (("code", long), ("phone", phones)):
                yield from (f"{kind}: {_near(text, at)}" for at in digits.places_in(text))
            for pattern in (words, API_KEY):
                yield from (f"secret: {_near(text, one.span())}" for one in pattern.finditer(text))
            if not any(short.places_in(text)):
                return
            bare = caller_ids.sub("~", _NO_CODE_IN.sub("~", text))
            for pattern in (_SHORT_RUN, _CALLER):
                for one in pattern.finditer(bare):
                    if one[1] in short:
                        yield f"code: {_near(bare, one.span())}"

        return find

    def search(self, texts: Iterable[Text]) -> list[str]:
        """All that is found, and where it was first."""
        find = self.finder()
        # An image of the stream stands in it twice: as it became, and as it was.
        places = {text.text: text.where for text in reversed(list(texts))}
        return [f"{where}: {finding}" for text, where in places.items() for finding in find(text)]


type _Place = tuple[int, int]


class _Digits:
    """Numbers, which are found in any longer run of digits, too."""

    def __init__(self, numbers: Collection[str]) -> None:
        self._numbers = frozenset(numbers)
        self._lengths = sorted({len(number) for number in numbers})
        self._run = re.compile(rf"\d{{{self._lengths[0]},}}" if numbers else r"(?!)")

    def __contains__(self, number: str) -> bool:
        return number in self._numbers

    def places_in(self, text: str) -> Iterator[_Place]:
        for run in self._run.finditer(text):
            for length in self._lengths:
                for begin in range(run.start(), run.end() - length + 1):
                    if text[begin : begin + length] in self._numbers:
                        yield begin, begin + length


def _any_of(words: Collection[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words))) if words else r"(?!)")


def _near(text: str, place: _Place) -> str:
    return repr(text[max(0, place[0] - 60) : place[1] + 30])


def _forms(phone: str) -> Iterator[str]:
    """The digits in which all forms of a number end; of a test number the forms themselves.

    Without its country code a test number is zeros, as the local cloud's account is.
    """
    at_home = _COUNTRY.sub("", phone, count=1)
    if at_home.startswith("0"):
        yield phone.removeprefix("+")
    else:
        yield at_home


def without_phones(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """A JSON document without what the fields called `phone` hold."""
    if isinstance(document, dict):
        return {
            name: None if name == "phone" else without_phones(value)
            for name, value in document.items()
        }
    if isinstance(document, list):
        return [without_phones(value) for value in document]
    return document


def texts_of_item(item: dict[str, Any], where: str) -> Iterator[Text]:
    """An item of the table in DynamoDB's form, without the one attribute that may hold a phone.

    A decision has it in `number`; its `phone` is masked, and is looked at as everything else.
    """
    name = "number" if item.get("entity") == {"S": "decision"} else "phone"
    attributes = {key: value for key, value in item.items() if key != name}
    yield Text(where, json.dumps(attributes, ensure_ascii=False))
    if name in item:
        # It holds a phone and nothing else, or what a deletion has left of one.
        assert re.fullmatch(r"\+([0-9]{7,15}|[0-9]{1,8}\*{7})", item[name]["S"]), where


def texts_of_answer(answer: Answer, *, sees_phones: bool) -> Iterator[Text]:
    """An answer, without phones in their field if its key may see them.

    Who makes an API key is shown it, that once, in the field `key`.
    """
    where = f"answer to {answer.request} ({answer.status})"
    yield Text(f"{where}, headers", answer.headers)
    body = answer.body
    if _MAKES_A_KEY.search(answer.request):
        body = _MADE_KEY.sub('"key": ""', body, count=1)
    if sees_phones and "text/csv" in answer.headers:
        rows = csv.DictReader(io.StringIO(body))
        body = "\n".join(json.dumps(row | {"phone": None}, ensure_ascii=False) for row in rows)
    elif sees_phones:
        # An export has one document in each line.
        body = "\n".join(_without_phones(line) for line in body.splitlines())
    yield Text(where, body)


def _without_phones(line: str) -> str:
    with suppress(ValueError):  # Text is looked at as it is.
        return json.dumps(without_phones(json.loads(line)), ensure_ascii=False)
    return line
