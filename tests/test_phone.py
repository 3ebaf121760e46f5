"""Phone numbers: what is read, what is refused, and how they print."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ringpass.phone import (
    Phone,
    PhoneError,
    called_numbers,
    mask,
    parse_callee,
    parse_phone,
    vietnamese_number,
)

NUMBERS = st.one_of(
    st.from_regex(r"\+84[35789][0-9]{8}", fullmatch=True),
    st.from_regex(r"\+842[0-9]{9}", fullmatch=True),
    st.from_regex(r"\+79[0-9]{9}", fullmatch=True),
    st.from_regex(r"\+7(495|812|383)[0-9]{7}", fullmatch=True),
    st.from_regex(r"\+(840000000|700000000)[0-9]{2}", fullmatch=True),
)


def is_valid(e164: str) -> bool:
    try:
        parse_phone(e164)
    except PhoneError:
        return False
    return True


GAPS = [
    "",
    "",
    "",
    " ",
    "-",
    ".",
    "(",
    ") ",
    "[",
    "]",
    "\u00a0",
    "\u2009",
    "\u202f",
    "\u2010",
    "\u2011",
]
GAPS += ["\u2013", "\u2212", "\u200b", "\u202c", " - "]


def with_gaps(data: st.DataObject, digits: str) -> str:
    """The digits with what people write between, before and behind them."""
    count = len(digits) + 1
    gaps = data.draw(st.lists(st.sampled_from(GAPS), min_size=count, max_size=count))
    return "".join(map("".join, zip(gaps, digits, strict=False))) + gaps[-1]


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
        ("0983 912 360", "VN", "+84983912360", "VN"),
        ("0983.912.362", "VN", "+84983912362", "VN"),
        ("+84 983 912 361", None, "+84983912361", "VN"),
        ("(+84) 983-912-361", None, "+84983912361", "VN"),
        ("+84 (0)983 912 361", None, "+84983912361", "VN"),
        ("+84\u00a0983\u202f912\u2009361", None, "+84983912361", "VN"),
        ("\u202a+84\u2011983\u2013912\u2212361\u202c", None, "+84983912361", "VN"),
        ("8 (916) 123-02-03", "RU", "+79161230203", "RU"),
        ("+7 [916] 123.02.03", None, "+79161230203", "RU"),
        ("024 3822 1315", "VN", "+842438221315", "VN"),
        ("+84 000 000 012", None, "+84000000012", "VN"),
        ("0000 000 012", "VN", "+84000000012", "VN"),
        ("8 000 000-00-12", "RU", "+70000000012", "RU"),
    ],
)
def test_a_number_is_read(text: str, region: str | None, e164: str, country: str) -> None:
    phone = parse_phone(text, region)
    assert (phone.e164, phone.region) == (e164, country)


def test_a_country_is_never_guessed() -> None:
    # A Vietnamese number, and a Russian one dialled with a leading 8.
    with pytest.raises(PhoneError) as refusal:
        parse_phone("84951091251")
    assert refusal.value.type == "region_required"
    assert parse_phone("84951091251", "RU").e164 == "+74951091251"


@pytest.mark.parametrize(
    ("text", "region", "type_"),
    [
        ("", None, "phone_format"),
        ("+", None, "phone_format"),
        ("+84 389 801 371 ext. 2", None, "phone_format"),
        ("+84389801371#2", None, "phone_format"),
        ("0389801371/0389801372", "VN", "phone_format"),
        ("0389801371, 0389801372", "VN", "phone_format"),
        ("++84389801371", None, "phone_format"),
        ("84+389801371", None, "phone_format"),
        ("tel:+84389801371", None, "phone_format"),
        ("\uff0b84389801371", None, "phone_format"),  # a wide plus
        ("+84389801371\t", None, "phone_format"),
        (" " * 300 + "+84389801371", None, "phone_format"),
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
    with pytest.raises(PhoneError) as refusal:
        parse_phone(text, region)
    assert refusal.value.type == type_
    assert not text.strip("+") or text not in str(refusal.value)


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


@pytest.mark.slow
@given(st.from_regex(r"\+(84[35789]|79)[0-9]{8,9}", fullmatch=True))
def test_masking_hides_all_but_country_and_three(e164: str) -> None:
    masked = mask(e164)
    assert len(masked) == len(e164)
    assert masked.count("*") >= len(e164) - 6
    assert masked.endswith(e164[-3:])


@pytest.mark.slow
@given(st.text(max_size=20), st.none() | st.sampled_from(["VN", "RU", "KZ", "US", "zz"]))
def test_any_text_is_a_number_or_refused(text: str, region: str | None) -> None:
    try:
        phone = parse_phone(text, region)
    except PhoneError:
        return
    assert parse_phone(phone.e164) == phone == Phone(phone.e164, phone.region)


@pytest.mark.slow
@given(NUMBERS, st.data())
def test_any_way_to_write_a_number_gives_the_number(e164: str, data: st.DataObject) -> None:
    assume(is_valid(e164))
    expected = parse_phone(e164)
    national = ("0" if expected.region == "VN" else "8") + e164[
        3 if expected.region == "VN" else 2 :
    ]
    region = data.draw(st.none() | st.just(expected.region))
    digits = e164 if region is None else data.draw(st.sampled_from([e164, national]))
    assert parse_phone(with_gaps(data, digits), region) == expected


@pytest.mark.parametrize(
    "text",
    [
        "+78091234529",  # premium rate
        "+78031234567",
        "+78005553535",  # toll-free
        "+78041234567",
        "+78081234567",  # personal
        "+8418001234",
        "+8419001234",
        "+841900123456",
        "+8469123456",  # UAN
        "+18005550123",
        "+448431234567",  # shared cost
        "+447640123456",  # pager
        "+447012345678",  # personal
    ],
)
def test_a_service_s_number_is_no_person_s(text: str) -> None:
    assert parse_phone(text).e164 == text
    with pytest.raises(PhoneError) as refusal:
        parse_callee(text)
    assert refusal.value.type == "service_number"


@pytest.mark.parametrize("text", ["1900 1234", "1800 1234", "1900 123 456"])
def test_a_service_s_number_as_it_is_dialled(text: str) -> None:
    with pytest.raises(PhoneError) as refusal:
        parse_callee(text, "VN")
    assert refusal.value.type == "service_number"


@pytest.mark.parametrize("text", ["113", "8113", "1414", "19001", "*101#"])
def test_a_short_code_is_no_number(text: str) -> None:
    with pytest.raises(PhoneError):
        parse_callee(text, "VN")


@pytest.mark.parametrize(
    ("text", "landline"),
    [
        ("+84389801371", False),
        ("+842438221221", True),
        ("+842033821221", True),
        ("+79161230203", False),
        ("+74951234567", True),
        ("+84000000012", False),
        ("+70000000012", False),
    ],
)
def test_a_person_s_number_is_a_mobile_phone_s_or_a_landline_s(text: str, landline: bool) -> None:
    assert parse_callee(text).is_landline is landline


# ----------------------------------------------------------------------- what a provider wrote


@pytest.mark.slow
@given(NUMBERS, st.data())
def test_any_form_of_a_provider_s_is_read_back(e164: str, data: st.DataObject) -> None:
    country, trunk = ("+84", "0") if e164.startswith("+84") else ("+7", "8")
    own = e164.removeprefix(country)
    forms = [
        e164,
        e164[1:],
        "00" + e164[1:],
        "810" + e164[1:],
        trunk + own,
        country + trunk + own,
        f"{country}({trunk}){own}",
        own,
    ]
    spelling = data.draw(st.sampled_from(forms))
    spaced = with_gaps(data, spelling)
    around = data.draw(
        st.sampled_from(
            [
                "{}",
                " {} ",
                "tel:{}",
                "sip:{}@mcn",
                "SIP:{};npdi@mcn;user=phone",
                "<sip:{}@mcn>",
                '"+7 999 1" <sips:{}@10.0.0.1:5061>;tag=7',
            ]
        )
    )
    assert e164 in called_numbers(around.format(spaced))
    if country == "+84":
        assert vietnamese_number(around.format(spaced)) == e164
    if spelling.isdigit() and not spelling.startswith("0"):
        for number in (int(spelling), float(spelling), f"{spelling}.0"):
            assert e164 in called_numbers(number)


@given(st.text(max_size=40) | st.from_regex(r"[-+()0-9a-z:@ .]{0,20}", fullmatch=True))
def test_what_a_provider_wrote_is_read_as_nothing_that_it_does_not_hold(text: str) -> None:
    digits = "".join(digit for digit in text if digit.isascii() and digit.isdigit())
    for reading in called_numbers(text):
        assert 8 <= len(reading) <= 16
        assert reading.removeprefix("+84").removeprefix("+7").removeprefix("+") in digits
    assert vietnamese_number(text) in (None, *called_numbers(text))


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.integers()))
def test_what_is_no_number_is_read_as_none(value: object) -> None:
    assert all(reading.startswith("+") for reading in called_numbers(value))
