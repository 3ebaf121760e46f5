"""Preview of a scenario: an estimated timeline of what the callee hears.

    greeting, digits, (pause, announcement, digits) for each further play, closing

Each digit is a line of its own. Voice and speed apply to the texts only: Bizfly's documentation
excludes the recording that reads the code ("trừ file đọc mã OTP"). It says neither how long a part
takes nor how digits are spoken. The lengths are our estimate, in whole seconds; the words are the
Vietnamese numerals.
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
"""The code of a preview without one. No code in use is ever played."""
SYLLABLES_A_SECOND: Final = 3
"""Reading speed of a text at speed 1, pauses included: our estimate."""
DIGIT_SECONDS: Final = 1
"""Length of a digit with the silence after it, at every speed: our estimate."""

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
    """A line of the timeline.

    Attributes:
        at_seconds: Its start, from the moment that the call is answered.
        seconds: Its length.
        kind: Its kind.
        text: The words; empty for a pause.
    """

    at_seconds: int
    seconds: int
    kind: Part
    text: str

    @property
    def ends_at(self) -> int:
        """Its end, where the next line starts."""
        return self.at_seconds + self.seconds


def timeline(script: Script, code: str = SAMPLE_CODE) -> tuple[Line, ...]:
    """Return the lines that the callee hears, in order, without gaps.

    Args:
        script: The script.
        code: Sample digits, never a code that is in use.
    """
    lines: list[Line] = []
    for kind, text, seconds in _parts(script, code):
        lines.append(Line(lines[-1].ends_at if lines else 0, seconds, kind, text))
    return tuple(lines)


def sample_code(query: Mapping[str, str]) -> str:
    """Return the code in a preview's query parameters.

    Raises:
        ValidationFailed: It names the wrong parameter, never its value.
    """
    params = Parameters(query, frozenset({"code"}))
    code = params.read("code", SAMPLE_CODE, _code, f"{LEAST_DIGITS} to {MOST_DIGITS} digits")
    params.check()
    return code


def as_text(lines: tuple[Line, ...]) -> str:
    """Return the timeline as text: a row for each line, and one for the end."""
    rows = [f"{_clock(line.at_seconds)}  {line.kind:<19}  {line.text}".rstrip() for line in lines]
    return "\n".join([*rows, f"{_clock(lines[-1].ends_at)}  end (estimated)"]) + "\n"


def numeral(digit: str) -> str:
    """Return the Vietnamese word for a digit."""
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
    """Return the length of a text; at least one second."""
    return max(1, ceil(_syllables(text) / (SYLLABLES_A_SECOND * speed)))


def _syllables(text: str) -> int:
    # An abbreviation is read letter by letter: OTP has three syllables.
    text_with_letters = _ABBREVIATION.sub(lambda match: "a " * len(match[0]), text)
    decomposed = unicodedata.normalize("NFD", text_with_letters)
    return len(
        _SYLLABLE.findall("".join(character for character in decomposed if not _is_mark(character)))
    )


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def _clock(seconds: int) -> str:
    return f"{seconds // 60:02d}:{seconds % 60:02d}"
