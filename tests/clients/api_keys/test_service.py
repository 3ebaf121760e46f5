"""API keys: made once, kept hashed, checked, listed, revoked and rotated, each client's apart."""

from dataclasses import replace

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import ConditionsFailed, Put
from ringpass.clients.api_keys.key import authenticate
from ringpass.clients.api_keys.service import ApiKeyService
from ringpass.clients.api_keys.store import ApiKeyRepository, KeyRecord
from ringpass.clock import to_text
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import (
    IdempotencyKeyReused,
    InvalidHeader,
    KeyEnded,
    LastAdminKey,
    NotFound,
    ValidationFailed,
)
from tests.audit_log import actor, an_entry
from tests.world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ring(table: Table, clock: Clock) -> ApiKeyService:
    return ApiKeyService("test", ApiKeyRepository(table), clock)


def make(ring: ApiKeyService, client: str = "acme", scopes: tuple[str, ...] = ("send",)) -> str:
    key = ring.create(actor(client), scopes).key
    assert key is not None
    return key


def id_of(key: str) -> str:
    return key.split("_")[1]


def checked(ring: ApiKeyService, key: str) -> KeyRecord | None:
    return authenticate(ring.keys, f"Bearer {key}", to_text(ring.clock()))


def listed(ring: ApiKeyService, client: str = "acme", **query: str) -> list[str]:
    return [record.id for record in ring.page(client, query).items]


# ---------------------------------------------------------------------------------- made, checked


@pytest.mark.slow
def test_a_made_key_is_valid(ring: ApiKeyService) -> None:
    record = checked(ring, make(ring, scopes=("phones:read", "send", "send")))
    assert record is not None
    assert (record.client, record.scopes) == ("acme", ("send", "phones:read"))


def test_the_table_does_not_hold_the_key(ring: ApiKeyService, table: Table) -> None:
    secret = make(ring).split("_", 2)[2]
    assert secret not in str(table.client.scan(TableName=table.name)["Items"])


def test_a_record_does_not_print_its_key(ring: ApiKeyService) -> None:
    creation = ring.create(actor("acme"), ["send"])
    assert creation.key is not None
    assert creation.key.split("_", 2)[2] not in repr(creation)


@pytest.mark.parametrize(
    "form", ["Bearer {}", "bearer {}", "BEARER  {}", "bEaReR\t{}", " Bearer {} "]
)
def test_the_name_of_the_scheme_is_written_in_any_case(ring: ApiKeyService, form: str) -> None:
    assert authenticate(ring.keys, form.format(make(ring)), to_text(ring.clock())) is not None


@pytest.mark.parametrize(
    "form", ["{}", "Basic {}", "Bearer", "Bearer {}x", "Bearer {} {}", "Bearer rp_{}", ""]
)
def test_any_other_header_is_not(ring: ApiKeyService, form: str) -> None:
    key = make(ring)
    assert authenticate(ring.keys, form.format(key, key), to_text(ring.clock())) is None


def test_another_secret_with_the_same_id_is_not(ring: ApiKeyService) -> None:
    one, other = make(ring), make(ring)
    assert checked(ring, f"rp_{id_of(one)}_{other.split('_', 2)[2]}") is None


@pytest.mark.parametrize(
    ("client", "scopes"),
    [("", ("send",)), ("A", ("send",)), ("a#b", ("send",)), ("acme", ()), ("acme", ("all",))],
)
def test_a_name_or_scope_that_is_none_is_refused(
    ring: ApiKeyService, client: str, scopes: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"name|scopes"):
        make(ring, client, scopes)


# ----------------------------------------------------------------------------------------- listed


def test_a_list_is_newest_first_and_holds_one_s_own_only(ring: ApiKeyService, clock: Clock) -> None:
    ids = []
    for client in ("acme", "other", "acme", "acme"):
        clock.turn(seconds=1)
        key = make(ring, client)
        if client == "acme":
            ids.append(id_of(key))
    assert listed(ring) == ids[::-1]
    assert len(listed(ring, "other")) == 1
    assert listed(ring, "nobody") == []


def test_pages_follow_each_other_without_gap_or_repetition(
    ring: ApiKeyService, clock: Clock
) -> None:
    ids = []
    for number in range(7):
        # Some in the same instant: their ids tell them apart.
        clock.turn(seconds=number % 2)
        ids.append(id_of(make(ring)))
    page_ids: list[str] = []
    query = {"limit": "3"}
    while True:
        page = ring.page("acme", query)
        page_ids += [record.id for record in page.items]
        if page.next_cursor is None:
            break
        query["cursor"] = page.next_cursor
    assert len(page_ids) == 7
    assert set(page_ids) == set(ids)
    assert page_ids == listed(ring)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"cursor": "x"}, {"client": "other"}])
def test_a_query_at_fault_is_named(ring: ApiKeyService, query: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        ring.page("acme", query)
    assert [error["loc"] for error in refusal.value.errors] == [["query", *query]]


def test_a_client_s_deliveries_hold_no_keys(ring: ApiKeyService, table: Table) -> None:
    make(ring)
    deliveries = DeliveryRepository(table)
    # "KEYS" can be no client's name; nor can a name end in the number of a shard.
    for client in ("acme", "KEYS", "keys", "KEYS#acme"):
        assert list(deliveries.list_by_client(client, "0", "9")) == []


# ---------------------------------------------------------------------------------------- revoked


def test_a_revoked_key_is_refused_and_still_listed(ring: ApiKeyService, clock: Clock) -> None:
    key = make(ring)
    record = ring.revoke(actor("acme"), id_of(key))
    assert record.revoked_at == to_text(clock())
    assert checked(ring, key) is None
    assert listed(ring) == [id_of(key)]


def test_revoking_again_changes_nothing(ring: ApiKeyService, clock: Clock) -> None:
    key_id = id_of(make(ring))
    first = ring.revoke(actor("acme"), key_id)
    clock.turn(hours=1)
    assert ring.revoke(actor("acme"), key_id) == first


def test_the_last_admin_key_stays(ring: ApiKeyService) -> None:
    make(ring)
    make(ring, "other", ("admin",))
    admin = make(ring, scopes=("admin",))
    with pytest.raises(LastAdminKey):
        ring.revoke(actor("acme"), id_of(admin))
    assert checked(ring, admin)


def test_an_admin_key_goes_where_another_one_lasts(ring: ApiKeyService, clock: Clock) -> None:
    one, other = make(ring, scopes=("admin",)), make(ring, scopes=("admin", "send"))
    assert ring.revoke(actor("acme"), id_of(one)).revoked_at == to_text(clock())
    assert checked(ring, one) is None
    assert ring.revoke(actor("acme"), id_of(one)).revoked_at is not None
    with pytest.raises(LastAdminKey):
        ring.revoke(actor("acme"), id_of(other))


def test_a_key_that_ends_anyway_is_no_other_admin_key(ring: ApiKeyService) -> None:
    old = make(ring, scopes=("admin",))
    new = ring.rotate(actor("acme"), id_of(old), 3600).record
    with pytest.raises(LastAdminKey):
        ring.revoke(actor("acme"), new.id)
    ring.revoke(actor("acme"), id_of(old))
    assert checked(ring, old) is None


def test_two_admin_keys_that_revoke_each_other_are_settled_by_the_table(
    ring: ApiKeyService,
) -> None:
    one, other = id_of(make(ring, scopes=("admin",))), id_of(make(ring, scopes=("admin",)))
    now = to_text(ring.clock())
    seen_before = [ring.keys.get(one), ring.keys.get(other)]
    ring.keys.revoke_if_other_is_active(one, other, now, an_entry())
    assert all(record and record.is_active for record in seen_before)
    with pytest.raises(LastAdminKey):
        ring.revoke(actor("acme"), other)


# ---------------------------------------------------------------------------------------- rotated


def test_a_rotated_key_ends_and_the_new_one_is_like_it(ring: ApiKeyService, clock: Clock) -> None:
    old = ring.create(actor("acme"), ["read", "send"], "billing")
    assert old.key is not None
    rotation = ring.rotate(actor("acme"), old.record.id, 0)
    assert rotation.key is not None
    assert checked(ring, old.key) is None
    new = checked(ring, rotation.key)
    assert new is not None
    assert (new.client, new.scopes, new.label) == ("acme", ("send", "read"), "billing")
    old_record = ring.keys.get(old.record.id)
    assert old_record is not None
    assert (old_record.valid_until, old_record.replaced_by) == (to_text(clock()), new.id)


def test_during_the_overlap_both_are_valid(ring: ApiKeyService, clock: Clock) -> None:
    old = make(ring)
    new = ring.rotate(actor("acme"), id_of(old), 60).key
    assert new is not None
    clock.turn(seconds=59.999)
    assert checked(ring, old)
    clock.turn(seconds=0.001)
    assert checked(ring, old) is None
    assert checked(ring, new)


def test_a_key_in_its_overlap_can_be_revoked(ring: ApiKeyService) -> None:
    old = make(ring)
    ring.rotate(actor("acme"), id_of(old), 60)
    ring.revoke(actor("acme"), id_of(old))
    assert checked(ring, old) is None


@pytest.mark.parametrize("overlap", [0, 60])
def test_a_key_is_rotated_once(ring: ApiKeyService, overlap: int) -> None:
    old = id_of(make(ring))
    ring.rotate(actor("acme"), old, overlap)
    with pytest.raises(KeyEnded):
        ring.rotate(actor("acme"), old, 60)
    assert len(listed(ring)) == 2


def test_a_revoked_key_is_not_rotated(ring: ApiKeyService) -> None:
    old = id_of(make(ring))
    ring.revoke(actor("acme"), old)
    with pytest.raises(KeyEnded):
        ring.rotate(actor("acme"), old, 60)
    assert listed(ring) == [old]


# ------------------------------------------------------------------------------------- repetition


def test_a_repeated_request_makes_one_key_and_shows_it_once(
    ring: ApiKeyService, clock: Clock
) -> None:
    first = ring.create(actor("acme"), ["send", "read"], "x", "key-1")
    clock.turn(seconds=5)
    again = ring.create(actor("acme"), ["read", "send"], "x", "key-1")
    assert (again.record, again.key) == (first.record, None)
    assert len(listed(ring)) == 1


def test_a_repeated_rotation_makes_one_key(ring: ApiKeyService, clock: Clock) -> None:
    old = id_of(make(ring))
    first = ring.rotate(actor("acme"), old, 60, "key-1")
    clock.turn(seconds=5)
    again = ring.rotate(actor("acme"), old, 60, "key-1")
    assert (again.record, again.key) == (first.record, None)
    assert len(listed(ring)) == 2


def test_another_request_with_the_same_idempotency_key_is_refused(ring: ApiKeyService) -> None:
    ring.create(actor("acme"), ["send"], None, "key-1")
    for scopes, label in (["read"], None), (["send"], "x"):
        with pytest.raises(IdempotencyKeyReused):
            ring.create(actor("acme"), scopes, label, "key-1")
    one, other = id_of(make(ring)), id_of(make(ring))
    ring.rotate(actor("acme"), one, 60, "key-1")
    for key_id, overlap in (one, 61), (other, 60):
        with pytest.raises(IdempotencyKeyReused):
            ring.rotate(actor("acme"), key_id, overlap, "key-1")


def test_two_clients_may_use_the_same_idempotency_key(ring: ApiKeyService) -> None:
    creations = [
        ring.create(actor(client), ["send"], None, "key-1") for client in ("acme", "other")
    ]
    assert all(one.key for one in creations)


def test_an_idempotency_key_that_cannot_be_one_is_refused(ring: ApiKeyService) -> None:
    with pytest.raises(InvalidHeader):
        ring.create(actor("acme"), ["send"], None, "đ")


def test_one_s_own_put_that_was_repeated_is_no_repetition(
    ring: ApiKeyService, table: Table
) -> None:
    class AnswerLost(ApiKeyRepository):
        """botocore writes again where an answer was lost, and finds its own item."""

        def add(self, record: KeyRecord, entry: Put) -> None:
            ApiKeyRepository.add(self, record, entry)
            ApiKeyRepository.add(self, record, entry)

    creation = replace(ring, keys=AnswerLost(table)).create(actor("acme"), ["send"])
    assert creation.key is not None
    assert checked(ring, creation.key)


# --------------------------------------------------------------------------------- other clients'


@pytest.mark.slow
@pytest.mark.parametrize("key_id", ["another's", "aaaaaaaaaaaa", "", "x" * 3_000, "KEY#", "../x"])
def test_another_client_s_key_is_like_none(ring: ApiKeyService, key_id: str) -> None:
    theirs = make(ring, "other", ("admin",))
    target = id_of(theirs) if key_id == "another's" else key_id
    for act in (
        lambda: ring.revoke(actor("acme"), target),
        lambda: ring.rotate(actor("acme"), target, 60),
    ):
        with pytest.raises(NotFound, match="There is no such key"):
            act()
    assert checked(ring, theirs)


def test_a_key_that_does_not_exist_is_not_made_by_revoking_it(ring: ApiKeyService) -> None:
    with pytest.raises(ConditionsFailed):
        ring.keys.revoke("aaaaaaaaaaaa", to_text(ring.clock()), an_entry())
