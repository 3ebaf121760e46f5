"""What is kept of raw payloads holds no code, no phone and no token."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from ringpass.redaction import KEPT_BYTES, mask_digits, redact

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_what_mcn_repeats_is_removed() -> None:
    raw = (
        b'{"ok":true,"caller_number":"74951091251","verification_code":"1234",'
        b'"verification_uuid":"da59bda0a1bb_117793","is_redirect":false}'
    )
    assert json.loads(redact(raw)) == {
        "ok": True,
        "caller_number": "***",
        "verification_code": "***",
        "verification_uuid": "da59bda0a1bb_******",
        "is_redirect": False,
    }


def test_digits_are_masked_also_where_nothing_can_be_parsed() -> None:
    assert redact(b"<html>call 79777777777, code 1234, cause 17</html>") == (
        "<html>call ***********, code ****, cause 17</html>"
    )


@given(JSON)
def test_no_run_of_four_digits_is_kept(document: object) -> None:
    kept = redact(json.dumps(document).encode())
    assert re.search(r"\d{4}", kept) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(raw: bytes) -> None:
    assert re.search(r"\d{4}", redact(raw)) is None


def test_it_is_cut_to_16_kilobytes() -> None:
    assert len(redact("đ".encode() * KEPT_BYTES).encode()) <= KEPT_BYTES
    assert len(redact(json.dumps(["đ" * KEPT_BYTES]).encode()).encode()) <= KEPT_BYTES


def test_nesting_beyond_reason_and_lone_surrogates_are_taken() -> None:
    assert redact(b"[" * 5_000 + b"]" * 5_000)
    assert redact(rb'{"a":"\ud800 12345"}')


def test_masking_keeps_the_length() -> None:
    assert mask_digits("a 123 b 1234 c 12345678") == "a 123 b **** c ********"
