"""API keys: made once, kept hashed, checked."""

import pytest

from ringpass import keys
from ringpass.store.keys import Keys
from ringpass.store.table import Table
from tests.use_cases.conftest import Clock


def make(table: Table, client: str = "acme", scopes: tuple[str, ...] = ("send",)) -> str:
    return keys.create(Keys(table), client, scopes, Clock())


def test_a_made_key_is_valid(table: Table) -> None:
    key = make(table, scopes=("send", "phones:read"))
    record = keys.check(Keys(table), f"Bearer {key}")
    assert record is not None
    assert (record.client, record.scopes) == ("acme", ("send", "phones:read"))


def test_the_table_does_not_hold_the_key(table: Table) -> None:
    secret = make(table).split("_", 2)[2]
    assert secret not in str(table.client.scan(TableName=table.name)["Items"])


@pytest.mark.parametrize(
    "form", ["{}", "Basic {}", "Bearer", "Bearer {}x", "Bearer {} {}", "Bearer rp_{}", ""]
)
def test_any_other_header_is_not(table: Table, form: str) -> None:
    key = make(table)
    assert keys.check(Keys(table), form.format(key, key)) is None


def test_another_secret_with_the_same_id_is_not(table: Table) -> None:
    one, other = make(table), make(table)
    id_of_one, secret_of_other = one.split("_", 2)[1], other.split("_", 2)[2]
    assert keys.check(Keys(table), f"Bearer rp_{id_of_one}_{secret_of_other}") is None


def test_a_revoked_key_is_not(table: Table) -> None:
    key = make(table)
    key_id = key.split("_")[1]
    table.update(
        {"PK": f"KEY#{key_id}", "SK": "KEY"}, "SET revoked_at = :now", {":now": "2026-11-21"}
    )
    assert keys.check(Keys(table), f"Bearer {key}") is None


@pytest.mark.parametrize(
    ("client", "scopes"),
    [("", ("send",)), ("A", ("send",)), ("a#b", ("send",)), ("acme", ()), ("acme", ("all",))],
)
def test_a_name_or_scope_that_is_none_is_refused(
    table: Table, client: str, scopes: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"name|scopes"):
        make(table, client, scopes)
