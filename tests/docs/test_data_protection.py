"""docs/data-protection.md names every kind of item, and what a deletion does with it."""

import re

from tests.described_items import ITEMS, NAMING_NOBODY
from tests.template import ROOT

CODE = ROOT / "layers" / "ringpass" / "ringpass"
# In a docstring, in an item, among the values of an update.
_ENTITY = re.compile(r'entity "(\w+)"|"entity": "(\w+)"|":entity": "(\w+)"')


def test_every_kind_of_item_has_its_row_and_no_other() -> None:
    kinds = {
        next(filter(None, one.groups()))
        for path in CODE.rglob("*.py")
        for one in _ENTITY.finditer(path.read_text())
    }
    assert len(kinds) > 30
    assert kinds - ITEMS.keys() == set(), "say what an export and a deletion do with it"
    assert ITEMS.keys() - kinds == set()


def test_what_names_nobody_is_neither_exported_nor_deleted() -> None:
    assert {"counted", "statistics", "key"} <= NAMING_NOBODY
    for kind in NAMING_NOBODY:
        assert ITEMS[kind][1] == "no"
