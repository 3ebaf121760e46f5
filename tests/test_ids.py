"""Ids and look-up keys: the same for the same, different for all else, and silent."""

import re
from base64 import b32encode

from hypothesis import given
from hypothesis import strategies as st

from ringpass.ids import consent_id, delivery_id, fingerprint, list_key, phone_key
from ringpass.redaction import Secret

KEY, OTHER_KEY = Secret("k" * 64), Secret("o" * 64)
PART = st.text(max_size=8)


@given(st.tuples(PART, PART, PART, PART), st.tuples(PART, PART, PART, PART))
def test_an_idempotent_id_is_the_same_only_for_the_same(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    assert delivery_id(*one) == delivery_id(*one)
    assert (delivery_id(*one) == delivery_id(*other)) == (one == other)


def test_parts_do_not_run_into_each_other() -> None:
    assert delivery_id("s", "ab", "c", "k") != delivery_id("s", "a", "bc", "k")


def test_without_a_key_every_id_is_new() -> None:
    ids = {delivery_id("s", "c", "r", None) for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"dlv_[a-z2-7]{32}", each) for each in ids)


def test_look_up_keys_need_the_secret() -> None:
    assert phone_key(KEY, "+84389801371") == phone_key(KEY, "+84389801371")
    assert phone_key(KEY, "+84389801371") != phone_key(OTHER_KEY, "+84389801371")
    assert phone_key(KEY, "+84389801371") != phone_key(KEY, "+84389801372")
    # The same bytes for another purpose give another digest.
    assert phone_key(KEY, "x") != fingerprint(KEY, b"x")


def test_what_is_answered_of_a_number_is_no_look_up_key() -> None:
    key = phone_key(KEY, "+84389801371")
    consent, list_id = consent_id(key, "oa"), list_key(key, "shop")
    assert re.fullmatch(r"cns_[a-z2-7]{32}", consent)
    assert re.fullmatch(r"[0-9a-f]{64}", list_id)
    letters = b32encode(bytes.fromhex(key)).decode().lower()
    for id_ in (consent.removeprefix("cns_"), list_id):
        assert id_[:8] not in letters + key
    # For each OA and client it is another one, and for each purpose.
    assert len({consent, consent_id(key, "other"), consent_id(key, "shop")}) == 3
    assert len({list_id, list_key(key, "other"), list_key(key, "oa")}) == 3
    assert consent == consent_id(phone_key(KEY, "+84389801371"), "oa")
