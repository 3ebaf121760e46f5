"""Templates in the table: a name is one template's, a change is of the version that was read."""

from dataclasses import replace

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.zns_templates.model import Param, ParamSource, ParamType, Template, Ticket
from ringpass.clients.zns_templates.store import TEMPLATE as OWN
from ringpass.clients.zns_templates.store import TemplateRepository
from tests.audit_log import an_entry
from tests.transactions import refused_by

TEMPLATE = Template(
    id="tpl_" + "a" * 32,
    client="acme",
    name="booking",
    caresoft_id=366,
    zns_id="211214",
    oa_id="4318657068771012646",
    approved=True,
    params=(
        Param("otp", ParamType.NUMBER, 6, source=ParamSource.CODE),
        Param("from", required=False, source=ParamSource.CONSTANT, value="Đặt vé"),
        Param("order", source=ParamSource.METADATA, key="order_id"),
    ),
    ticket=Ticket.GIVEN,
    created_at="2026-11-21T08:30:00.000Z",
    updated_at="2026-11-21T08:30:00.000Z",
    fingerprint="0f" * 32,
)
NAME = ("TPL#acme", "NAME#booking")
OTHER = replace(TEMPLATE, id="tpl_" + "b" * 32, name="login", created_at="2026-11-21T08:31:00.000Z")


@pytest.fixture
def templates(table: Table) -> TemplateRepository:
    return TemplateRepository(table)


def changed(template: Template, **fields: object) -> Template:
    return replace(template, version=template.version + 1, **fields)  # type: ignore[arg-type]


def test_what_was_written_is_read_by_id_and_by_name(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    assert templates.get("acme", TEMPLATE.id) == TEMPLATE
    assert templates.get_by_name("acme", "booking") == TEMPLATE


def test_clients_are_apart(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    for client in ("acm", "acme2", "other"):
        assert templates.get(client, TEMPLATE.id) is None
        assert templates.get_by_name(client, "booking") is None
        assert list(templates.for_client(client)) == []
    # Each has names of its own.
    templates.add(replace(TEMPLATE, client="other"), an_entry())


def test_a_name_is_taken_once(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    with refused_by(NAME):
        templates.add(replace(OTHER, name="booking"), an_entry())
    assert templates.get("acme", OTHER.id) is None
    with refused_by(OWN, NAME) as refusal:
        templates.add(TEMPLATE, an_entry())
    item = refusal.value.items[OWN]
    assert item is not None
    assert Template.from_item(item) == TEMPLATE


def test_names_differ_by_their_case(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    templates.add(replace(OTHER, name="Booking"), an_entry())
    assert templates.get_by_name("acme", "BOOKING") is None


def test_a_change_is_of_the_version_that_was_read(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    second = changed(TEMPLATE, approved=False, zns_id=None)
    templates.replace(TEMPLATE, second, an_entry())
    assert templates.get_by_name("acme", "booking") == second
    with refused_by(OWN):
        templates.replace(TEMPLATE, changed(TEMPLATE, caresoft_id=1), an_entry())
    with refused_by(OWN):
        templates.replace(TEMPLATE, changed(TEMPLATE, name="late"), an_entry())
    assert templates.get("acme", TEMPLATE.id) == second
    assert templates.get_by_name("acme", "late") is None


def test_a_new_name_frees_the_old_one(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    second = changed(TEMPLATE, name="ticket")
    templates.replace(TEMPLATE, second, an_entry())
    assert templates.get_by_name("acme", "booking") is None
    assert templates.get_by_name("acme", "ticket") == second
    templates.add(replace(OTHER, name="booking"), an_entry())


def test_a_new_name_that_is_another_templates_changes_nothing(
    templates: TemplateRepository,
) -> None:
    templates.add(TEMPLATE, an_entry())
    templates.add(OTHER, an_entry())
    with refused_by(NAME):
        templates.replace(OTHER, changed(OTHER, name="booking", approved=False), an_entry())
    assert templates.get_by_name("acme", "login") == OTHER
    assert templates.get_by_name("acme", "booking") == TEMPLATE


def test_what_is_deleted_is_gone_with_its_name(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    templates.remove(TEMPLATE, an_entry())
    assert templates.get("acme", TEMPLATE.id) is None
    assert templates.get_by_name("acme", "booking") is None
    assert list(templates.for_client("acme")) == []
    with refused_by(OWN, NAME):
        templates.remove(TEMPLATE, an_entry())
    templates.add(replace(OTHER, name="booking"), an_entry())


def test_a_template_that_has_changed_is_not_deleted(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    templates.replace(TEMPLATE, changed(TEMPLATE), an_entry())
    with refused_by(OWN):
        templates.remove(TEMPLATE, an_entry())
    assert templates.get_by_name("acme", "booking") is not None


def test_what_is_gone_is_not_changed(templates: TemplateRepository) -> None:
    with refused_by(OWN):
        templates.replace(TEMPLATE, changed(TEMPLATE), an_entry())


def test_a_list_has_templates_alone_newest_first(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    templates.add(OTHER, an_entry())
    assert list(templates.for_client("acme")) == [OTHER, TEMPLATE]
    assert list(templates.for_client("acme", OTHER.created_at)) == [TEMPLATE]


def test_between_two_reads_a_name_may_go_to_nobody(templates: TemplateRepository) -> None:
    templates.add(TEMPLATE, an_entry())
    templates.replace(TEMPLATE, changed(TEMPLATE, name="ticket"), an_entry())
    # The item of the name as a reader has it who read it just before the change.
    templates.table.put(
        {"PK": "TPL#acme", "SK": "NAME#booking", "template_id": TEMPLATE.id}, condition=None
    )
    assert templates.get_by_name("acme", "booking") is None
