"""The field type of codes."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.errors import ValidationFailed
from ringpass.http.fields import Command, Digits
from ringpass.redaction import Secret


class Four(Command):
    code: Annotated[Secret, Digits(4, 4)]


class FourToTen(Command):
    code: Annotated[Secret, Digits(4, 10)]


@given(st.text("0123456789", min_size=4, max_size=10))
def test_digits_are_read_as_a_secret_and_print_as_stars(digits: str) -> None:
    command = FourToTen.from_mapping({"code": digits})
    assert type(command.code) is Secret
    assert command.code.reveal() == digits
    assert digits not in f"{command!r} {command} {command.model_dump()}"


@pytest.mark.parametrize(
    "text", ["123", "12345678901", "12 34", "123x", "١٢٣٤", "²²²²", "", "-1234"]
)
def test_what_is_no_code_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        FourToTen.from_mapping({"code": text})
    [fault] = refusal.value.errors
    assert (fault["type"], fault["msg"]) == (
        "code_format",
        "a code is 4 to 10 digits, as a string",
    )


def test_one_length_is_named_as_one() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Four.from_mapping({"code": "12345"})
    assert refusal.value.errors[0]["msg"] == "a code is 4 digits, as a string"
    assert Four.model_json_schema()["properties"]["code"]["pattern"] == "^[0-9]{4}$"


@pytest.mark.parametrize("value", [1234, None, ["1234"], True, b"1234"])
def test_a_code_is_a_text(value: object) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        FourToTen.from_mapping({"code": value})
    assert refusal.value.errors[0]["type"] == "string_type"
