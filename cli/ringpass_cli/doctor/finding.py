"""What ``ringpass doctor`` finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, but a person may want to know it."""
    SKIPPED = "skipped"
    """It could not be looked at from here."""
    PROBLEM = "problem"
    """Something does not work, or will not."""


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        check: What was looked at, such as ``providers``.
        level: How much it matters.
        text: What was found, one sentence.
        advice: What to do; empty where nothing is to be done.
    """

    check: str
    level: Level
    text: str
    advice: str = ""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, text)


def note(check: str, text: str, advice: str) -> Finding:
    """Something to know."""
    return Finding(check, Level.NOTE, text, advice)


def skipped(check: str, text: str, advice: str = "") -> Finding:
    """It could not be looked at."""
    return Finding(check, Level.SKIPPED, text, advice)


def problem(check: str, text: str, advice: str) -> Finding:
    """Something to do."""
    return Finding(check, Level.PROBLEM, text, advice)
