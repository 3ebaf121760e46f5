"""Outcomes by the words that Bizfly has for the state of a call."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from ringpass.outcomes import Status

# Words of telephone exchanges (Asterisk's dispositions) in their usual spellings; Bizfly's own are
# not published. The parameter BizflyCallStates adds words.
STATES: Final[Mapping[str, Status]] = {
    "answer": Status.ANSWERED,
    "answered": Status.ANSWERED,
    "completed": Status.ANSWERED,
    "busy": Status.BUSY,
    "user_busy": Status.BUSY,
    "no_answer": Status.NO_ANSWER,
    "noanswer": Status.NO_ANSWER,
    "not_answered": Status.NO_ANSWER,
    "unanswered": Status.NO_ANSWER,
    "missed": Status.NO_ANSWER,
    "fail": Status.FAILED,
    "failed": Status.FAILED,
    "congestion": Status.FAILED,
    "chanunavail": Status.FAILED,
}
_NEEDS_NO_REASON: Final = frozenset({Status.ANSWERED, Status.BUSY, Status.NO_ANSWER})
"""Outcomes that need no reason."""

_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
# Digits of a code or a phone, also with blanks between them.
_DIGITS: Final = re.compile(r"\d(?:_?\d){3,}")
_MAX_WORD_LENGTH: Final = 40


def states_from_json(text: str) -> Mapping[str, Status]:
    """Returns the stack's own words: ``{"cuoc_goi_nho": "no_answer"}``.

    Raises:
        ValueError: It is not such a table.
    """
    table = json.loads(text)
    if not isinstance(table, dict):
        raise ValueError("not a table of states")  # noqa: TRY004 - the text is wrong, not a type
    return {_word(word): Status(status) for word, status in table.items()}


def outcome_of(state: object, states: Mapping[str, Status]) -> tuple[Status, str | None]:
    """Returns the outcome that Bizfly's state means, and the reason."""
    word = _word(text_of(state))
    if not word:
        return Status.UNKNOWN, "no_state"
    outcome = states.get(word) or STATES.get(word, Status.UNKNOWN)
    return outcome, None if outcome in _NEEDS_NO_REASON else f"state_{word}"


def text_of(value: object) -> str:
    """Returns a text or a number as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value).strip()
    except ValueError:  # More digits than Python prints.
        return ""


def _word(text: str) -> str:
    """Returns a state as a word: ``NO ANSWER`` is ``no_answer``; digits in a row are hidden."""
    # Unicode has two forms of Vietnamese letters.
    letters = unicodedata.normalize("NFC", text.lower())
    word = _BETWEEN_WORDS.sub("_", letters).strip("_")[:_MAX_WORD_LENGTH]
    return _DIGITS.sub("n", word)
