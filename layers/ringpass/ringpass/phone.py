"""Phone numbers: parsed from people's and providers' texts into E.164, masked when printed.

    parse_phone        a person's text: E.164, or national with its region; any valid number
    parse_callee       the same, but no service number
    called_numbers     a provider's text: every number that it may mean
    vietnamese_number  the same, for a provider that reaches Vietnam alone

The country of a person's text is never guessed: ``84951091251`` is a Vietnamese number and also a
Russian one dialled with a leading 8. A provider's text is only compared with numbers that were
called, so all of its readings count. The two functions for providers need no metadata of numbers:
the webhooks, which use them, must start fast.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
NATIONAL: Final = re.compile(r"[0-9]{4,14}")
REGION: Final = re.compile(r"[A-Z]{2}")
# A number's last seven digits are its subscriber's; many numbers share the digits before them.
_SUBSCRIBER_DIGITS: Final = 7
# Longer than any way to write a number, also in a SIP address with its parameters.
_LONGEST: Final = 256

# Test numbers: no Vietnamese or Russian number starts with a zero after the country code. The last
# two digits choose the simulated outcome (docs/test-numbers.md).
TEST_NUMBER: Final = re.compile(r"\+(840000000|700000000)[0-9]{2}")
_TEST_REGIONS: Final = {"+84": "VN", "+70": "RU"}
_OF_PERSONS: Final = frozenset({"MOBILE", "FIXED_LINE", "FIXED_LINE_OR_MOBILE", "VOIP"})

# Separators between digits: blanks of every width, dots, dashes, brackets, and the marks without a
# width that a number copied from an address book contains.
_SEPARATORS: Final = re.compile(
    r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
    r".\u00b7\uff0e"
    r"\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
    r"()\[\]\uff08\uff09"
    r"\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)

# A national number without its trunk prefix: of Vietnam nine digits of a mobile phone or ten of a
# landline, of Russia ten; and the test numbers.
_IN_VIETNAM: Final = "([35789][0-9]{8}|2[0-9]{9}|0000000[0-9]{2})"
_IN_RUSSIA: Final = "([3489][0-9]{9}|00000000[0-9]{2})"
# 00 leads out of Vietnam and most countries, 810 out of Russia; 0 and 8 are their trunk prefixes.
_ABROAD: Final = "(?:00|810)"
_READINGS: Final[Mapping[str, re.Pattern[str]]] = {
    "+": re.compile(f"{_ABROAD}?([1-9][0-9]{{6,14}})"),
    "+84": re.compile(f"(?:{_ABROAD}?84)?0?{_IN_VIETNAM}"),
    "+7": re.compile(f"(?:{_ABROAD}?7)?8?{_IN_RUSSIA}"),
}
_SCHEME: Final = re.compile(r"(?:sips?|tel|callto):(?://)?", re.IGNORECASE)
_BEHIND_A_NUMBER: Final = re.compile(r"[:@;,?>]")
_WITH_ZEROS: Final = re.compile(r"(\+?[0-9]{9,15})\.0+")
_EXPONENT: Final = re.compile(r"[1-9]\.[0-9]{1,14}[eE]\+?[0-9]{1,2}")


class PhoneError(ValueError):
    """A phone number is not valid; ``type`` says why. Neither it nor the text holds the number."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_
        self.message = message


@dataclass(frozen=True, slots=True)
class Phone:
    """A valid number. ``str``, ``repr`` and JSON mask it; ``e164`` is the clear text.

    Attributes:
        e164: The number with country code and ``+``: ``+84389801371``.
        region: ISO 3166 country of the number: ``VN``.
    """

    e164: str
    region: str

    @property
    def digits(self) -> str:
        """Country code and number without ``+``: ``84389801371`` (MCN's and Zalo's form)."""
        return self.e164[1:]

    @property
    def national(self) -> str:
        """Trunk prefix and number: ``0389801371`` (Bizfly's and CareSoft's form; Vietnam only).

        Raises:
            ValueError: The number is not Vietnamese.
        """
        if not self.e164.startswith("+84"):
            raise ValueError("only Vietnamese numbers have the form 0XXXXXXXXX")
        return "0" + self.e164[3:]

    @property
    def is_test(self) -> bool:
        """Whether this is one of Ringpass's test numbers."""
        return is_test_number(self.e164)

    @property
    def is_landline(self) -> bool:
        """Whether this is a landline: it takes calls, but no messages, and has no Zalo account."""
        return _kind(self.e164) == "FIXED_LINE"

    @property
    def masked(self) -> str:
        """``+84******371``: country code, as many stars as digits hidden, the last three."""
        return mask(self.e164)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"Phone({self.masked})"


def is_test_number(e164: str) -> bool:
    """Whether this is one of Ringpass's test numbers."""
    return TEST_NUMBER.fullmatch(e164) is not None


def mask(e164: str) -> str:
    """Mask all but the country code and the last three digits: ``+84******371``."""
    code = "+84" if e164.startswith("+84") else e164[:2]
    return code + "*" * (len(e164) - len(code) - 3) + e164[-3:]


def anonymous(e164: str) -> str:
    """Returns what is left of a deleted number: ``+8438*******``, without the subscriber's digits.

    Statistics and costs need that much. Nobody can be called by it, and many share it.
    """
    return e164[:-_SUBSCRIBER_DIGITS] + "*" * _SUBSCRIBER_DIGITS


# ------------------------------------------------------------------------- a person's text


def parse_phone(text: str, region: str | None = None) -> Phone:
    """Read E.164 (``+84 389 801 371``), or a national number together with its ``region``.

    Blanks, dots, dashes and brackets are removed; any other character than ASCII digits is refused.

    Raises:
        PhoneError: ``phone_format``, ``region_required``, ``region_unknown``, ``region_mismatch``
            or ``phone_invalid`` (no such number can be dialled).
    """
    if region is not None and not REGION.fullmatch(region):
        raise PhoneError("region_unknown", "region is an ISO 3166 code such as VN or RU")
    number = without_separators(text)
    if is_test_number(number):
        phone = Phone(number, _TEST_REGIONS[number[:3]])
    elif E164.fullmatch(number):
        phone = _valid(number, None)
    elif not NATIONAL.fullmatch(number):
        raise PhoneError(
            "phone_format", "phone is E.164 such as +84XXXXXXXXX, or national digits with a region"
        )
    elif region is None:
        raise PhoneError("region_required", "a number without + needs its region, such as VN")
    else:
        phone = _valid(number, region)
    if region is not None and phone.region != region:
        raise PhoneError("region_mismatch", "the number does not belong to the region given")
    return phone


def parse_callee(text: str, region: str | None = None) -> Phone:
    """Read a person's number: of a mobile phone, a landline or a VoIP connection.

    A toll-free, premium rate, shared cost, pager, voicemail, UAN or "personal" (follow-me) number
    is refused: it proves nothing about a person, and a call to it can cost any price.

    Raises:
        PhoneError: What ``parse_phone`` raises, or ``service_number``.
    """
    phone = parse_phone(text, region)
    if not phone.is_test and _kind(phone.e164) not in _OF_PERSONS:
        raise PhoneError(
            "service_number",
            "a toll-free, premium rate or other service number is no person's",
        )
    return phone


def without_separators(text: str) -> str:
    """Returns the text without separators between digits; empty if it is far too long."""
    return _SEPARATORS.sub("", text) if len(text) <= _LONGEST else ""


def is_country(text: str) -> bool:
    """Returns whether this is the ISO 3166 code of a country with phone numbers: ``VN``."""
    import phonenumbers  # noqa: PLC0415

    return text in phonenumbers.SUPPORTED_REGIONS


def _valid(text: str, region: str | None) -> Phone:
    # Imported here: its metadata is not needed by the functions that only read stored numbers.
    import phonenumbers  # noqa: PLC0415

    if region is not None and not is_country(region):
        raise PhoneError("region_unknown", "region is an ISO 3166 code such as VN or RU")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise PhoneError("phone_invalid", "no such phone number exists") from None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if is_test_number(e164):
        return Phone(e164, _TEST_REGIONS[e164[:3]])
    country = phonenumbers.region_code_for_number(number)
    if country is None or not phonenumbers.is_valid_number(number):
        raise PhoneError("phone_invalid", "no such phone number exists")
    return Phone(e164, country)


# One send asks several times about its one number: each provider, each time that one is chosen.
@lru_cache(maxsize=1)
def _kind(e164: str) -> str:
    """Returns the number's type as the library names it: ``MOBILE``, or ``UNKNOWN``."""
    import phonenumbers  # noqa: PLC0415

    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    return str(phonenumbers.PhoneNumberType.to_string(kind))


# ----------------------------------------------------------------------- a provider's text


def called_numbers(value: object) -> tuple[str, ...]:
    """Returns every number, as E.164, that a provider's value may mean; empty if there is none.

    No provider documents its format. So a country code may follow ``+``, ``00``, ``810`` or
    nothing, a trunk prefix is optional, separators are removed, and the number may be the user of a
    SIP or ``tel:`` address, or a number in JSON. A wrong reading does no harm: it is only compared
    with numbers that were called.
    """
    digits = _normalize(value)
    readings = {
        f"{code}{match[1]}": None
        for code, form in _READINGS.items()
        if (match := form.fullmatch(digits))
    }
    return tuple(readings)


def vietnamese_number(value: object) -> str | None:
    """Returns the Vietnamese number, as E.164, of a provider's value; None if there is none."""
    match = _READINGS["+84"].fullmatch(_normalize(value))
    return f"+84{match[1]}" if match else None


def _normalize(value: object) -> str:
    """Returns the digits of a provider's value, ``+`` as ``00``; empty if it is no number."""
    text = unquote(_text(value))
    if "<" in text:
        text = text.rpartition("<")[2]
    text = _SCHEME.sub("", text.strip(), count=1)
    text = _BEHIND_A_NUMBER.split(text, maxsplit=1)[0]
    number = without_separators("".join(text.strip("\"'").split()))
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return ""
    if digits == number:
        return digits
    return "" if digits.startswith("0") else f"00{digits}"


def _text(value: object) -> str:
    """Returns a text or a whole number as text; empty for anything else."""
    if isinstance(value, str):
        if len(value) > _LONGEST:
            return ""
        text = value.strip()
        if match := _WITH_ZEROS.fullmatch(text):
            return match[1]
        if not _EXPONENT.fullmatch(text):
            return text
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    whole = 0 <= value < 10**15 and value == int(value)
    return str(int(value)) if whole else ""
