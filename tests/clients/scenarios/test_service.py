"""A client's scenarios: registered, edited, activated, deactivated, copied, deleted, and chosen."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import Put
from ringpass.clients.ceilings.model import EVERYONE
from ringpass.clients.scenarios.api_guide import ApiGuideService
from ringpass.clients.scenarios.cache import ScenarioCache
from ringpass.clients.scenarios.model import Scenario, ScenarioStatus
from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario
from ringpass.clients.scenarios.selection import ScenarioChoice
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.clients.scenarios.store import ScenarioRepository
from ringpass.clients.scenarios.views import guide_view, scenario_view
from ringpass.clock import to_text
from ringpass.errors import (
    ApiError,
    IdempotencyKeyReused,
    InvalidHeader,
    NameTaken,
    NotFound,
    ScenarioActive,
    ScenarioChanged,
    ScenarioDeactivated,
    ScenarioIncomplete,
    ScenarioNotActive,
    ScenarioSlotsTaken,
    Unavailable,
    ValidationFailed,
)
from ringpass.providers.bizfly.client import Bizfly
from tests.audit_log import actor
from tests.clients.scenarios.test_requests import LEAST, MOST
from tests.moto_table import moto_client
from tests.world import Clock, scenario_registry

BIZFLY_KEY = "an-api-key-of-the-tests-9t8M"
CEILING_AT = "2026-11-21T08:30:00.000Z"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(table: Table, clock: Clock) -> ScenarioService:
    return scenario_registry(table, clock)


@pytest.fixture
def book(registry: ScenarioService) -> ScenarioCache:
    """Of a stack that has a scenario of its own."""
    return ScenarioCache(registry.scenarios, "OTP-1", registry.clock)


@pytest.fixture
def guides(registry: ScenarioService) -> ApiGuideService:
    manager = moto_client("secretsmanager")
    fields = {"api_key": BIZFLY_KEY, "second_keys": ["short", "other"]}
    manager.create_secret(Name="bizfly", SecretString=json.dumps(fields))
    return ApiGuideService(
        registry, Secrets(manager, lambda name: name), Bizfly("https://bizfly.test")
    )


def wanted(**fields: object) -> CreateScenario:
    return CreateScenario.from_json(json.dumps(LEAST | fields).encode())


def change(**fields: object) -> ReplaceScenario:
    return ReplaceScenario.from_json(json.dumps(LEAST | fields).encode())


def copy(**fields: object) -> CopyScenario:
    return CopyScenario.from_json(json.dumps(fields).encode())


def created(registry: ScenarioService, client: str = "acme", **fields: object) -> Scenario:
    return registry.create(actor(client), wanted(**{"otp_id": "OTP-2"} | fields)).value


def active(registry: ScenarioService, client: str = "acme", **fields: object) -> Scenario:
    return registry.activate(actor(client), created(registry, client, **fields).id)


def deactivated(registry: ScenarioService, client: str = "acme", **fields: object) -> Scenario:
    return registry.deactivate(actor(client), active(registry, client, **fields).id)


IN_STATE: dict[str, Callable[..., Scenario]] = {
    "inactive": created,
    "active": active,
    "deactivated": deactivated,
}
every_state = pytest.mark.parametrize("state", IN_STATE)


def names(registry: ScenarioService, client: str = "acme", **query: str) -> list[str]:
    return [one.script.name for one in registry.page(client, query).items]


# -------------------------------------------------------------------------------- made and listed


def test_a_scenario_is_inactive_at_first(registry: ScenarioService, clock: Clock) -> None:
    creation = registry.create(actor("acme"), wanted(**MOST))
    assert not creation.replayed
    assert creation.value == Scenario(
        id=creation.value.id,
        client="acme",
        script=wanted(**MOST).to_script(),
        created_at=to_text(clock()),
        updated_at=to_text(clock()),
        fingerprint=creation.value.fingerprint,
        status=ScenarioStatus.INACTIVE,
        version=1,
    )
    assert registry.get("acme", creation.value.id) == creation.value


def test_what_is_answered_is_what_was_sent(registry: ScenarioService) -> None:
    view = json.loads(
        json.dumps(scenario_view(registry.create(actor("acme"), wanted(**MOST)).value))
    )
    assert MOST.items() <= view.items()
    again = {name: value for name, value in view.items() if name in CreateScenario.model_fields}
    assert change(**again).to_script() == wanted(**MOST).to_script()


def test_a_list_is_newest_first_in_pages(registry: ScenarioService, clock: Clock) -> None:
    for number in range(5):
        created(registry, name=f"s{number}")
        clock.turn(seconds=1)
    created(registry, "other", name="theirs")
    first = registry.page("acme", {"limit": "2"})
    assert [one.script.name for one in first.items] == ["s4", "s3"]
    assert first.next_cursor is not None
    assert names(registry, cursor=first.next_cursor) == ["s2", "s1", "s0"]


def test_a_list_of_one_status(registry: ScenarioService) -> None:
    created(registry, name="a")
    active(registry, name="b")
    deactivated(registry, name="c")
    listing = {status: names(registry, status=status) for status in ScenarioStatus}
    assert listing == {"inactive": ["a"], "active": ["b"], "deactivated": ["c"]}


@pytest.mark.parametrize("query", [{"status": "on"}, {"limit": "0"}, {"cursor": "x"}, {"a": "b"}])
def test_a_wrong_parameter_is_refused(registry: ScenarioService, query: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed):
        registry.page("acme", query)


def test_a_name_is_one_scenario_s(registry: ScenarioService) -> None:
    created(registry, name="login")
    other = created(registry, name="order")
    with pytest.raises(NameTaken):
        created(registry, name="login")
    with pytest.raises(NameTaken):
        registry.replace(actor("acme"), other.id, change(name="login"))
    assert registry.get("acme", other.id) == other
    created(registry, "other", name="login")


def test_neither_hotline_nor_group_is_refused(registry: ScenarioService) -> None:
    with pytest.raises(ValidationFailed):
        registry.create(actor("acme"), wanted(hotline=None))
    assert names(registry) == []


# ------------------------------------------------------------------------------ edited and deleted


def test_an_inactive_one_is_edited_as_a_whole(registry: ScenarioService, clock: Clock) -> None:
    old = registry.create(actor("acme"), wanted(**MOST)).value
    clock.turn(seconds=1)
    new = registry.replace(actor("acme"), old.id, change(name="Another"))
    assert new == replace(
        old, script=wanted(name="Another").to_script(), version=2, updated_at=to_text(clock())
    )
    assert registry.get("acme", old.id) == new


def test_a_change_of_another_version_is_refused(registry: ScenarioService) -> None:
    old = created(registry)
    assert registry.replace(actor("acme"), old.id, change(voice="Nữ", version=1)).version == 2
    for version in (1, 3):
        with pytest.raises(ScenarioChanged):
            registry.replace(actor("acme"), old.id, change(version=version))
    assert registry.get("acme", old.id).script.voice == "Nữ"
    # One that names no version is a change of any.
    assert registry.replace(actor("acme"), old.id, change()).version == 3


def test_a_deleted_one_is_gone_and_its_name_is_free(registry: ScenarioService) -> None:
    old = created(registry)
    assert registry.delete(actor("acme"), old.id) == old
    assert names(registry) == []
    with pytest.raises(NotFound):
        registry.get("acme", old.id)
    for act in (registry.delete, registry.activate):
        with pytest.raises(NotFound):
            act(actor("acme"), old.id)
    created(registry)


@pytest.mark.parametrize(
    ("state", "error"), [("active", ScenarioActive), ("deactivated", ScenarioDeactivated)]
)
def test_neither_is_done_in_any_other_state(
    registry: ScenarioService, state: str, error: type[ApiError]
) -> None:
    old = IN_STATE[state](registry)
    with pytest.raises(error):
        registry.replace(actor("acme"), old.id, change())
    with pytest.raises(error):
        # What is wrong with the request is said first; then the state, then the version.
        registry.replace(actor("acme"), old.id, change(version=99))
    with pytest.raises(error):
        registry.delete(actor("acme"), old.id)
    assert registry.get("acme", old.id) == old


# ------------------------------------------------------------------------------------- activated


def test_activation_and_deactivation_are_on_record(registry: ScenarioService, clock: Clock) -> None:
    one = created(registry)
    clock.turn(seconds=1)
    on = registry.activate(actor("acme"), one.id)
    assert on == replace(
        one,
        status=ScenarioStatus.ACTIVE,
        version=2,
        updated_at=to_text(clock()),
        activated_at=to_text(clock()),
    )
    clock.turn(seconds=1)
    off = registry.deactivate(actor("acme"), one.id)
    assert off == replace(
        on,
        status=ScenarioStatus.DEACTIVATED,
        version=3,
        updated_at=to_text(clock()),
        deactivated_at=to_text(clock()),
    )
    assert registry.get("acme", one.id) == off


def test_what_is_done_already_is_done(registry: ScenarioService) -> None:
    on = active(registry)
    assert registry.activate(actor("acme"), on.id) == on
    off = registry.deactivate(actor("acme"), on.id)
    assert registry.deactivate(actor("acme"), on.id) == off
    assert registry.get("acme", on.id) == off


def test_no_way_leads_back(registry: ScenarioService) -> None:
    with pytest.raises(ScenarioDeactivated):
        registry.activate(actor("acme"), deactivated(registry, name="a").id)
    with pytest.raises(ScenarioNotActive):
        registry.deactivate(actor("acme"), created(registry, name="b").id)


def test_without_an_otp_id_there_is_nothing_to_call(registry: ScenarioService) -> None:
    one = created(registry, otp_id=None)
    with pytest.raises(ScenarioIncomplete, match="otp_id"):
        registry.activate(actor("acme"), one.id)
    registry.replace(actor("acme"), one.id, change(otp_id="OTP-2"))
    assert registry.activate(actor("acme"), one.id).status == "active"


@pytest.mark.slow
def test_a_third_is_not_activated_whoever_s_the_two_are(registry: ScenarioService) -> None:
    first = active(registry, name="a")
    active(registry, "other", name="a")
    third = created(registry, name="c")
    with pytest.raises(ScenarioSlotsTaken):
        registry.activate(actor("acme"), third.id)
    assert registry.get("acme", third.id) == third
    # Another key is another account.
    active(registry, name="d", api_key="second_key")
    registry.deactivate(actor("acme"), first.id)
    assert registry.activate(actor("acme"), third.id).status == "active"


def test_a_slot_that_is_taken_meanwhile_is_noticed(registry: ScenarioService) -> None:
    one, two, third = (created(registry, name=name) for name in ("a", "b", "c"))
    scenarios = registry.scenarios

    class Late(ScenarioRepository):
        """Others take the slots just after somebody has looked."""

        def is_full(self, account: str) -> bool:
            full = scenarios.is_full(account)
            for other in (one, two):
                registry.activate(actor("acme"), other.id)
            return full

    with pytest.raises(ScenarioSlotsTaken):
        replace(registry, scenarios=Late(scenarios.table)).activate(actor("acme"), third.id)
    assert registry.get("acme", third.id) == third


def test_a_change_that_comes_between_is_not_lost(registry: ScenarioService) -> None:
    one = created(registry)
    scenarios = registry.scenarios

    class Late(ScenarioRepository):
        """Somebody edits it just before it is activated."""

        def activate(self, old: Scenario, new: Scenario, entry: Put, own_slots: int = 2) -> None:
            if old.version == 1:
                registry.replace(
                    actor("acme"), one.id, change(otp_id="OTP-7", api_key="second_key")
                )
            ScenarioRepository.activate(self, old, new, entry, own_slots)

    scenario = replace(registry, scenarios=Late(scenarios.table)).activate(actor("acme"), one.id)
    assert (scenario.version, scenario.script.otp_id, scenario.script.key_field) == (
        3,
        "OTP-7",
        "second_key",
    )
    assert registry.get("acme", one.id) == scenario
    # It took the slot of the account that it has by now.
    active(registry, name="b")
    active(registry, name="c")


@pytest.mark.slow
def test_who_never_comes_through_is_told_so(registry: ScenarioService) -> None:
    one = created(registry)
    scenarios = registry.scenarios

    class Contended(ScenarioRepository):
        """Somebody edits it whenever it is about to be activated."""

        def activate(self, old: Scenario, new: Scenario, entry: Put, own_slots: int = 2) -> None:
            registry.replace(actor("acme"), one.id, change(otp_id="OTP-2"))
            ScenarioRepository.activate(self, old, new, entry, own_slots)

    with pytest.raises(Unavailable):
        replace(registry, scenarios=Contended(scenarios.table)).activate(actor("acme"), one.id)
    assert registry.get("acme", one.id).status == "inactive"
    assert not registry.scenarios.is_full("api_key")


# ----------------------------------------------------------------------------------------- copied


@every_state
def test_a_copy_is_inactive_and_another_one(registry: ScenarioService, state: str) -> None:
    old = IN_STATE[state](registry, **MOST)
    new = registry.copy(actor("acme"), old.id, copy(name="Copy", otp_id="OTP-3")).value
    assert new.script == replace(old.script, name="Copy", otp_id="OTP-3")
    assert (new.status, new.version, new.copy_of) == ("inactive", 1, old.id)
    assert registry.get("acme", old.id) == old
    assert registry.replace(actor("acme"), new.id, change(name="Edited")).copy_of == old.id
    registry.delete(actor("acme"), new.id)


def test_a_copy_has_no_otp_id_unless_it_is_given(registry: ScenarioService) -> None:
    old = active(registry)
    new = registry.copy(actor("acme"), old.id, copy()).value
    assert (old.script.otp_id, new.script.otp_id) == ("OTP-2", None)


@pytest.mark.parametrize(
    ("name", "copies"),
    [("login", ["login (2)", "login (3)"]), ("x" * 64, ["x" * 60 + " (2)", "x" * 60 + " (3)"])],
)
def test_a_copy_without_a_name_gets_one(
    registry: ScenarioService, name: str, copies: list[str]
) -> None:
    old = created(registry, name=name)
    copy_names = [registry.copy(actor("acme"), old.id, copy()).value.script.name for _ in copies]
    assert copy_names == copies


def test_a_copy_takes_no_name_that_is_taken(registry: ScenarioService) -> None:
    old = created(registry, name="login")
    with pytest.raises(NameTaken):
        registry.copy(actor("acme"), old.id, copy(name="login"))
    scenarios = registry.scenarios

    class Late(ScenarioRepository):
        """Somebody takes the name that was free."""

        def add(self, scenario: Scenario, entry: Put) -> None:
            if scenario.script.name == "login (2)":
                created(registry, name="login (2)")
            ScenarioRepository.add(self, scenario, entry)

    late = replace(registry, scenarios=Late(scenarios.table))
    assert late.copy(actor("acme"), old.id, copy()).value.script.name == "login (3)"


# ------------------------------------------------------------------------------------- repetition


def test_a_repeated_request_makes_one_scenario(registry: ScenarioService, clock: Clock) -> None:
    first = registry.create(actor("acme"), wanted(), "key-1")
    clock.turn(seconds=5)
    registry.replace(actor("acme"), first.value.id, change(voice="Nữ"))
    again = registry.create(actor("acme"), wanted(), "key-1")
    assert again.replayed
    # As it is now.
    assert again.value == registry.get("acme", first.value.id)
    assert len(names(registry)) == 1


def test_a_repeated_copy_makes_one_scenario(registry: ScenarioService) -> None:
    old = created(registry)
    first = registry.copy(actor("acme"), old.id, copy(), "key-1")
    again = registry.copy(actor("acme"), old.id, copy(), "key-1")
    assert (again.value, again.replayed) == (first.value, True)
    assert len(names(registry)) == 2


def test_another_request_with_the_same_idempotency_key_is_refused(
    registry: ScenarioService,
) -> None:
    one, other = created(registry, name="a"), created(registry, name="b")
    registry.create(actor("acme"), wanted(), "key-1")
    registry.copy(actor("acme"), one.id, copy(), "key-1")
    with pytest.raises(IdempotencyKeyReused):
        registry.create(actor("acme"), wanted(name="another"), "key-1")
    for of, command in ((other, copy()), (one, copy(otp_id="OTP-9"))):
        with pytest.raises(IdempotencyKeyReused):
            registry.copy(actor("acme"), of.id, command, "key-1")
    with pytest.raises(InvalidHeader):
        registry.create(actor("acme"), wanted(), "đ")


def test_two_clients_may_use_the_same_idempotency_key(registry: ScenarioService) -> None:
    creations = [registry.create(actor(client), wanted(), "key-1") for client in ("acme", "other")]
    assert not any(one.replayed for one in creations)


# --------------------------------------------------------------------------------- other clients'


@pytest.mark.parametrize("scenario_id", ["another's", "scn_" + "a" * 32, "", "NAME#a", "x" * 3_000])
def test_another_client_s_scenario_is_like_none(
    registry: ScenarioService, guides: ApiGuideService, scenario_id: str
) -> None:
    theirs = active(registry, "other", name="a")
    wanted_id = theirs.id if scenario_id == "another's" else scenario_id
    acts: list[Callable[[], Any]] = [
        lambda: registry.get("acme", wanted_id),
        lambda: registry.replace(actor("acme"), wanted_id, change()),
        lambda: registry.delete(actor("acme"), wanted_id),
        lambda: registry.activate(actor("acme"), wanted_id),
        lambda: registry.deactivate(actor("acme"), wanted_id),
        lambda: registry.copy(actor("acme"), wanted_id, copy()),
        lambda: guides.get("acme", wanted_id),
    ]
    for act in acts:
        with pytest.raises(NotFound, match="There is no such scenario"):
            act()
    assert registry.get("other", theirs.id) == theirs


# ------------------------------------------------------------------------------------------ chosen


def test_a_call_has_the_scenario_that_is_named(
    registry: ScenarioService, book: ScenarioCache
) -> None:
    active(registry, name="login", otp_id="OTP-2", api_key="second_key")
    active(registry, name="order", otp_id="OTP-3")
    assert book.choose("acme", "login", "order") == ScenarioChoice("OTP-2", "second_key")
    assert book.choose("acme", None, "order") == ScenarioChoice("OTP-3")
    assert book.choose("acme", None, None) == ScenarioChoice("OTP-1")
    assert book.choose("other", None, None) == ScenarioChoice("OTP-1")


def refusal(book: ScenarioCache, name: str | None) -> str:
    with pytest.raises(ValidationFailed) as error:
        book.choose("acme", name, None)
    [fault] = error.value.errors
    return str(fault["type"])


def test_a_deactivated_one_is_refused_after_a_minute(
    registry: ScenarioService, book: ScenarioCache, clock: Clock
) -> None:
    one = active(registry, name="login")
    assert book.choose("acme", "login", None) == ScenarioChoice("OTP-2")
    registry.deactivate(actor("acme"), one.id)
    clock.turn(seconds=59)
    assert book.choose("acme", "login", None) == ScenarioChoice("OTP-2")
    clock.turn(seconds=1)
    assert refusal(book, "login") == "scenario_inactive"


def test_what_has_just_been_activated_can_be_used_at_once(
    registry: ScenarioService, book: ScenarioCache
) -> None:
    assert refusal(book, "login") == "scenario_unknown"
    one = created(registry, name="login")
    assert refusal(book, "login") == "scenario_inactive"
    registry.activate(actor("acme"), one.id)
    assert book.choose("acme", "login", None) == ScenarioChoice("OTP-2")


def test_the_table_is_asked_once_a_minute(
    registry: ScenarioService, book: ScenarioCache, clock: Clock
) -> None:
    clients: list[str] = []

    class Counted(ScenarioRepository):
        def entries(self, client: str) -> Any:  # noqa: ANN401 - as it is
            clients.append(client)
            return ScenarioRepository.entries(self, client)

    cache = replace(book, scenarios=Counted(registry.scenarios.table))
    for seconds in (0, 59, 1, 59):
        clock.turn(seconds=seconds)
        cache.choose("acme", None, None)
    assert len(clients) == 2


def test_a_cache_has_an_end(book: ScenarioCache) -> None:
    for number in range(1_000):
        book._cache.put(f"client-{number}", (), book.clock())
    book.choose("acme", None, None)
    assert len(book._cache._entries) == 1


# ------------------------------------------------------------------------------------------- guide


def test_a_guide_says_how_bizfly_is_asked(
    registry: ScenarioService, guides: ApiGuideService
) -> None:
    one = created(registry, otp_id="OTP-975705")
    assert guide_view(guides.get("acme", one.id)) == {
        "otp_id": "OTP-975705",
        "api_key": "********",
        "endpoint": "https://bizfly.test/v4/api/otp_calls",
        "headers": {"Authorization": "********", "Content-Type": "application/json"},
        "request_data": {
            "callee": "<phone, as dialled in Vietnam>",
            "callee_timeout": "25",
            "otp": "<code>",
            "otp_id": "OTP-975705",
            "request_id": "<id of your own>",
        },
        "curl": (
            "curl --location 'https://bizfly.test/v4/api/otp_calls' \\\n"
            "--header 'Authorization: ********' \\\n"
            "--header 'Content-Type: application/json' \\\n"
            "--data '{\n"
            '  "callee": "<phone, as dialled in Vietnam>",\n'
            '  "callee_timeout": "25",\n'
            '  "otp": "<code>",\n'
            '  "otp_id": "OTP-975705",\n'
            '  "request_id": "<id of your own>"\n'
            "}'"
        ),
    }


def test_the_end_of_a_key_is_shown_to_whom_it_was_given(
    registry: ScenarioService, guides: ApiGuideService
) -> None:
    one = created(registry)
    assert guides.get("acme", one.id).api_key == "********"
    registry.ceilings.put("acme", {"bizfly_key_fields": ["api_key"]}, CEILING_AT)
    assert guides.get("acme", one.id).api_key == "********9t8M"


def test_without_the_operator_s_word_there_is_one_key(registry: ScenarioService) -> None:
    registry.ceilings.remove(EVERYONE)
    one = created(registry)
    refusals: list[Callable[[], object]] = [
        lambda: created(registry, name="b", api_key="second_key"),
        lambda: registry.replace(actor("acme"), one.id, change(api_key="second_key")),
    ]
    for attempt in refusals:
        with pytest.raises(ValidationFailed) as fault:
            attempt()
        assert [(each["loc"], each["type"]) for each in fault.value.errors] == [
            (["api_key"], "key_not_given")
        ]
    registry.ceilings.put("acme", {"bizfly_key_fields": ["second_key"]}, CEILING_AT)
    own = created(registry, name="b", api_key="second_key")
    # A scenario whose key the operator has withdrawn is neither activated nor copied.
    with pytest.raises(ValidationFailed):
        registry.activate(actor("acme"), one.id)
    with pytest.raises(ValidationFailed):
        registry.copy(actor("acme"), one.id, copy())
    assert registry.activate(actor("acme"), own.id).status == "active"


@pytest.mark.parametrize("slots", [0, 1])
def test_a_client_has_as_many_places_as_the_operator_allows(
    registry: ScenarioService, slots: int
) -> None:
    registry.ceilings.put("acme", {"bizfly_key_fields": ["*"], "scenario_slots": slots}, CEILING_AT)
    own = [created(registry, name=f"s{number}") for number in range(slots + 1)]
    for one in own[:slots]:
        registry.activate(actor("acme"), one.id)
    with pytest.raises(ScenarioSlotsTaken):
        registry.activate(actor("acme"), own[-1].id)
    # Another account's places are others, and another client's are its own.
    if slots:
        active(registry, name="elsewhere", api_key="second_key")
        active(registry, client="other")
        registry.deactivate(actor("acme"), own[0].id)
        assert registry.activate(actor("acme"), own[-1].id).status == "active"


def test_a_guide_never_holds_the_key(registry: ScenarioService, guides: ApiGuideService) -> None:
    guide = guides.get("acme", created(registry).id)
    assert BIZFLY_KEY[:-4] not in repr(guide) + json.dumps(guide_view(guide))


def test_a_short_key_is_not_shown_at_all(
    registry: ScenarioService, guides: ApiGuideService
) -> None:
    guide = guides.get("acme", created(registry, api_key="second_key").id)
    assert guide.api_key == "********"


def test_what_a_guide_does_not_know_it_leaves_open(
    registry: ScenarioService, guides: ApiGuideService
) -> None:
    guide = guides.get("acme", created(registry, otp_id=None, api_key="third_key").id)
    assert (guide.otp_id, guide.api_key) == (None, None)
    assert guide.headers["Authorization"] == "<API KEY>"
    assert guide.request_data["otp_id"] == "<OTP ID>"
