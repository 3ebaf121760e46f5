"""Phone numbers: E.164 in, each provider's form out, masked wherever they print.

A country is never guessed: ``84951091251`` is a Vietnamese number and also a Russian one dialled
with a leading 8. A number is E.164 with ``+``, or national with its region named.
"""

import re
from dataclasses import dataclass
from typing import Final

E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
NATIONAL: Final = re.compile(r"[0-9]{4,14}")
REGION: Final = re.compile(r"[A-Z]{2}")

# No real subscriber can have these: no Vietnamese or Russian number starts with a zero after the
# country code. The last two digits choose what happens (docs/test-numbers.md).
TEST_NUMBER: Final = re.compile(r"\+(840000000|700000000)[0-9]{2}")
_TEST_REGIONS: Final = {"+84": "VN", "+70": "RU"}


class PhoneError(ValueError):
    """A phone number was refused. ``type`` says why; neither it nor the text holds the number."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_
        self.message = message


@dataclass(frozen=True, slots=True)
class Phone:
    """A valid number. ``str``, ``repr`` and JSON give it masked; ``e164`` is the clear text.

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
        return TEST_NUMBER.fullmatch(self.e164) is not None

    @property
    def masked(self) -> str:
        """``+84******371``: country code, as many stars as digits hidden, the last three."""
        return mask(self.e164)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"Phone({self.masked})"


def mask(e164: str) -> str:
    """Hide all but the country code and the last three digits: ``+84******371``."""
    code = "+84" if e164.startswith("+84") else e164[:2]
    return code + "*" * (len(e164) - len(code) - 3) + e164[-3:]


def parse_phone(text: str, region: str | None = None) -> Phone:
    """Read E.164 (``+84389801371``), or a national number together with its ``region``.

    Raises:
        PhoneError: ``phone_format``, ``region_required``, ``region_unknown``, ``region_mismatch``
            or ``phone_invalid`` (no such number can be dialled).
    """
    if region is not None and not REGION.fullmatch(region):
        raise PhoneError("region_unknown", "region is an ISO 3166 code such as VN or RU")
    if TEST_NUMBER.fullmatch(text):
        phone = Phone(text, _TEST_REGIONS[text[:3]])
    elif E164.fullmatch(text):
        phone = _valid(text, None)
    elif not NATIONAL.fullmatch(text):
        raise PhoneError(
            "phone_format", "phone is E.164 such as +84XXXXXXXXX, or national digits with a region"
        )
    elif region is None:
        raise PhoneError("region_required", "a number without + needs its region, such as VN")
    else:
        phone = _valid(text, region)
    if region is not None and phone.region != region:
        raise PhoneError("region_mismatch", "the number does not belong to the region given")
    return phone


def is_country(text: str) -> bool:
    """Whether this is the ISO 3166 code of a country that has phone numbers: ``VN``."""
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
    found = phonenumbers.region_code_for_number(number)
    if found is None or not phonenumbers.is_valid_number(number):
        raise PhoneError("phone_invalid", "no such phone number exists")
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), found)
