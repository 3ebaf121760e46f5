"""What is sealed opens to the very bytes, with the secret, where it belongs, and unchanged."""

import re
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.sealing import NotGenuine, seal, unseal
from ringpass.redaction import Secret

KEY, OTHER = Secret("k" * 64), Secret("j" * 64)
PAST = "iqNuuU%Acx_AUfutYRauoPDzP)rgUKbrafpowT)d_Tp$%kDVkS$B$KK_!JrKrzz+/VDekNBbkQW+WPKMAFT#PtXW"


def raw_of(sealed: str) -> bytes:
    return b64decode(sealed.translate(str.maketrans("!#$%&*()-_", "0123456789")))


def text_of(raw: bytes) -> str:
    return b64encode(raw).decode().translate(str.maketrans("0123456789", "!#$%&*()-_"))


@pytest.mark.slow
@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again(clear: bytes, about: str) -> None:
    sealed = seal(KEY, about, clear)
    assert unseal(KEY, about, sealed) == clear
    assert not re.search(r"\d", sealed)
    assert text_of(raw_of(sealed)) == sealed


def test_nothing_of_it_is_seen_and_twice_is_not_the_same() -> None:
    clear = b"+79161230203" * 20
    one, two = seal(KEY, "a", clear), seal(KEY, "a", clear)
    assert one != two
    raw = raw_of(one)
    assert len(raw) == 16 + len(clear) + 32
    assert not any(clear[at : at + 4] in raw for at in range(len(clear) - 4))
    # No block of the key stream is used twice.
    stream = bytes(x ^ y for x, y in zip(raw[16:-32], clear, strict=True))
    blocks = [stream[at : at + 32] for at in range(0, len(stream) - 31, 32)]
    assert len(set(blocks)) == len(blocks)


def test_it_opens_nowhere_else() -> None:
    sealed = seal(KEY, "a", b"clear")
    for key, about in ((OTHER, "a"), (KEY, "b"), (KEY, "")):
        with pytest.raises(NotGenuine):
            unseal(key, about, sealed)


def test_whatever_is_changed_is_noticed() -> None:
    raw = raw_of(seal(KEY, "a", b"clear"))
    for at in range(len(raw)):
        other = bytearray(raw)
        other[at] ^= 1
        with pytest.raises(NotGenuine):
            unseal(KEY, "a", text_of(bytes(other)))
    for cut in (raw[:-1], raw[:40], b""):
        with pytest.raises(NotGenuine):
            unseal(KEY, "a", text_of(cut))


def test_what_was_sealed_in_the_past_still_opens() -> None:
    """A known answer: what is kept has to be read by later versions, too."""
    assert unseal(KEY, "RAW#mcn#pay_x PART#000", PAST) == b"a body of the past"
