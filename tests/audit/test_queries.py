"""The audit log as it is listed: newest first, each client's own, filtered."""

from datetime import timedelta

import pytest

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.queries import AuditQueries
from ringpass.audit.store import AuditRepository, audit_entry
from ringpass.audit.views import entry_view
from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import Transaction
from ringpass.clock import to_text
from ringpass.errors import ValidationFailed
from ringpass.http.actor import Actor
from tests.world import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(table: Table, clock: Clock) -> AuditQueries:
    return AuditQueries(AuditRepository(table), clock)


def write(
    log: AuditQueries, clock: Clock, client: str = "acme", key: str = "k1", **of: object
) -> None:
    values: dict[str, object] = {"resource": Resource.SETTINGS, "resource_id": None}
    change = Change(**values | {"action": Action.REPLACED} | of)  # type: ignore[arg-type]
    tx = Transaction(log.entries.table)
    tx.add(audit_entry(Actor(client, key), change, to_text(clock())))
    tx.commit()
    clock.turn(seconds=1)


def listed(log: AuditQueries, client: str = "acme", **query: str) -> list[object]:
    query = {name.rstrip("_"): value for name, value in query.items()}
    return [entry_view(entry)["to_version"] for entry in log.page(client, query).items]


def test_an_entry_says_who_changed_what(log: AuditQueries, clock: Clock) -> None:
    at = to_text(clock())
    write(log, clock, from_version=3, to_version=4, fields=("attempts", "limits.phone"))
    [entry] = log.page("acme", {}).items
    view = entry_view(entry)
    assert view["id"].startswith("aud_")
    assert {name: value for name, value in view.items() if name != "id"} == {
        "at": at,
        "key_id": "k1",
        "action": "replaced",
        "resource": "settings",
        "resource_id": None,
        "from_version": 3,
        "to_version": 4,
        "fields": ["attempts", "limits.phone"],
    }


def test_the_operator_has_no_key(log: AuditQueries, clock: Clock) -> None:
    write(log, clock, key="")
    assert [entry_view(entry)["key_id"] for entry in log.page("acme", {}).items] == [None]


def test_newest_first_and_each_client_s_own(log: AuditQueries, clock: Clock) -> None:
    for version, client in enumerate(("acme", "other", "acme", "acme")):
        write(log, clock, client, to_version=version)
    assert listed(log) == [3, 2, 0]
    assert listed(log, "other") == [1]
    assert listed(log, "acm") == []


def test_pages_follow_each_other(log: AuditQueries, clock: Clock) -> None:
    for version in range(5):
        write(log, clock, to_version=version)
    versions, cursor = [], ""
    for _ in range(3):
        page = log.page("acme", {"limit": "2"} | ({"cursor": cursor} if cursor else {}))
        versions += [entry.change.to_version for entry in page.items]
        cursor = page.next_cursor or ""
    assert (versions, cursor) == ([4, 3, 2, 1, 0], "")


def test_filters(log: AuditQueries, clock: Clock) -> None:
    begin = clock()
    write(log, clock, to_version=0)
    write(log, clock, to_version=1, resource=Resource.SCENARIO, resource_id="scn_1", key="k2")
    write(log, clock, to_version=2, resource=Resource.SCENARIO, resource_id="scn_2")
    write(log, clock, to_version=3, resource=Resource.PROVIDER, action=Action.RESUMED)
    assert listed(log, resource="scenario") == [2, 1]
    assert listed(log, resource_id="scn_1") == [1]
    assert listed(log, action="resumed") == [3]
    assert listed(log, key_id="k2") == [1]
    assert listed(log, resource="scenario", key_id="k1") == [2]
    one, two = (to_text(begin + timedelta(seconds=s)) for s in (1, 2))
    assert listed(log, from_=one, to=two) == [1]


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ({"resource": "phones"}, "resource"),
        ({"action": "told"}, "action"),
        ({"resource_id": ""}, "resource_id"),
        ({"key_id": "k" * 129}, "key_id"),
        ({"from": "yesterday"}, "from"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"phone": "+84389801371"}, "phone"),
    ],
)
def test_a_wrong_parameter_is_named(
    log: AuditQueries, query: dict[str, str], at_fault: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        log.page("acme", query)
    assert [error["loc"] for error in refusal.value.errors] == [["query", at_fault]]
    assert "389801371" not in str(refusal.value.errors)
