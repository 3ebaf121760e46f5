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


def asked(**fields: object) -> RegisterTemplate:
    return RegisterTemplate.from_json(json.dumps(BOOKING | fields).encode())


def change(**fields: object) -> ReplaceTemplate:
    return ReplaceTemplate.from_json(json.dumps(BOOKING | fields).encode())


def add(registry: TemplateService, client: str = "acme", **fields: object) -> Template:
    return registry.register(asked(**fields), client).value


def names(registry: TemplateService, client: str = "acme", **query: str) -> list[str]:
    return [template.name for template in registry.page(client, query).items]


# -------------------------------------------------------------------------------------- registered


def test_a_registered_template_is_read(registry: TemplateService, clock: Clock) -> None:
    made = add(registry)
    assert registry.get("acme", made.id) == made
    assert made.version == 1
    assert made.created_at == made.updated_at == "2026-11-21T08:30:00.000Z"


def test_a_name_is_one_templates_of_a_client(registry: TemplateService) -> None:
    add(registry)
    with pytest.raises(NameTaken):
        registry.register(asked(caresoft_id=1), "acme", "another-key")
    assert add(registry, "other").name == "booking"


def test_a_repetition_answers_the_template_as_it_is_now(
    registry: TemplateService, quotas: TemplateQuotas
) -> None:
    first = registry.register(asked(), "acme", "key-1")
    assert not first.replayed
    assert registered_response(first, quotas).headers == {}
    registry.replace("acme", first.value.id, change(name="ticket"))
    again = registry.register(asked(), "acme", "key-1")
    assert again.replayed
    assert registered_response(again, quotas).headers == {"Idempotent-Replayed": "true"}
    assert (again.value.id, again.value.name) == (first.value.id, "ticket")
    assert names(registry) == ["ticket"]


def test_a_key_serves_one_body(registry: TemplateService) -> None:
    registry.register(asked(), "acme", "key-1")
    with pytest.raises(IdempotencyKeyReused):
        registry.register(asked(name="login"), "acme", "key-1")
    assert names(registry) == ["booking"]
    registry.register(asked(), "other", "key-1")


def test_a_key_that_cannot_be_one_is_refused(registry: TemplateService) -> None:
    with pytest.raises(InvalidHeader):
        registry.register(asked(), "acme", "")


# ----------------------------------------------------------------------------------------- changed


def test_a_change_replaces_the_whole(registry: TemplateService, clock: Clock) -> None:
    made = add(registry)
    clock.turn(seconds=5)
    made_anew = registry.replace("acme", made.id, change(params=[], caresoft_id=367))
    assert made_anew.params == ()
    assert made_anew.version == 2
    assert made_anew.created_at == made.created_at
    assert made_anew.updated_at == "2026-11-21T08:30:05.000Z"
    assert registry.get("acme", made.id) == made_anew


def test_a_change_of_another_version_is_refused(registry: TemplateService) -> None:
    made = add(registry)
    registry.replace("acme", made.id, change(version=1))
    with pytest.raises(TemplateChanged):
        registry.replace("acme", made.id, change(version=1, caresoft_id=1))
    with pytest.raises(TemplateChanged):
        registry.replace("acme", made.id, change(version=3, caresoft_id=1))
    assert registry.get("acme", made.id).caresoft_id == 366


class Beaten(TemplateRepository):
    """Somebody else's change comes between each read and write."""

    def get(self, client: str, template_id: str) -> Template | None:
        found = super().get(client, template_id)
        if found is not None:
            registry = TemplateService("test", TemplateRepository(self.table), Clock())
            registry.replace(client, template_id, change(caresoft_id=found.version))
        return found


@pytest.mark.parametrize(
    "attempt",
    [
        lambda registry, made: registry.replace("acme", made, change(ticket="given")),
        lambda registry, made: registry.replace("acme", made, change(name="late")),
        lambda registry, made: registry.delete("acme", made),
    ],
)
def test_who_is_always_beaten_gives_up(
    registry: TemplateService,
    table: Table,
    clock: Clock,
    attempt: Callable[[TemplateService, str], object],
) -> None:
    made = add(registry)
    with pytest.raises(Unavailable):
        attempt(TemplateService("test", Beaten(table), clock), made.id)
    left = registry.get("acme", made.id)
    assert (left.name, left.version, left.ticket) == ("booking", 11, "new")


def test_a_change_of_a_version_that_is_beaten_is_told_so(
    registry: TemplateService, table: Table, clock: Clock
) -> None:
    made = add(registry)
    with pytest.raises(TemplateChanged):
        TemplateService("test", Beaten(table), clock).replace("acme", made.id, change(version=1))


def test_a_new_name_must_be_free(registry: TemplateService) -> None:
    add(registry, name="login")
    made = add(registry)
    with pytest.raises(NameTaken):
        registry.replace("acme", made.id, change(name="login"))
    assert registry.replace("acme", made.id, change(name="free")).name == "free"
    assert add(registry).name == "booking"


def test_another_clients_template_is_not_there(registry: TemplateService) -> None:
    made = add(registry)
    for template_id in (made.id, "tpl_" + "a" * 32, "NAME#booking", "", "x" * 2_000):
        with pytest.raises(NotFound):
            registry.get("other", template_id)
        with pytest.raises(NotFound):
            registry.replace("other", template_id, change())
        with pytest.raises(NotFound):
            registry.delete("other", template_id)
    assert registry.get("acme", made.id) == made


def test_what_is_deleted_is_gone_and_its_name_free(registry: TemplateService) -> None:
    made = add(registry)
    assert registry.delete("acme", made.id) == made
    with pytest.raises(NotFound):
        registry.delete("acme", made.id)
    assert names(registry) == []
    assert add(registry).id != made.id


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
    made = add(registry)
    assert book.find("acme", "booking") == made
    registry.replace("acme", made.id, change(approved=False))
    clock.turn(seconds=59)
    assert book.find("acme", "booking").approved
    clock.turn(seconds=1)
    assert not book.find("acme", "booking").approved


def test_a_name_that_is_not_registered_is_looked_up_every_time(
    registry: TemplateService, book: TemplateCache
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        book.find("acme", "booking")
    [error] = refused.value.errors
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
    made = add(registry)
    for number in range(1_000):
        book._cache.put(("acme", f"n{number}"), made, clock())
    book.find("acme", "booking")
    assert len(book._cache._entries) == 1


# ---------------------------------------------------------------------------------------- answered


def test_what_is_answered_can_be_sent_back(registry: TemplateService) -> None:
    made = add(registry, oa_id="4318657068771012646", zns_id="211214", ticket="given")
    view = dict(template_view(made, None))
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
    again = registry.replace("acme", made.id, ReplaceTemplate.from_json(json.dumps(body).encode()))
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
    told = SenderQuota(clock(), 500, 499)
    quotas.repository.put(None, told)
    assert quotas.for_templates([one, two]) == {one.id: told, two.id: told}
    view = template_view(one, told)
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
    told = SenderQuota(clock(), 500, 499)
    quotas.repository.put(None, told)
    assert quotas.for_templates([one, two]) == {
        one.id: replace(told, used_up_until=midnight),
        two.id: told,
    }
    clock.turn(hours=8)
    assert quotas.for_templates([one])[one.id].used_up_until is None
