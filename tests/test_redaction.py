"""What is kept in clear of what came holds no code, no phone, no token and no text of a person."""

import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.redaction import MAX_BYTES, Secret, mask_digits, outline, redact

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
COUNTED = {"q931_status", "final_status", "state"}


def outlined(fields: dict[str, object]) -> str:
    return outline(fields, COUNTED, str.lower)


def test_names_are_kept_and_of_the_values_those_that_count() -> None:
    fields = {
        "ok": True,
        "caller_number": "74951091251",
        "q931_status": 17,
        "Final_Status": "CANCEL",
        "state": "a text of a person",
        "data": {"state": "busy", "dst": "+7 916 123 45 67", "text": "4 7 1 2", "n": [5]},
        "Nguyễn Lan": None,
    }
    assert json.loads(outlined(fields)) == {
        "ok": True,
        "caller_number": "***",
        "q931_status": 17,
        "Final_Status": "CANCEL",
        "state": "***",
        "data": {"state": "busy", "dst": "***", "text": "***", "n": ["***"]},
        "***": None,
    }


@pytest.mark.parametrize(
    ("raw", "shape"),
    [
        (
            "<html>call 79777777777, code 1234, cause 17</html>",
            "<html>*** ***, *** ***, *** ***</html>",
        ),
        ('{"q931_status": 1, "text": "số 5', '{"q931_status": ***, "text": "*** ***'),
        ("q931_status=16&x=%34%37%31%32", "q931_status=***&x=***"),
        ("<q931_status>16</q931_status>", "<q931_status>***</q931_status>"),
        ("Lan: 12 Lê Lợi", "***: *** *** ***"),
        ('{"code4712": 1', '{"code****": ***'),
        ('{"NDcxMjk5": 1', '{"***": ***'),  # 471299 in Base64
        ("<NDcxMg>1</NDcxMg>", "<***>***</***>"),
    ],
)
def test_of_what_cannot_be_read_the_shape_is_kept(raw: str, shape: str) -> None:
    assert redact(raw.encode()) == shape


def spellings(digits: str) -> st.SearchStrategy[str]:
    """Ways to write these digits."""
    separator = st.sampled_from(
        ["", " ", ".", "-", " (", ") ", "_", "\u00a0", "\u200b", "/", '","']
    )
    spread = st.lists(separator, min_size=len(digits), max_size=len(digits)).map(
        lambda between: "".join(map("".join, zip(digits, between, strict=True)))
    )
    ways: list[Callable[[str], str]] = [
        lambda text: text,
        lambda text: text.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
        lambda text: text.translate({ord("0") + n: 0x0660 + n for n in range(10)}),
        lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
        lambda text: "".join(f"%{ord(each):02x}" for each in text if ord(each) < 128),
        lambda text: "".join(f"&#{ord(each)};" for each in text),
        lambda text: b64encode(text.encode()).decode(),
        lambda text: urlsafe_b64encode(text.encode()).decode().rstrip("="),
        quote,
    ]
    return st.tuples(spread, st.sampled_from(ways)).map(lambda way: way[1](way[0]))


DIGITS = st.from_regex(r"\A[0-9]{4,12}\Z", fullmatch=True)
FRAMES = [
    '{{"text": "{}"}}',
    '{{"text": "{}',
    "text={}&x=1",
    "text: {}",
    "<text>{}</text>",
    "{}",
    '{{"data": [{{"dst": "{}", "state": "busy"}}]}}',
    '{{"{}": 1}}',
]


@pytest.mark.slow
@given(
    DIGITS.flatmap(lambda digits: st.tuples(st.just(digits), spellings(digits))),
    st.sampled_from(FRAMES),
)
def test_no_code_and_no_phone_survives_in_any_spelling(code: tuple[str, str], frame: str) -> None:
    digits, spelling = code
    text = frame.format(spelling)
    redacted_text = redact(text.encode())
    with suppress(ValueError):
        redacted_text += outlined({"body": json.loads(text, strict=False)})
    assert spelling not in redacted_text or len(spelling) < 4
    characters = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", redacted_text))
    assert digits not in characters


@pytest.mark.slow
@given(JSON)
def test_no_run_of_four_digits_is_kept(document: object) -> None:
    raw = json.dumps(document).encode()
    assert re.search(r"\d{4}", redact(raw)) is None
    assert re.search(r"\d{4}", outlined({"data": document})) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(raw: bytes) -> None:
    assert re.search(r"\d{4}", redact(raw)) is None


def test_it_is_cut_to_16_kilobytes() -> None:
    assert len(redact(b"a " * MAX_BYTES).encode()) <= MAX_BYTES
    assert len(outlined({f"n{n}": ["x"] * 60 for n in range(60)}).encode()) <= MAX_BYTES


def test_nesting_beyond_reason_and_lone_surrogates_are_taken() -> None:
    assert redact(b"[" * 5_000 + b"]" * 5_000)
    nested: dict[str, object] = {}
    for _ in range(900):
        nested = {"a": nested}
    assert outlined(nested)
    assert outlined({"\ud800": "\ud800 12345"}) == '{"***": "***"}'


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a 123 b 1234 c 12345678", "a 123 b **** c ********"),
        ("+7 (916) 123-45-67", "+* (***) ***-**-**"),
        ("4 7 1 2", "* * * *"),
        ("\uff14.\uff17_1\u200b2", "*.*_*\u200b*"),
        ("17, 20", "**, **"),
        ("q931_status 17", "q931_status 17"),
    ],
)
def test_masking_keeps_the_length(text: str, masked: str) -> None:
    assert mask_digits(text) == masked


def test_masking_takes_no_longer_for_a_text_of_marks() -> None:
    for text in ("1" + "." * 200_000, ("1" + "." * 50) * 4_000, "1 1 1 a" * 30_000):
        mask_digits(text)


@given(st.text(max_size=12), st.text(max_size=12))
def test_secrets_are_equal_if_their_texts_are_and_print_the_same(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) == (one == other)
    assert hash(Secret(one)) == hash(Secret(one))
    assert Secret(one) != one
    assert f"{Secret(one)!r}" == f"{Secret(other)}" == "Secret(***)"


def test_half_a_surrogate_pair_can_be_compared() -> None:
    assert Secret("\ud800") == Secret("\ud800") != Secret("\ud801")
