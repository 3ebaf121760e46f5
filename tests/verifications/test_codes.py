"""Codes: derived, masked, and found again with their pepper alone."""

import json
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.secrets import Secrets
from ringpass.config import LEAST_DIGITS, MOST_DIGITS
from ringpass.errors import Unavailable
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes, SealedCode

DIGITS = st.integers(LEAST_DIGITS, MOST_DIGITS)
OWN = st.text("0123456789", min_size=LEAST_DIGITS, max_size=MOST_DIGITS)


class Vault:
    """Secrets Manager with one secret, which a test rotates."""

    def __init__(self, peppers: Mapping[str, str]) -> None:
        self.peppers = dict(peppers)
        self.fetches = 0

    def get_secret_value(self, **_: str) -> dict[str, str]:
        self.fetches += 1
        return {"SecretString": json.dumps(self.peppers)}


def codes_of(vault: Vault) -> Codes:
    return Codes(Secrets(vault, arn_of=str))  # type: ignore[arg-type]


@given(DIGITS)
def test_a_derived_code_has_so_many_digits_and_stays(digits: int) -> None:
    codes = codes_of(Vault({"0": "pepper"}))
    sealed = codes.generate(digits)
    code = codes.reveal(sealed).reveal()
    assert len(code) == digits
    assert code.isascii()
    assert code.isdigit()
    assert codes.reveal(sealed).reveal() == code
    assert codes.is_right(sealed, Secret(code))


@given(OWN)
def test_an_own_code_comes_back(own: str) -> None:
    codes = codes_of(Vault({"0": "pepper"}))
    sealed = codes.seal(Secret(own))
    assert sealed.digits == len(own)
    assert codes.reveal(sealed).reveal() == own
    assert codes.is_right(sealed, Secret(own))
    assert not codes.is_right(sealed, Secret(own + "0"))


@given(OWN)
def test_what_is_kept_of_a_code_changes_with_the_nonce(own: str) -> None:
    codes = codes_of(Vault({"0": "pepper"}))
    masks = {codes.seal(Secret(own)).masked for _ in range(12)}
    # The pad is as random as a code is: twelve equal ones of 10,000 do not happen.
    assert len(masks) > 1


def test_without_its_pepper_a_code_is_not_to_be_had() -> None:
    sealed = codes_of(Vault({"0": "pepper"})).seal(Secret("4821"))
    other = codes_of(Vault({"0": "another pepper"}))
    # One of 10,000 peppers gives the same pad for a nonce; 20 nonces do not.
    again = [codes_of(Vault({"0": "pepper"})).seal(Secret("4821")) for _ in range(20)]
    assert not all(other.is_right(each, Secret("4821")) for each in [sealed, *again])


@pytest.mark.parametrize("origin", ["code", "masked"])
def test_an_item_gives_the_same_code(origin: str) -> None:
    codes = codes_of(Vault({"0": "pepper"}))
    sealed = codes.seal(Secret("90210")) if origin == "masked" else codes.generate(6)
    item = {name: value for name, value in sealed.to_item().items() if value is not None}
    assert SealedCode.from_item(item) == sealed
    assert codes.reveal(SealedCode.from_item(item)).reveal() == codes.reveal(sealed).reveal()


def test_the_latest_pepper_seals_and_the_old_ones_open() -> None:
    vault = Vault({"0": "first"})
    codes = codes_of(vault)
    old = codes.seal(Secret("1234"))
    vault.peppers = {"0": "first", "2026-11-22T02:00:00Z": "second"}
    fresh = codes_of(vault)
    assert fresh.generate(4).pepper == "2026-11-22T02:00:00Z"
    assert fresh.is_right(old, Secret("1234"))


def test_a_pepper_that_is_not_known_is_fetched() -> None:
    vault = Vault({"0": "first"})
    stale = codes_of(vault)
    stale.generate(4)
    vault.peppers["1"] = "second"
    sealed = codes_of(vault).seal(Secret("1234"))
    fetched = vault.fetches
    assert stale.is_right(sealed, Secret("1234"))
    assert vault.fetches == fetched + 1


def test_a_pepper_that_is_gone_is_said_to_be() -> None:
    vault = Vault({"0": "first"})
    sealed = codes_of(vault).generate(4)
    vault.peppers = {"1": "second"}
    with pytest.raises(Unavailable):
        codes_of(vault).reveal(sealed)
    vault.peppers = {}
    with pytest.raises(Unavailable):
        codes_of(vault).generate(4)


@pytest.mark.slow
def test_no_digit_is_favoured() -> None:
    """Chi-squared over 40,000 digits at each of four places, 9 degrees of freedom each."""
    codes = codes_of(Vault({"0": "pepper"}))
    drawn = [
        codes.reveal(SealedCode("0", f"{number:032x}", 4)).reveal() for number in range(40_000)
    ]
    for place in range(4):
        counts = Counter(code[place] for code in drawn)
        expected = len(drawn) / 10
        statistic = sum((counts[str(digit)] - expected) ** 2 / expected for digit in range(10))
        # Beyond 33 in one of a million draws; the draws are the same in every run.
        assert statistic < 33


def test_nothing_of_a_code_prints() -> None:
    codes = codes_of(Vault({"0": "pepper"}))
    code = codes.reveal(codes.seal(Secret("4821")))
    assert "4821" not in repr(code) + str(code) + repr(codes)


# The digits are the last ones of the number in the first eight bytes of an HMAC-SHA-256 under the
# pepper over "code:<nonce>:<digits>:0" (a caller's code: "pad:..."). They were computed without our
# code: a code that one version sends must be accepted by the next one.
_NONCE = "00112233445566778899aabbccddeeff"
KNOWN = [(4, "2763", "0630"), (6, "432015", "455420"), (10, "0299348574", "1666223173")]


@pytest.mark.parametrize(("digits", "code", "pad"), KNOWN)
def test_known_answers(digits: int, code: str, pad: str) -> None:
    codes = codes_of(Vault({"0": "pepper"}))
    assert codes.reveal(SealedCode("0", _NONCE, digits)).reveal() == code
    zeros = SealedCode("0", _NONCE, digits, masked=pad)
    assert codes.reveal(zeros).reveal() == "0" * digits
