"""The sandbox's README names what there is."""

import dataclasses
from pathlib import Path

import pytest

from sandbox import control
from sandbox.endings import ENDINGS
from sandbox.settings import CdrForm, McnReplyForm, Settings
from sandbox.zalo_call_events import Types
from sandbox.zalo_endings import CALLS, CONSENTS

README = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        *(f"/_sandbox{route}" for route in control._ROUTES),
        *(f"`{field.name}`" for field in dataclasses.fields(Settings)),
        *(f"`{form}`" for form in (*CdrForm, *McnReplyForm, *Types)),
        *(f"\n| {digits} |" for digits in ENDINGS),
    ],
)
def test_is_named(name: str) -> None:
    assert name in README


@pytest.mark.parametrize("digits", ENDINGS)
def test_gives_the_cdr(digits: str) -> None:
    [row] = [line for line in README.splitlines() if line.startswith(f"| {digits} |")]
    mcn = ENDINGS[digits].mcn
    expected = "none" if mcn is None else f"{mcn.q931_status} {mcn.final_status}"
    assert row.rsplit("|", 2)[1].strip().startswith(expected)


def _row_of_calls(digits: str, table: int) -> str:
    """The row of one of the two tables about Zalo's calls."""
    section = README.partition("## Zalo's calls\n")[2].partition("\n## ")[0]
    rows = section.split("\n| what becomes of ")[1 + table].splitlines()
    [row] = [line for line in rows if f" | {digits} | " in line]
    return row


@pytest.mark.parametrize("digits", CONSENTS)
def test_says_what_becomes_of_a_consent(digits: str) -> None:
    number = CONSENTS[digits].error
    assert (f"`error` {number}," in _row_of_calls(digits, 0)) == bool(number)


@pytest.mark.parametrize("digits", CALLS)
def test_says_what_becomes_of_a_call(digits: str) -> None:
    ending, row = CALLS[digits], _row_of_calls(digits, 1)
    assert f"talk time {ending.talk_seconds} s" in row
    assert (f"status_code {ending.status_code}" if ending.events else "no event") in row
