"""A body is read to its end, whatever is in it, in a time that its length bounds."""

import json
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.providers.nearly_json import parse_values
from ringpass.providers.webhook_documents import Document, documents

MARKS = "{}[]()\"'\\,;:=/*-&%<> \n\r\t\x00\ufeff\u201c\u2019"
# Of the processor's time, which other programs do not use up; each body takes a fraction of it.
MOST_SECONDS = 10.0
LONG = 100_000


@contextmanager
def in_time() -> Iterator[None]:
    """Ends what never would."""

    def stop(*_: object) -> None:
        raise AssertionError(f"it took more than {MOST_SECONDS:.0f} s of the processor")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read(body: bytes) -> list[Document]:
    with in_time():
        return list(documents(body))


def nearly(text: str) -> tuple[list[Any], bool]:
    with in_time():
        return parse_values(text, json.loads)


@pytest.mark.parametrize(
    "text",
    [
        "[)",
        "[}",
        "[1, )",
        "[ )]",
        "[(]",
        "([)",
        '{"a": [)}',
        '{"a": )',
        '{"a": ]',
        '{"a": [1}',
        "[,)",
    ],
)
def test_a_value_that_is_closed_by_another_mark_is_none(text: str) -> None:
    assert nearly(text) in (([], False), ([[]], False), ([[1]], False))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": , "b": 2}', {"a": None, "b": 2}),
        ('{"a": }', {"a": None}),
        ('{"a": ; b: 2}', {"a": None, "b": 2}),
        ("[1, , 2,]", [1, 2]),
        ('{"a": [], "b": ()}', {"a": [], "b": []}),
    ],
)
def test_a_value_that_was_left_out_is_none(text: str, value: object) -> None:
    assert nearly(text) == ([value], True)


@given(st.text(MARKS + "ab1", max_size=60))
def test_marks_in_any_order_are_read_to_their_end(text: str) -> None:
    nearly(text)
    read(text.encode())


@given(st.text(MARKS + "ab1", max_size=8), st.text(MARKS + "a1", min_size=1, max_size=6))
def test_marks_that_are_repeated_are_read_to_their_end(before: str, mark: str) -> None:
    read((before + mark * (4_000 // len(mark)) + "\nx").encode())


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_to_their_end(body: bytes) -> None:
    read(body)


@pytest.mark.parametrize("number", range(5))
def test_noise_is_read_to_its_end(number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - the same in every run
    for _ in range(20):
        read(chance.randbytes(2_000))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [
        ("a=", ";", "\nx"),
        ("a=1\n", ";", "\nx"),
        ("a=", "a=1;", "\nx"),
        ("", "a=1\n", "x"),
        ("[", "a=1\n", "]"),
        ("[1,[1,", "a=1;", "]"),
        ("[[[[", 'u"\\', '"'),
        ("", "[", ""),
        ("", '{"a":', ""),
        ("--b\nform-data", 'name="x"\n', ""),
        ("%7B", "%22", ""),
        ("", "/*", ""),
    ],
)
def test_a_long_body_takes_no_longer_than_its_length_lets_it(
    before: str, mark: str, after: str
) -> None:
    read((before + mark * (LONG // len(mark)) + after).encode())


@pytest.mark.parametrize("line", ["\n", "\r\n"])
@pytest.mark.parametrize("blank_before", [False, True])
def test_parts_of_a_form_are_fields(line: str, blank_before: bool) -> None:
    head = (line if blank_before else "") + "Content-Disposition: form-data; name="
    lines = [
        "--b",
        f'{head}"a"',
        "Content-Type: text/plain",
        "",
        "1",
        "--b",
        f"{head}c",
        "",
        "2",
        "--b--",
    ]
    [fields, *_] = read(line.join(lines).encode())
    assert {name: value.strip() for name, value in fields.value.items()} == {"a": "1", "c": "2"}


def test_lines_and_semicolons_are_fields() -> None:
    expected = {"a": "1", "b": "x;y"}
    assert read(b"a=1\nb=x;y")[0].value == expected
    assert read(b"a=1\n\nb=x;y")[0].value == expected
    assert read(b"a=1;b=2")[0].value == {"a": "1", "b": "2"}
    assert read(b"a=1;b=2&c=3")[0].value == {"a": "1", "b": "2&c=3"}
    assert {"a": "1;b"} not in [each.value for each in read(b"a=1&b=2;c=3")]
