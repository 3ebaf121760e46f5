"""Phone numbers: what is read, what is refused, and how they print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.phone import Phone, PhoneError, mask, parse_phone


@pytest.mark.parametrize(
    ("text", "region", "e164", "country"),
    [
        ("+84389801371", None, "+84389801371", "VN"),
        ("0389801371", "VN", "+84389801371", "VN"),
        ("+79777777777", None, "+79777777777", "RU"),
        ("89777777777", "RU", "+79777777777", "RU"),
        ("9777777777", "RU", "+79777777777", "RU"),
        ("+84389801371", "VN", "+84389801371", "VN"),
        ("+77012345678", None, "+77012345678", "KZ"),
    ],
)
def test_a_number_is_read(text: str, region: str | None, e164: str, country: str) -> None:
    phone = parse_phone(text, region)
    assert (phone.e164, phone.region) == (e164, country)


def test_a_country_is_never_guessed() -> None:
    # A Vietnamese number, and a Russian one dialled with a leading 8.
    with pytest.raises(PhoneError) as refused:
        parse_phone("84951091251")
    assert refused.value.type == "region_required"
    assert parse_phone("84951091251", "RU").e164 == "+74951091251"


@pytest.mark.parametrize(
    ("text", "region", "type_"),
    [
        ("", None, "phone_format"),
        ("+", None, "phone_format"),
        ("+84 389 801 371", None, "phone_format"),
        ("+84389801371x", None, "phone_format"),
        ("+\u0668\u0664389801371", None, "phone_format"),  # Arabic digits
        ("+84389801371\n", None, "phone_format"),
        ("0389801371", None, "region_required"),
        ("0389801371", "vn", "region_unknown"),
        ("0389801371", "XX", "region_unknown"),
        ("+84389801371", "RU", "region_mismatch"),
        ("+8438980137", None, "phone_invalid"),
        ("+84100000001", None, "phone_invalid"),
        ("+999999999999", None, "phone_invalid"),
    ],
)
def test_a_number_is_refused_and_never_repeated(text: str, region: str | None, type_: str) -> None:
    with pytest.raises(PhoneError) as refused:
        parse_phone(text, region)
    assert refused.value.type == type_
    assert not text.strip("+") or text not in str(refused.value)


def test_each_provider_s_form() -> None:
    phone = parse_phone("+84389801371")
    assert phone.national == "0389801371"
    assert phone.digits == "84389801371"
    with pytest.raises(ValueError, match="Vietnamese"):
        _ = parse_phone("+79777777777").national


@pytest.mark.parametrize("digits", [f"{n:02d}" for n in range(100)])
def test_test_numbers_are_matched_before_validation(digits: str) -> None:
    vietnamese, russian = parse_phone(f"+840000000{digits}"), parse_phone(f"+700000000{digits}")
    assert (vietnamese.region, russian.region) == ("VN", "RU")
    assert vietnamese.is_test
    assert russian.is_test
    assert vietnamese.national == f"00000000{digits}"


def test_a_real_number_is_no_test_number() -> None:
    assert not parse_phone("+84389801371").is_test


def test_numbers_print_masked() -> None:
    phone = parse_phone("+84389801371")
    assert str(phone) == f"{phone}" == "+84******371"
    assert repr(phone) == "Phone(+84******371)"
    assert mask("+79777777777") == "+7*******777"


@given(st.from_regex(r"\+(84[35789]|79)[0-9]{8,9}", fullmatch=True))
def test_masking_hides_all_but_country_and_three(e164: str) -> None:
    masked = mask(e164)
    assert len(masked) == len(e164)
    assert masked.count("*") >= len(e164) - 6
    assert masked.endswith(e164[-3:])


@given(st.text(max_size=20), st.none() | st.sampled_from(["VN", "RU", "KZ", "US", "zz"]))
def test_any_text_is_a_number_or_refused(text: str, region: str | None) -> None:
    try:
        phone = parse_phone(text, region)
    except PhoneError:
        return
    assert parse_phone(phone.e164) == phone == Phone(phone.e164, phone.region)
