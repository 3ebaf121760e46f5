"""What a callee hears: the parts in their order, digits one by one, and how long it takes."""

from dataclasses import replace
from decimal import Decimal
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.scenarios.model import MOST_PLAYS, Repeat, Script
from ringpass.clients.scenarios.preview import (
    SAMPLE_CODE,
    Line,
    Part,
    as_text,
    numeral,
    sample_code,
    timeline,
)
from ringpass.errors import ValidationFailed

SCRIPT = Script(
    name="Đăng nhập",
    hotline="02471000000",
    greeting="Xin chào quý khách, mã OTP của quý khách là",
    repeat=Repeat(2, 3, "Xin nhắc lại, mã là"),
    closing="Xin cảm ơn.",
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=200)
SCRIPTS = st.builds(
    Script,
    name=st.just("a"),
    greeting=TEXTS,
    voice=st.none() | st.just("Nữ"),
    speed=st.decimals(Decimal("0.5"), 2, places=2),
    repeat=st.none() | st.builds(Repeat, st.integers(2, MOST_PLAYS), st.integers(0, 30), TEXTS),
    closing=st.none() | TEXTS,
)
CODES = st.text("0123456789", min_size=4, max_size=10)


def kinds(lines: tuple[Line, ...]) -> list[Part]:
    """What is heard, digits that follow each other as one."""
    return [kind for kind, _ in groupby(line.kind for line in lines)]


def digits(lines: tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines if line.kind is Part.DIGITS]


def test_all_of_a_script() -> None:
    assert as_text(timeline(SCRIPT, "2026")) == (
        "00:00  greeting             Xin chào quý khách, mã OTP của quý khách là\n"
        "00:04  digits               hai\n"
        "00:05  digits               không\n"
        "00:06  digits               hai\n"
        "00:07  digits               sáu\n"
        "00:08  pause\n"
        "00:11  repeat_announcement  Xin nhắc lại, mã là\n"
        "00:13  digits               hai\n"
        "00:14  digits               không\n"
        "00:15  digits               hai\n"
        "00:16  digits               sáu\n"
        "00:17  closing              Xin cảm ơn.\n"
        "00:18  end (estimated)\n"
    )


def test_the_digits_are_the_vietnamese_numerals() -> None:
    words = "không một hai ba bốn năm sáu bảy tám chín"
    assert " ".join(numeral(digit) for digit in "0123456789") == words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Xin", 1),
        ("một hai ba", 1),
        ("một hai ba bốn", 2),
        ("...", 1),
        ("OTP", 1),
        ("mã OTP là", 2),
        ("Bizfly", 1),
        ("24 7", 1),
        ("quý khách nghe mã", 2),
        ("a" * 30, 1),
    ],
)
def test_a_text_is_as_long_as_its_syllables(text: str, seconds: int) -> None:
    [line, *_] = timeline(replace(SCRIPT, greeting=text))
    assert line.seconds == seconds


def test_a_text_is_read_as_fast_as_is_said() -> None:
    text = "một hai ba bốn năm sáu bảy tám chín mười"
    lengths = {
        speed: timeline(replace(SCRIPT, greeting=text, speed=Decimal(speed)))[0].seconds
        for speed in ("0.5", "1", "2")
    }
    assert lengths == {"0.5": 7, "1": 4, "2": 2}


def test_no_pause_is_no_line() -> None:
    lines = timeline(replace(SCRIPT, repeat=Repeat(2, 0, "Mã là")))
    assert Part.PAUSE not in kinds(lines)


@pytest.mark.slow
@given(SCRIPTS, CODES)
def test_the_parts_come_in_their_order(script: Script, code: str) -> None:
    again = [Part.PAUSE, Part.REPEAT_ANNOUNCEMENT, Part.DIGITS]
    if script.repeat and not script.repeat.pause_seconds:
        again = again[1:]
    expected = [Part.GREETING, Part.DIGITS]
    expected += again * (script.repeat.count - 1 if script.repeat else 0)
    expected += [Part.CLOSING] * (script.closing is not None)
    assert kinds(timeline(script, code)) == expected


@pytest.mark.slow
@given(SCRIPTS, CODES)
def test_every_digit_is_heard_in_every_play(script: Script, code: str) -> None:
    plays = script.repeat.count if script.repeat else 1
    assert digits(timeline(script, code)) == [numeral(digit) for digit in code] * plays


@given(SCRIPTS, CODES)
def test_there_are_no_gaps_and_everything_takes_time(script: Script, code: str) -> None:
    lines = timeline(script, code)
    assert lines[0].at_seconds == 0
    assert all(line.seconds >= 1 for line in lines)
    for before, after in pairwise(lines):
        assert before.ends_at == after.at_seconds


@given(SCRIPTS, CODES)
def test_voice_and_speed_change_no_digit(script: Script, code: str) -> None:
    other = replace(script, voice="Nam", speed=Decimal(2) if script.speed < 1 else Decimal("0.5"))
    spoken = [(line.text, line.seconds) for line in timeline(script, code) if line.kind == "digits"]
    assert spoken == [
        (line.text, line.seconds) for line in timeline(other, code) if line.kind == "digits"
    ]


@given(SCRIPTS, CODES)
def test_faster_is_never_longer(script: Script, code: str) -> None:
    faster = replace(script, speed=Decimal(2))
    assert timeline(faster, code)[-1].ends_at <= timeline(script, code)[-1].ends_at


def test_a_sample_code_can_be_chosen() -> None:
    assert sample_code({}) == SAMPLE_CODE
    assert sample_code({"code": "0099"}) == "0099"


@pytest.mark.parametrize("query", [{"code": "123"}, {"code": "12a4"}, {"code": "٣٣٣٣"}, {"c": "1"}])
def test_nothing_else_is_a_code(query: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed):
        sample_code(query)
