"""A template's parameters: filled each from its source, checked before anyone is asked."""

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.zns_templates.model import Param, ParamSource, ParamType, Template, Ticket
from ringpass.errors import ValidationFailed
from ringpass.redaction import Secret

OTP = Param("otp", max_length=6, source=ParamSource.CODE)
TEMPLATE = Template(
    id="tpl_" + "a" * 32,
    client="acme",
    name="booking",
    caresoft_id=366,
    zns_id="211214",
    oa_id="4318657068771012646",
    approved=True,
    params=(
        Param("requester", max_length=30),
        Param("masoDatve", ParamType.NUMBER, 10, required=False),
        Param("shop", source=ParamSource.CONSTANT, value="ACME"),
        Param("order", source=ParamSource.METADATA, key="order_id", required=False),
    ),
)
WITH_CODE = replace(TEMPLATE, params=(*TEMPLATE.params, OTP))


def errors(
    template: Template,
    params: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    code: str | None = None,
) -> list[tuple[list[str], str]]:
    secret = None if code is None else Secret(code)
    with pytest.raises(ValidationFailed) as refusal:
        template.fill(params, metadata or {}, secret)
    return [(error["loc"], error["type"]) for error in refusal.value.errors]


# ------------------------------------------------------------------------------------------ filled


def test_each_value_comes_from_its_source() -> None:
    filled = WITH_CODE.fill({"requester": "Hà"}, {"order_id": "A-1", "x": "y"}, Secret("012345"))
    assert filled == {"requester": "Hà", "shop": "ACME", "order": "A-1", "otp": "012345"}


def test_what_is_optional_is_left_out_where_it_has_no_value() -> None:
    assert TEMPLATE.fill({"requester": "Hà"}, {}) == {"requester": "Hà", "shop": "ACME"}
    assert TEMPLATE.fill({"requester": "Hà", "masoDatve": ""}, {"order_id": ""}) == {
        "requester": "Hà",
        "shop": "ACME",
    }


def test_a_single_send_gives_the_code_as_a_parameter() -> None:
    params = {"requester": "Hà", "otp": "4821"}
    assert WITH_CODE.fill(params, {})["otp"] == "4821"
    assert errors(WITH_CODE, {"requester": "Hà"}) == [(["params", "otp"], "missing")]


def test_a_template_without_parameters_leaves_all_to_caresofts_mapping() -> None:
    bare = replace(TEMPLATE, params=())
    assert bare.fill(None, {}) == bare.fill({}, {"a": "b"}) == {}
    assert errors(bare, {"a": "b"}) == [(["params", "a"], "param_unknown")]


def test_which_parameter_takes_the_code() -> None:
    assert TEMPLATE.code_param is None
    assert WITH_CODE.code_param == "otp"


# ----------------------------------------------------------------------------------------- refused


def test_every_parameter_at_fault_is_named() -> None:
    params = {"masoDatve": "vé", "shop": "other", "order": "1", "colour": "red", "otp": "1234567"}
    assert errors(WITH_CODE, params) == [
        (["params", "colour"], "param_unknown"),
        (["params", "requester"], "missing"),
        (["params", "masoDatve"], "number_format"),
        (["params", "shop"], "other_source"),
        (["params", "order"], "other_source"),
        (["params", "otp"], "string_too_long"),
    ]


def test_an_empty_text_is_no_value() -> None:
    assert errors(TEMPLATE, {"requester": ""}) == [(["params", "requester"], "missing")]


def test_metadata_that_is_wanted_and_not_there_is_missing() -> None:
    param = Param("order", max_length=5, source=ParamSource.METADATA, key="order_id")
    template = replace(TEMPLATE, params=(param,))
    assert errors(template, None, {"order": "1"}) == [(["params", "order"], "missing")]
    assert errors(template, None, {"order_id": "123456"}) == [
        (["params", "order"], "string_too_long")
    ]


def test_a_verifications_code_is_nobodys_parameter() -> None:
    assert errors(WITH_CODE, {"requester": "Hà", "otp": "1234"}, code="4821") == [
        (["params", "otp"], "other_source")
    ]


def test_a_code_that_is_longer_than_its_parameter_is_refused() -> None:
    assert errors(WITH_CODE, {"requester": "Hà"}, code="1234567") == [
        (["params", "otp"], "string_too_long")
    ]


def test_a_template_that_is_not_approved_cannot_be_sent() -> None:
    waiting = replace(WITH_CODE, approved=False)
    assert errors(waiting, {"colour": "red"}) == [(["template"], "template_not_approved")]
    assert errors(waiting, code="1234") == [(["template"], "template_not_approved")]


def test_a_template_without_a_code_cannot_carry_one() -> None:
    assert errors(TEMPLATE, {"requester": "Hà"}, code="1234") == [
        (["template"], "template_without_code")
    ]


def test_a_template_whose_messages_answer_tickets_needs_one() -> None:
    template = replace(TEMPLATE, ticket=Ticket.GIVEN)
    template.check_ticket(297005)
    with pytest.raises(ValidationFailed) as refusal:
        template.check_ticket(None)
    [error] = refusal.value.errors
    assert (error["loc"], error["type"]) == (["ticket_id"], "ticket_required")


def test_without_that_rule_a_ticket_may_be_given_or_not() -> None:
    TEMPLATE.check_ticket(None)
    TEMPLATE.check_ticket(297005)


def test_a_long_name_that_is_unknown_is_neither_repeated_whole_nor_with_a_phone_in_it() -> None:
    [(loc, type_)] = errors(replace(TEMPLATE, params=()), {"to84389801371" + "x" * 99: ""})
    assert (loc, type_) == (["params", "to***********" + "x" * 51], "param_unknown")


# ------------------------------------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (ParamType.TEXT, "Nguyễn Hải Hà\n"),
        (ParamType.NUMBER, "098733"),
        (ParamType.NUMBER, "-1,5"),
        (ParamType.NUMBER, "1.000.000"),
        (ParamType.DATE, "09/02/2001"),
        (ParamType.DATE, "29/02/2028"),
        (ParamType.DATE, "08:30 09/02/2001"),
        (ParamType.DATE, "23:59:59 09/02/2001"),
        (ParamType.PHONE, "0389801371"),
        (ParamType.PHONE, "84389801371"),
        (ParamType.PHONE, "+84389801371"),
        (ParamType.PHONE, "19001234"),
        (ParamType.URL, "https://example.com/don-hang?id=1"),
    ],
)
def test_a_value_of_its_type_is_taken(type_: ParamType, value: str) -> None:
    assert Param("p", type_).fault(value) is None


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (ParamType.NUMBER, "một"),
        (ParamType.NUMBER, "1e3"),
        (ParamType.NUMBER, "1."),
        (ParamType.NUMBER, " 1"),
        (ParamType.NUMBER, "\u0661"),
        (ParamType.DATE, "9/2/2001"),
        (ParamType.DATE, "2001-02-09"),
        (ParamType.DATE, "29/02/2027"),
        (ParamType.DATE, "24:00 09/02/2001"),
        (ParamType.DATE, "09/02/2001 08:30"),
        (ParamType.DATE, "00/00/0000"),
        (ParamType.PHONE, "1234567"),
        (ParamType.PHONE, "0389 801 371"),
        (ParamType.URL, "example.com"),
        (ParamType.URL, "javascript:alert(1)"),
        (ParamType.URL, "https://"),
        (ParamType.URL, "https://a b"),
    ],
)
def test_a_value_of_another_type_is_not(type_: ParamType, value: str) -> None:
    fault = Param("p", type_).fault(value)
    assert fault is not None
    assert fault[0] == f"{type_}_format"


def test_characters_are_counted_as_they_are_read() -> None:
    name = Param("p", max_length=9)
    written_apart = unicodedata.normalize("NFD", "Nguyễn Hà")
    assert len(written_apart) > 9
    assert name.fault(written_apart) is None
    assert name.fault("Nguyễn Hài") == ("string_too_long", "it has at most 9 characters")


# -------------------------------------------------------------------------------------- properties

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
params_ = st.lists(
    st.builds(
        Param,
        name=st.text(string.ascii_letters, min_size=1, max_size=3),
        type=st.sampled_from(ParamType),
        max_length=st.integers(1, 30),
        required=st.booleans(),
        source=st.sampled_from([ParamSource.REQUEST, ParamSource.METADATA]),
        key=st.sampled_from(["a", "b", "c"]),
    )
    | st.builds(
        Param,
        name=st.text(string.ascii_letters, min_size=1, max_size=3),
        source=st.just(ParamSource.CONSTANT),
        value=texts.filter(bool),
    ),
    max_size=5,
    unique_by=lambda param: param.name,
)
values = st.dictionaries(
    st.text(string.ascii_letters, min_size=1, max_size=3),
    texts | st.sampled_from(["1", "09/02/2001", "0389801371", "https://example.com"]),
    max_size=5,
)
codes = st.none() | st.text(string.digits, min_size=4, max_size=10)


@pytest.mark.slow
@given(params_, st.none() | st.just(OTP), values, values, codes)
def test_what_is_sent_fits_the_template_or_nothing_is(
    params: list[Param],
    code_param: Param | None,
    values_by_caller: dict[str, str],
    metadata: dict[str, str],
    code: str | None,
) -> None:
    every = [*params, *([code_param] if code_param else [])]
    template = replace(TEMPLATE, params=tuple(every))
    filled: dict[str, str] = {}
    faults: list[dict[str, Any]] = []
    try:
        filled = template.fill(values_by_caller, metadata, None if code is None else Secret(code))
    except ValidationFailed as refusal:
        faults = refusal.errors
        if not faults:
            pytest.fail("a refusal names what is at fault")
    if faults:
        assert {error["loc"][0] for error in faults} <= {"params", "template"}
        return
    by_name = {param.name: param for param in every}
    assert set(values_by_caller) <= set(by_name)
    assert set(filled) <= set(by_name)
    for name, value in filled.items():
        assert by_name[name].source is ParamSource.CONSTANT or by_name[name].fault(value) is None
        assert value
    assert {name for name, param in by_name.items() if param.required} <= set(filled)
    if code is not None:
        assert code_param is not None
        assert filled["otp"] == code


@pytest.mark.slow
@given(values, st.text(string.digits, min_size=8, max_size=16))
def test_a_refusal_never_holds_a_value(params: dict[str, str], value: str) -> None:
    template = replace(TEMPLATE, params=(replace(OTP, max_length=5),))
    with pytest.raises(ValidationFailed) as refusal:
        template.fill(params | {"otp": value}, {}, None)
    assert value not in str(refusal.value)


@pytest.mark.slow
@given(params_)
def test_what_is_kept_is_read_as_it_was(params: list[Param]) -> None:
    template = replace(TEMPLATE, params=tuple(params), ticket=Ticket.GIVEN, version=7)
    assert Template.from_item(template.to_item() | {"PK": "TPL#acme", "more": 1}) == template


def test_a_template_does_not_print_its_values() -> None:
    assert "ACME" not in repr(TEMPLATE.params)
