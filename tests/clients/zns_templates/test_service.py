"""Templates: registered once, changed without a lost change, found by name for a minute."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.zns_templates.cache import TemplateCache
from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.quotas import TemplateQuotas
from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.clients.zns_templates.views import registered_response, template_view
from ringpass.errors import (
    IdempotencyKeyReused,
    InvalidHeader,
    NameTaken,
    NotFound,
    TemplateChanged,
    Unavailable,
    ValidationFailed,
)
from ringpass.providers.quota_store import QuotaRepository, SenderQuota
from tests.audit_log import actor
from tests.world import Clock

BOOKING = {
    "name": "booking",
    "caresoft_id": 366,
    "approved": True,
    "params": [
        {"name": "otp", "type": "text", "max_length": 6, "source": "code"},
        {"name": "shop", "source": "constant", "value": "ACME"},
        {"name": "order", "source": "metadata", "key": "order_id"},
    ],
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(table: Table, clock: Clock) -> TemplateService:
    return TemplateService("test", TemplateRepository(table), clock)


@pytest.fixture
def book(registry: TemplateService, clock: Clock) -> TemplateCache:
    return TemplateCache(registry.templates, clock)


def registration(**fields: object) -> RegisterTemplate:
    return RegisterTemplate.from_json(json.dumps(BOOKING | fields).encode())


def change(**fields: object) -> ReplaceTemplate:
    return ReplaceTemplate.from_json(json.dumps(BOOKING | fields).encode())


def add(registry: TemplateService, client: str = "acme", **fields: object) -> Template:
    return registry.register(registration(**fields), actor(client)).value


def names(registry: TemplateService, client: str = "acme", **query: str) -> list[str]:
    return [template.name for template in registry.page(client, query).items]


# -------------------------------------------------------------------------------------- registered


def test_a_registered_template_is_read(registry: TemplateService, clock: Clock) -> None:
    template = add(registry)
    assert registry.get("acme", template.id) == template
    assert template.version == 1
    assert template.created_at == template.updated_at == "2026-11-21T08:30:00.000Z"


def test_a_name_is_one_templates_of_a_client(registry: TemplateService) -> None:
    add(registry)
    with pytest.raises(NameTaken):
        registry.register(registration(caresoft_id=1), actor("acme"), "another-key")
    assert add(registry, "other").name == "booking"


def test_a_repetition_answers_the_template_as_it_is_now(
    registry: TemplateService, quotas: TemplateQuotas
) -> None:
    first = registry.register(registration(), actor("acme"), "key-1")
    assert not first.replayed
    assert registered_response(first, quotas).headers == {}
    registry.replace(actor("acme"), first.value.id, change(name="ticket"))
    again = registry.register(registration(), actor("acme"), "key-1")
    assert again.replayed
    assert registered_response(again, quotas).headers == {"Idempotent-Replayed": "true"}
    assert (again.value.id, again.value.name) == (first.value.id, "ticket")
    assert names(registry) == ["ticket"]


@pytest.mark.slow
def test_a_key_serves_one_body(registry: TemplateService) -> None:
    registry.register(registration(), actor("acme"), "key-1")
    with pytest.raises(IdempotencyKeyReused):
        registry.register(registration(name="login"), actor("acme"), "key-1")
    assert names(registry) == ["booking"]
    registry.register(registration(), actor("other"), "key-1")


def test_a_key_that_cannot_be_one_is_refused(registry: TemplateService) -> None:
    with pytest.raises(InvalidHeader):
        registry.register(registration(), actor("acme"), "")


# ----------------------------------------------------------------------------------------- changed


def test_a_change_replaces_the_whole(registry: TemplateService, clock: Clock) -> None:
    template = add(registry)
    clock.turn(seconds=5)
    new_version = registry.replace(actor("acme"), template.id, change(params=[], caresoft_id=367))
    assert new_version.params == ()
    assert new_version.version == 2
    assert new_version.created_at == template.created_at
    assert new_version.updated_at == "2026-11-21T08:30:05.000Z"
    assert registry.get("acme", template.id) == new_version


def test_a_change_of_another_version_is_refused(registry: TemplateService) -> None:
    template = add(registry)
    registry.replace(actor("acme"), template.id, change(version=1))
    with pytest.raises(TemplateChanged):
        registry.replace(actor("acme"), template.id, change(version=1, caresoft_id=1))
    with pytest.raises(TemplateChanged):
        registry.replace(actor("acme"), template.id, change(version=3, caresoft_id=1))
    assert registry.get("acme", template.id).caresoft_id == 366


class Beaten(TemplateRepository):
    """Somebody else's change comes between each read and write."""

    def get(self, client: str, template_id: str) -> Template | None:
        template = super().get(client, template_id)
        if template is not None:
            registry = TemplateService("test", TemplateRepository(self.table), Clock())
            registry.replace(actor(client), template_id, change(caresoft_id=template.version))
        return template


@pytest.mark.slow
@pytest.mark.parametrize(
    "attempt",
    [
        lambda registry, template_id: registry.replace(
            actor("acme"), template_id, change(ticket="given")
        ),
        lambda registry, template_id: registry.replace(
            actor("acme"), template_id, change(name="late")
        ),
        lambda registry, template_id: registry.delete(actor("acme"), template_id),
    ],
)
def test_who_is_always_beaten_gives_up(
    registry: TemplateService,
    table: Table,
    clock: Clock,
    attempt: Callable[[TemplateService, str], object],
) -> None:
    template = add(registry)
    with pytest.raises(Unavailable):
        attempt(TemplateService("test", Beaten(table), clock), template.id)
    current = registry.get("acme", template.id)
    assert (current.name, current.version, current.ticket) == ("booking", 11, "new")


def test_a_change_of_a_version_that_is_beaten_is_told_so(
    registry: TemplateService, table: Table, clock: Clock
) -> None:
    template = add(registry)
    with pytest.raises(TemplateChanged):
        TemplateService("test", Beaten(table), clock).replace(
            actor("acme"), template.id, change(version=1)
        )


def test_a_new_name_must_be_free(registry: TemplateService) -> None:
    add(registry, name="login")
    template = add(registry)
    with pytest.raises(NameTaken):
        registry.replace(actor("acme"), template.id, change(name="login"))
    assert registry.replace(actor("acme"), template.id, change(name="free")).name == "free"
    assert add(registry).name == "booking"


def test_another_clients_template_is_not_there(registry: TemplateService) -> None:
    template = add(registry)
    for template_id in (template.id, "tpl_" + "a" * 32, "NAME#booking", "", "x" * 2_000):
        with pytest.raises(NotFound):
            registry.get("other", template_id)
        with pytest.raises(NotFound):
            registry.replace(actor("other"), template_id, change())
        with pytest.raises(NotFound):
            registry.delete(actor("other"), template_id)
    assert registry.get("acme", template.id) == template


def test_what_is_deleted_is_gone_and_its_name_free(registry: TemplateService) -> None:
    template = add(registry)
    assert registry.delete(actor("acme"), template.id) == template
    with pytest.raises(NotFound):
        registry.delete(actor("acme"), template.id)
    assert names(registry) == []
    assert add(registry).id != template.id


# ------------------------------------------------------------------------------------------ listed


def test_a_list_is_newest_first_and_in_pages(registry: TemplateService, clock: Clock) -> None:
    for name in ("a", "b", "c", "d", "e"):
        add(registry, name=name)
        clock.turn(seconds=1)
    add(registry, "other")
    assert names(registry) == ["e", "d", "c", "b", "a"]
    first = registry.page("acme", {"limit": "2"})
    assert [template.name for template in first.items] == ["e", "d"]
    second = registry.page("acme", {"limit": "2", "cursor": str(first.next_cursor)})
    assert [template.name for template in second.items] == ["c", "b"]
    last = registry.page("acme", {"limit": "2", "cursor": str(second.next_cursor)})
    assert [template.name for template in last.items] == ["a"]
    assert last.next_cursor is None


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "x"}, {"cursor": "x"}, {"cursor": "OQ"}, {"name": "a"}]
)
def test_a_parameter_at_fault_is_refused(registry: TemplateService, query: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed):
        registry.page("acme", query)


# ------------------------------------------------------------------------------------ found by name


def test_another_function_knows_a_change_after_a_minute(
    registry: TemplateService, book: TemplateCache, clock: Clock
) -> None:
    template = add(registry)
    assert book.find("acme", "booking") == template
    registry.replace(actor("acme"), template.id, change(approved=False))
    clock.turn(seconds=59)
    assert book.find("acme", "booking").approved
    clock.turn(seconds=1)
    assert not book.find("acme", "booking").approved


def test_a_name_that_is_not_registered_is_looked_up_every_time(
    registry: TemplateService, book: TemplateCache
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        book.find("acme", "booking")
    [error] = refusal.value.errors
    assert (error["loc"], error["type"]) == (["template"], "template_unknown")
    add(registry)
    assert book.find("acme", "booking").caresoft_id == 366


def test_clients_are_apart_in_the_cache_too(registry: TemplateService, book: TemplateCache) -> None:
    add(registry)
    add(registry, "other", caresoft_id=1)
    assert book.find("acme", "booking").caresoft_id == 366
    assert book.find("other", "booking").caresoft_id == 1
    with pytest.raises(ValidationFailed):
        book.find("acm", "booking")


def test_the_cache_does_not_grow_without_end(
    registry: TemplateService, book: TemplateCache, clock: Clock
) -> None:
    template = add(registry)
    for number in range(1_000):
        book._cache.put(("acme", f"n{number}"), template, clock())
    book.find("acme", "booking")
    assert len(book._cache._entries) == 1


# ---------------------------------------------------------------------------------------- answered


def test_what_is_answered_can_be_sent_back(registry: TemplateService) -> None:
    template = add(registry, oa_id="4318657068771012646", zns_id="211214", ticket="given")
    view = dict(template_view(template, None))
    assert view["code_param"] == "otp"
    assert view["params"] == [
        {"name": "otp", "type": "text", "max_length": 6, "required": True, "source": "code"},
        {
            "name": "shop",
            "type": "text",
            "max_length": 500,
            "required": True,
            "source": "constant",
            "value": "ACME",
        },
        {
            "name": "order",
            "type": "text",
            "max_length": 500,
            "required": True,
            "source": "metadata",
            "key": "order_id",
        },
    ]
    of_ours = {"id", "code_param", "quota", "created_at", "updated_at"}
    body = {name: value for name, value in view.items() if name not in of_ours}
    again = registry.replace(
        actor("acme"), template.id, ReplaceTemplate.from_json(json.dumps(body).encode())
    )
    assert dict(template_view(again, None)) | {"version": 1} == view


# ------------------------------------------------------------------------------------------ quotas


@pytest.fixture
def quotas(table: Table, clock: Clock) -> TemplateQuotas:
    return TemplateQuotas(QuotaRepository(table, "zalo", "1"), "1", clock)


def at_zalo(
    registry: TemplateService, name: str, zns_id: str = "211214", oa_id: str | None = None
) -> Template:
    return add(registry, name=name, zns_id=zns_id, oa_id=oa_id)


def test_a_template_has_its_oas_quota(
    registry: TemplateService, quotas: TemplateQuotas, clock: Clock
) -> None:
    one, two = at_zalo(registry, "one", oa_id="1"), at_zalo(registry, "two", zns_id="2")
    assert quotas.for_templates([one, two]) == {}
    quota = SenderQuota(clock(), 500, 499)
    quotas.repository.put(None, quota)
    assert quotas.for_templates([one, two]) == {one.id: quota, two.id: quota}
    view = template_view(one, quota)
    assert view["quota"] == {
        "daily": 500,
        "remaining": 499,
        "used_up_until": None,
        "heard_at": "2026-11-21T08:30:00.000Z",
    }
    assert template_view(one, None)["quota"] is None


def test_what_zalo_is_not_asked_for_has_none(
    registry: TemplateService, quotas: TemplateQuotas, clock: Clock
) -> None:
    quotas.repository.put(None, SenderQuota(clock(), 500, 499))
    another_oas = at_zalo(registry, "another", oa_id="2")
    caresofts = add(registry)
    assert quotas.for_templates([another_oas, caresofts]) == {}
    nobodys = TemplateQuotas(QuotaRepository(registry.templates.table, "zalo", ""), "", clock)
    assert nobodys.for_templates([at_zalo(registry, "one")]) == {}


def test_a_template_that_is_used_up_says_until_when(
    registry: TemplateService, quotas: TemplateQuotas, clock: Clock
) -> None:
    one, two = at_zalo(registry, "one"), at_zalo(registry, "two", zns_id="2")
    midnight = clock() + timedelta(hours=8)
    quotas.repository.put("211214", SenderQuota(clock(), remaining=0, used_up_until=midnight))
    assert quotas.for_templates([one, two]) == {one.id: SenderQuota(clock(), None, 0, midnight)}
    quota = SenderQuota(clock(), 500, 499)
    quotas.repository.put(None, quota)
    assert quotas.for_templates([one, two]) == {
        one.id: replace(quota, used_up_until=midnight),
        two.id: quota,
    }
    clock.turn(hours=8)
    assert quotas.for_templates([one])[one.id].used_up_until is None
