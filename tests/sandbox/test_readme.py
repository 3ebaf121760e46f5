"""The sandbox's README names what there is."""

import dataclasses
from pathlib import Path

import pytest

from sandbox import control
from sandbox.endings import ENDINGS
from sandbox.settings import CdrForm, McnReplyForm, Settings

README = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        *(f"/_sandbox{route}" for route in control._ROUTES),
        *(f"`{field.name}`" for field in dataclasses.fields(Settings)),
        *(f"`{form}`" for form in (*CdrForm, *McnReplyForm)),
        *(f"\n| {digits} |" for digits in ENDINGS),
    ],
)
def test_is_named(name: str) -> None:
    assert name in README


@pytest.mark.parametrize("digits", ENDINGS)
def test_gives_the_cdr(digits: str) -> None:
    [row] = [line for line in README.splitlines() if line.startswith(f"| {digits} |")]
    mcn = ENDINGS[digits].mcn
    wanted = "none" if mcn is None else f"{mcn.q931_status} {mcn.final_status}"
    assert row.rsplit("|", 2)[1].strip().startswith(wanted)
