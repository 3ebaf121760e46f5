"""What can be registered of a scenario: what is taken, and refusals that name the field."""

import json
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.scenarios.model import Repeat, Script
from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario
from ringpass.errors import ApiError, InvalidJson, ValidationFailed

LEAST: dict[str, Any] = {
    "name": "Đăng nhập",
    "hotline": "02471000000",
    "greeting": "Xin chào quý khách.",
}
MOST: dict[str, Any] = LEAST | {
    "description": "Mã đăng nhập",
    "voice": "Nữ miền Bắc",
    "speed": 1.25,
    "repeat": True,
    "repeat_count": 3,
    "repeat_pause_seconds": 0,
    "repeat_announcement": "Mã của quý khách là",
    "closing": True,
    "closing_text": "Xin cảm ơn.",
    "otp_id": "OTP-975705",
    "api_key": "second_key",
}


def script(**fields: object) -> Script:
    return CreateScenario.from_json(json.dumps(LEAST | fields).encode()).to_script()


def refused(fields: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as error:
        CreateScenario.from_json(json.dumps(fields).encode()).to_script()
    return [(".".join(map(str, e["loc"])), e["type"]) for e in error.value.errors]


def test_the_least_that_makes_a_scenario() -> None:
    assert script() == Script(
        name="Đăng nhập", hotline="02471000000", greeting="Xin chào quý khách."
    )


def test_everything_that_can_be_said() -> None:
    assert script(**MOST) == Script(
        name="Đăng nhập",
        description="Mã đăng nhập",
        hotline="02471000000",
        greeting="Xin chào quý khách.",
        voice="Nữ miền Bắc",
        speed=Decimal("1.25"),
        repeat=Repeat(3, 0, "Mã của quý khách là"),
        closing="Xin cảm ơn.",
        otp_id="OTP-975705",
        key_field="second_key",
    )


def test_what_is_left_out_of_a_repetition_has_a_default() -> None:
    assert script(repeat=True, repeat_announcement="Mã là").repeat == Repeat(2, 2, "Mã là")


def test_nulls_say_nothing() -> None:
    nothing = ("description", "voice", "repeat_count", "repeat_announcement", "closing_text")
    assert script(**dict.fromkeys((*nothing, "hotline_group", "otp_id"))) == script()


@pytest.mark.parametrize("speed", [1, 1.0, "one"])
def test_a_speed_is_a_number(speed: object) -> None:
    if speed == "one":
        assert refused(LEAST | {"speed": speed}) == [("speed", "float_type")]
    else:
        assert script(speed=speed).speed == 1


@pytest.mark.parametrize(("speed", "text"), [(0.5, "0.5"), (2, "2"), (1.333, "1.33")])
def test_a_speed_is_kept_with_two_places(speed: float, text: str) -> None:
    assert str(script(speed=speed).speed) == text


def test_letters_that_look_alike_are_alike() -> None:
    apart = unicodedata.normalize("NFD", LEAST["name"])
    assert apart != LEAST["name"]
    assert script(name=apart) == script()


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"name": None}, [("name", "string_type")]),
        ({"name": ""}, [("name", "string_too_short")]),
        ({"name": "x" * 65}, [("name", "string_too_long")]),
        ({"name": " a"}, [("name", "name_format")]),
        ({"name": "   "}, [("name", "string_pattern_mismatch")]),
        ({"name": "a\nb"}, [("name", "string_pattern_mismatch")]),
        ({"name": "OTP-975705"}, [("name", "name_format")]),
        ({"description": ""}, [("description", "string_too_short")]),
        ({"hotline": "one"}, [("hotline", "string_pattern_mismatch")]),
        ({"hotline": None}, [("hotline", "hotline_or_group")]),
        ({"hotline_group": "Nhóm 1"}, [("hotline", "hotline_or_group")]),
        ({"greeting": "x" * 501}, [("greeting", "string_too_long")]),
        ({"greeting": "\x00"}, [("greeting", "string_pattern_mismatch")]),
        ({"voice": "x" * 65}, [("voice", "string_too_long")]),
        ({"speed": 0.49}, [("speed", "greater_than_equal")]),
        ({"speed": 2.01}, [("speed", "less_than_equal")]),
        ({"speed": "1"}, [("speed", "float_type")]),
        ({"repeat": "yes"}, [("repeat", "bool_type")]),
        ({"repeat": True}, [("repeat_announcement", "missing")]),
        ({"repeat_count": 2}, [("repeat_count", "only_with_repeat")]),
        ({"repeat_pause_seconds": 1}, [("repeat_pause_seconds", "only_with_repeat")]),
        ({"repeat_announcement": "a"}, [("repeat_announcement", "only_with_repeat")]),
        (MOST | {"repeat_count": 1}, [("repeat_count", "greater_than_equal")]),
        (MOST | {"repeat_count": 6}, [("repeat_count", "less_than_equal")]),
        (MOST | {"repeat_pause_seconds": 31}, [("repeat_pause_seconds", "less_than_equal")]),
        ({"closing": True}, [("closing_text", "missing")]),
        ({"closing_text": "a"}, [("closing_text", "only_with_closing")]),
        ({"otp_id": "975705"}, [("otp_id", "string_pattern_mismatch")]),
        ({"api_key": "EHSn"}, [("api_key", "string_pattern_mismatch")]),
        ({"status": "active"}, [("status", "extra_forbidden")]),
        ({"version": 1}, [("version", "extra_forbidden")]),
    ],
)
def test_a_field_at_fault_is_named(fields: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert refused(LEAST | fields) == errors


def test_a_field_that_lacks_is_named() -> None:
    assert refused({}) == [("name", "missing"), ("greeting", "missing")]


def test_a_change_may_say_of_which_version_it_is() -> None:
    command = ReplaceScenario.from_json(json.dumps(LEAST | {"version": 3}).encode())
    assert (command.version, command.to_script()) == (3, script())
    with pytest.raises(ValidationFailed):
        ReplaceScenario.from_json(json.dumps(LEAST | {"version": 0}).encode())


def test_a_copy_needs_nothing() -> None:
    assert CopyScenario.from_json(b"{}") == CopyScenario()
    with pytest.raises(ValidationFailed):
        CopyScenario.from_json(b'{"name": "OTP-1"}')


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from([*MOST, "hotline_group", "other"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text())
        ),
    )
)
def test_whatever_comes_is_taken_or_refused(fields: dict[str, Any]) -> None:
    try:
        result = script(**fields)
    except ApiError as error:
        assert isinstance(error, ValidationFailed | InvalidJson)  # noqa: PT017
    else:
        assert Script.from_item(result.to_item()) == result
        assert (result.hotline is None) != (result.hotline_group is None)
