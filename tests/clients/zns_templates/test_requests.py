"""What can be registered as a template; what cannot is refused by its field."""

import json
from typing import Any

import pytest

from ringpass.clients.zns_templates.model import Param, ParamSource, ParamType, Template, Ticket
from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate
from ringpass.errors import ValidationFailed

OWNED = Template(id="tpl_1", client="acme", name="", version=3, created_at="then")


def register(**fields: object) -> RegisterTemplate:
    return RegisterTemplate.from_json(json.dumps({"name": "booking", **fields}).encode())


def errors(**fields: object) -> list[tuple[list[Any], str]]:
    with pytest.raises(ValidationFailed) as refusal:
        register(**fields)
    return [(error["loc"], error["type"]) for error in refusal.value.errors]


def of_param(**fields: object) -> list[tuple[list[Any], str]]:
    pairs = errors(caresoft_id=366, params=[{"name": "p", **fields}])
    return [(loc[2:], type_) for loc, type_ in pairs]


def test_the_least_that_can_be_registered() -> None:
    template = register(caresoft_id=366).to_template(OWNED)
    assert template.name == "booking"
    assert (template.caresoft_id, template.zns_id, template.oa_id) == (366, None, None)
    assert not template.approved
    assert template.params == ()
    assert template.ticket is Ticket.NEW
    assert (template.id, template.client, template.version) == ("tpl_1", "acme", 3)


def test_all_that_can_be_registered() -> None:
    template = register(
        caresoft_id=366,
        zns_id="211214",
        oa_id="4318657068771012646",
        approved=True,
        ticket="given",
        params=[
            {"name": "otp", "source": "code", "type": "number", "max_length": 6},
            {"name": "requester"},
            {"name": "from", "source": "constant", "value": "ACME", "max_length": 4},
            {"name": "mã vé", "source": "metadata", "key": "order", "required": False},
        ],
    ).to_template(OWNED)
    assert template.params == (
        Param("otp", ParamType.NUMBER, 6, source=ParamSource.CODE),
        Param("requester"),
        Param("from", max_length=4, source=ParamSource.CONSTANT, value="ACME"),
        Param("mã vé", required=False, source=ParamSource.METADATA, key="order"),
    )
    assert template.ticket is Ticket.GIVEN
    assert template.approved
    assert (template.zns_id, template.oa_id) == ("211214", "4318657068771012646")


@pytest.mark.parametrize("name", ["366", "1a", "", "a b", "a/b", "a" * 65, "mẫu", None, 5])
def test_a_name_begins_with_a_letter_so_that_it_is_no_id(name: object) -> None:
    assert [loc for loc, _ in errors(name=name, caresoft_id=366)] == [["name"]]


def test_a_template_without_any_id_is_nobodys() -> None:
    assert errors() == [(["zns_id"], "id_required")]
    assert errors(caresoft_id=None, zns_id=None) == [(["zns_id"], "id_required")]
    assert register(zns_id="211214").caresoft_id is None


@pytest.mark.parametrize("zns_id", ["", "ab", "1" * 21, 211214, "1 2"])
def test_zalos_id_is_digits_as_text(zns_id: object) -> None:
    assert [loc for loc, _ in errors(caresoft_id=366, zns_id=zns_id)] == [["zns_id"]]


@pytest.mark.parametrize("caresoft_id", [0, -1, 2**53, "366", 1.5, True])
def test_caresofts_id_is_a_number(caresoft_id: object) -> None:
    assert [loc for loc, _ in errors(caresoft_id=caresoft_id)] == [["caresoft_id"]]


def test_only_caresoft_has_tickets() -> None:
    assert errors(zns_id="1", ticket="given") == [(["ticket"], "no_tickets")]


def test_no_two_parameters_have_one_name() -> None:
    two = [{"name": "p"}, {"name": "p"}]
    assert errors(caresoft_id=366, params=two) == [(["params"], "param_twice")]


def test_only_one_parameter_takes_the_code() -> None:
    two = [{"name": "a", "source": "code"}, {"name": "b", "source": "code"}]
    assert errors(caresoft_id=366, params=two) == [(["params"], "code_twice")]


def test_a_code_is_neither_a_date_nor_shorter_than_four_digits() -> None:
    assert of_param(source="code", type="date") == [(["source"], "not_for_a_code")]
    assert of_param(source="code", max_length=3) == [(["source"], "not_for_a_code")]


def test_only_a_constant_has_a_value_and_has_one() -> None:
    assert of_param(source="constant") == [(["value"], "missing")]
    assert of_param(source="request", value="x") == [(["value"], "other_source")]
    assert of_param(value="x") == [(["value"], "other_source")]
    assert of_param(source="constant", value="") == [(["value"], "string_too_short")]


def test_a_constant_fits_its_own_parameter() -> None:
    assert of_param(source="constant", value="hai", type="number") == [(["value"], "number_format")]
    assert of_param(source="constant", value="hai", max_length=2) == [
        (["value"], "string_too_long")
    ]


def test_only_metadata_has_a_key_and_has_one() -> None:
    assert of_param(source="metadata") == [(["key"], "missing")]
    assert of_param(source="request", key="order") == [(["key"], "other_source")]
    assert [loc for loc, _ in of_param(source="metadata", key="a b")] == [["key"]]


@pytest.mark.parametrize("name", ["<otp>", "", "a" * 65, "a\n"])
def test_a_parameters_name_is_without_its_brackets(name: str) -> None:
    assert [loc for loc, _ in of_param(name=name)] == [["name"]]


def test_a_length_is_one_to_what_any_send_takes() -> None:
    assert [type_ for _, type_ in of_param(max_length=0)] == ["greater_than_equal"]
    assert [type_ for _, type_ in of_param(max_length=501)] == ["less_than_equal"]


def test_at_most_fifty_parameters() -> None:
    many = [{"name": f"p{number}"} for number in range(51)]
    assert errors(caresoft_id=366, params=many) == [(["params"], "too_long")]


def test_only_a_change_names_a_version() -> None:
    assert errors(caresoft_id=366, version=1) == [(["version"], "extra_forbidden")]
    change = ReplaceTemplate.from_json(b'{"name": "a", "caresoft_id": 366, "version": 3}')
    assert change.version == 3
