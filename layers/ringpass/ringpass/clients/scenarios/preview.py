"""What a callee hears of a scenario, second by second; an estimate.

    greeting, digits, (pause, announcement, digits) for each further play, closing

Each digit is a line of its own. Voice and speed are those of the texts: Bizfly's documentation
leaves the recording that reads the code out of the voice ("trừ file đọc mã OTP"). It says neither
how long anything takes nor how digits are spoken. The lengths are an estimate of ours, in whole
seconds; the words are the Vietnamese numerals.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Final

from ringpass.clients.scenarios.model import Script
from ringpass.config import LEAST_DIGITS, MOST_DIGITS
from ringpass.http.pagination import Parameters

SAMPLE_CODE: Final = "123456"
"""What is heard where nobody names a code. No code of anybody's is ever played."""
SYLLABLES_A_SECOND: Final = 3
"""How fast a text is read at speed 1, pauses included: our estimate."""
DIGIT_SECONDS: Final = 1
"""How long a digit takes with the silence behind it, whatever the speed: our estimate."""

_NUMERALS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
# A word has as many syllables as groups of vowels, in Vietnamese one; a digit is a word.
_SYLLABLE: Final = re.compile(r"[aeiouy]+|[0-9]", re.IGNORECASE)
_ABBREVIATION: Final = re.compile(r"\b[A-Z]{2,5}\b")


class Part(StrEnum):
    """What is heard."""

    GREETING = "greeting"
    DIGITS = "digits"
    PAUSE = "pause"
    REPEAT_ANNOUNCEMENT = "repeat_announcement"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Line:
    """A part of what is heard.

    Attributes:
        at_seconds: When it begins, from the moment that the call is taken.
        seconds: How long it lasts.
        kind: What it is.
        text: The words; of a pause none.
    """

    at_seconds: int
    seconds: int
    kind: Part
    text: str

    @property
    def ends_at(self) -> int:
        """When the next line begins."""
        return self.at_seconds + self.seconds


def play(script: Script, code: str = SAMPLE_CODE) -> tuple[Line, ...]:
    """What is heard, in the order of time, without gaps.

    Args:
        script: The script.
        code: Digits to be read out: a sample, never a code that is in use.
    """
    lines: list[Line] = []
    for kind, text, seconds in _parts(script, code):
        lines.append(Line(lines[-1].ends_at if lines else 0, seconds, kind, text))
    return tuple(lines)


def sample_code(query: Mapping[str, str]) -> str:
    """The code that a preview's query parameters ask for.

    Raises:
        ValidationFailed: Names the parameter at fault, never its value.
    """
    given = Parameters(query, frozenset({"code"}))
    code = given.read("code", SAMPLE_CODE, _code, f"{LEAST_DIGITS} to {MOST_DIGITS} digits")
    given.check()
    return code


def as_text(lines: tuple[Line, ...]) -> str:
    """The same for people: a line for each, and the end."""
    told = [f"{_clock(line.at_seconds)}  {line.kind:<19}  {line.text}".rstrip() for line in lines]
    return "\n".join([*told, f"{_clock(lines[-1].ends_at)}  end (estimated)"]) + "\n"


def numeral(digit: str) -> str:
    """A digit as it is spoken in Vietnamese."""
    return _NUMERALS[int(digit)]


def _code(text: str) -> str:
    if not (LEAST_DIGITS <= len(text) <= MOST_DIGITS and text.isascii() and text.isdigit()):
        raise ValueError("code")
    return text


def _parts(script: Script, code: str) -> Iterator[tuple[Part, str, int]]:
    yield Part.GREETING, script.greeting, _seconds(script.greeting, script.speed)
    yield from _digits(code)
    if (repeat := script.repeat) is not None:
        for _ in range(repeat.count - 1):
            if repeat.pause_seconds:
                yield Part.PAUSE, "", repeat.pause_seconds
            text = repeat.announcement
            yield Part.REPEAT_ANNOUNCEMENT, text, _seconds(text, script.speed)
            yield from _digits(code)
    if script.closing is not None:
        yield Part.CLOSING, script.closing, _seconds(script.closing, script.speed)


def _digits(code: str) -> Iterator[tuple[Part, str, int]]:
    return ((Part.DIGITS, numeral(digit), DIGIT_SECONDS) for digit in code)


def _seconds(text: str, speed: Decimal) -> int:
    """How long a text is read; a second at least."""
    return max(1, ceil(_syllables(text) / (SYLLABLES_A_SECOND * speed)))


def _syllables(text: str) -> int:
    # Capitals are spelled: OTP is said as three letters.
    spelled = _ABBREVIATION.sub(lambda found: "a " * len(found[0]), text)
    letters = unicodedata.normalize("NFD", spelled)
    return len(_SYLLABLE.findall("".join(one for one in letters if not _is_mark(one))))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def _clock(seconds: int) -> str:
    return f"{seconds // 60:02d}:{seconds % 60:02d}"
