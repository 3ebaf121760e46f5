"""The number forms of the providers, to and from E.164, and how a number is shown in a log."""

import re

# Nine digits follow the trunk 0 of a Vietnamese mobile number. What they start with is not
# looked at: the test numbers (+840000000NN) start with 0.
_VIETNAMESE_NATIONAL = re.compile(r"0[0-9]{9}")
_INTERNATIONAL_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_OF_NOBODY = re.compile(r"\+(?:840000000|700000000)[0-9]{2}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

# Lengths with the country code, where a wrong one means that the number has another form.
_LENGTHS = {"7": (11,), "84": (11, 12)}
# No country has these codes. 89XXXXXXXXX is a Russian number as it is dialled inside Russia.
_NO_COUNTRY = ("83", "89")


def from_vietnamese_national(text: object) -> str | None:
    """``0389801371`` -> ``+84389801371``; None for any other form."""
    if isinstance(text, str) and _VIETNAMESE_NATIONAL.fullmatch(text):
        return "+84" + text[1:]
    return None


def from_international_digits(text: object) -> str | None:
    """``79777777777`` -> ``+79777777777``; None for any other form (a plus, a trunk 0 or 8)."""
    if not isinstance(text, str) or not _INTERNATIONAL_DIGITS.fullmatch(text):
        return None
    if text.startswith(_NO_COUNTRY):
        return None
    for country, lengths in _LENGTHS.items():
        if text.startswith(country) and len(text) not in lengths:
            return None
    return "+" + text


def is_e164(text: object) -> bool:
    """Tell whether this is a plus and 7 to 15 digits."""
    return isinstance(text, str) and _E164.fullmatch(text) is not None


def is_nobody_s(phone: str) -> bool:
    """Tell whether no subscriber can have this E.164 number: it is for tests alone."""
    return _OF_NOBODY.fullmatch(phone) is not None


def is_russian(phone: str) -> bool:
    """Tell whether an E.164 number is Russian: +7, but not Kazakhstan's +76 and +77."""
    return phone.startswith("+7") and not phone.startswith(("+76", "+77"))


def mask(phone: str | None) -> str:
    """``+84389801371`` -> ``+84******371``; ``-`` where no number could be read."""
    if phone is None:
        return "-"
    head = 2 if phone.startswith(("+1", "+7")) else 3
    return phone[:head] + "*" * (len(phone) - head - 3) + phone[-3:]
