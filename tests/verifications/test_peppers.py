"""The map of peppers: a rotation adds one, and drops what no code can need any more."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.secrets import CACHE_SECONDS
from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.verifications.model import CHECK_TIMEOUT_SECONDS
from ringpass.verifications.peppers import RETENTION, check, from_text, new_pepper, rotate
from ringpass.verifications.requests import StartVerification

BEGINNING = datetime(2026, 11, 22, 2, tzinfo=UTC)
PAUSES = st.lists(
    st.timedeltas(timedelta(0), timedelta(days=3)).map(
        lambda pause: pause - timedelta(microseconds=pause.microseconds)
    ),
    max_size=12,
)


def test_an_id_is_the_instant_from_which_its_pepper_is_used() -> None:
    peppers = rotate({"0": "first"}, "second", BEGINNING)
    assert peppers == {"0": "first", "2026-11-22T02:00:00Z": "second"}


def test_the_first_pepper_goes_when_its_successor_is_old_enough() -> None:
    peppers = rotate({"0": "first"}, "second", BEGINNING)
    early = rotate(peppers, "third", BEGINNING + RETENTION - timedelta(seconds=1))
    assert list(early.values()) == ["first", "second", "third"]
    assert list(rotate(peppers, "third", BEGINNING + RETENTION).values()) == ["second", "third"]


def test_a_pepper_is_kept_as_long_as_a_code_may_need_it() -> None:
    for model in (StartVerification, ReplaceSettings):
        [number, _] = model.model_json_schema()["properties"]["expires_in"]["anyOf"]
        longest = number["maximum"] + CACHE_SECONDS + CHECK_TIMEOUT_SECONDS
        assert timedelta(seconds=longest) < RETENTION


@given(PAUSES)
def test_whatever_the_pauses_no_code_is_lost_and_nothing_is_kept_for_long(
    pauses: list[timedelta],
) -> None:
    peppers, now = {"0": "0"}, BEGINNING
    # Pepper -> when it ceased to be the one that seals.
    until: dict[str, datetime] = {}
    for number, pause in enumerate(pauses, start=1):
        now += pause
        until[peppers[max(peppers)]] = now
        before = peppers
        peppers = rotate(before, str(number), now)
        # The new one seals from now on, and the one before is still there.
        assert peppers[max(peppers)] == str(number)
        assert max(peppers) > max(before)
        check(peppers, before)
        for pepper, ceased in until.items():
            if pepper not in peppers.values():
                assert now - ceased >= RETENTION
            # Of rotations within one second, ids run ahead of the clock.
            elif now - ceased >= RETENTION + timedelta(seconds=len(pauses)):
                pytest.fail("kept for too long")


def test_a_second_rotation_in_the_same_second_has_a_greater_id() -> None:
    peppers = rotate({"2026-11-22T02:00:00Z": "first"}, "second", BEGINNING)
    assert max(peppers) == "2026-11-22T02:00:01Z"
    assert peppers[max(peppers)] == "second"


def test_a_clock_that_was_set_back_makes_no_smaller_id() -> None:
    peppers = rotate({"2026-11-22T02:00:00Z": "first"}, "second", BEGINNING - timedelta(days=400))
    assert max(peppers) == "2026-11-22T02:00:01Z"


def test_an_id_that_no_date_can_follow_is_refused() -> None:
    with pytest.raises(ValueError, match="no instant is greater"):
        rotate({"version 2": "first"}, "second", BEGINNING)


def test_a_map_that_lacks_the_pepper_in_use_is_refused() -> None:
    check({"0": "first"}, {"0": "first"})
    for pending in ({"0": "another"}, {"1": "first"}):
        with pytest.raises(ValueError, match="lack '0'"):
            check(pending, {"0": "first"})


def test_peppers_are_random_letters_and_digits() -> None:
    peppers = {new_pepper() for _ in range(20)}
    assert len(peppers) == 20
    assert all(len(one) == 64 and one.isascii() and one.isalnum() for one in peppers)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"s3cret"', '{"0": 5}', '{"0": ""}'])
def test_what_is_no_map_of_peppers_is_told_without_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="pepper") as error:
        from_text(text)
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None
