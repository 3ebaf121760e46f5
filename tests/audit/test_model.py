"""What an entry names: fields, never values."""

import pytest

from ringpass.audit.model import Action, Change, Resource, changed_fields
from ringpass.clients.settings.model import ClientSettings
from ringpass.limits.settings import LimitSettings


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ({}, {}, ()),
        ({"a": 1}, {"a": 1}, ()),
        ({"b": 1, "a": 1}, {"b": 2, "c": 3}, ("a", "b", "c")),
        ({"limits": {"x": 1, "y": 2}}, {"limits": {"x": 1, "y": 3}}, ("limits.y",)),
        ({"limits": {"x": {"cap": 1}}}, {"limits": {"x": {"cap": 2}}}, ("limits.x",)),
        ({}, {"limits": {"x": 1}}, ("limits.x",)),
        ({}, {"limits": {}}, ("limits",)),
        ({"steps": [1]}, {"steps": [2]}, ("steps",)),
        ({"repeat": {"count": 1}}, {"repeat": "never"}, ("repeat",)),
        ({"version": 1, "updated_at": "a"}, {"version": 2, "updated_at": "b"}, ()),
    ],
)
def test_the_fields_that_differ(
    old: dict[str, object], new: dict[str, object], names: tuple[str, ...]
) -> None:
    assert changed_fields(old, new) == changed_fields(new, old) == names


def test_a_change_between_two_versions() -> None:
    old = ClientSettings(attempts=4, version=6)
    new = ClientSettings(attempts=5, limits=LimitSettings(daily_sends=7), version=7)
    change = Change.between(Resource.SETTINGS, None, Action.REPLACED, old, new)
    assert (change.from_version, change.to_version) == (6, 7)
    assert change.fields == ("attempts", "limits.daily_sends")


def test_what_was_created_or_deleted_has_one_version() -> None:
    one = ClientSettings(version=3)
    created = Change.between(Resource.SCENARIO, "scn_1", Action.CREATED, None, one)
    assert (created.from_version, created.to_version, created.fields) == (None, 3, ())
    deleted = Change.between(Resource.SCENARIO, "scn_1", Action.DELETED, one, None)
    assert (deleted.from_version, deleted.to_version, deleted.fields) == (3, None, ())
