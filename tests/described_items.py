"""The kinds of items that docs/data-protection.md describes."""

import re
from collections.abc import Iterator

from tests.template import ROOT


def _rows() -> Iterator[tuple[str, tuple[str, ...]]]:
    page = (ROOT / "docs" / "data-protection.md").read_text()
    section = page.partition("## Export and deletion\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if not line.startswith("| `"):
            continue
        names, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for name in re.findall(r"`(\w+)`", names):
            yield name, tuple(cells)


ITEMS = dict(_rows())
"""Entity -> what of a person is in it, whether it is exported, what a deletion does."""
NAMING_NOBODY = frozenset(name for name, cells in ITEMS.items() if cells[0].startswith("nothing"))
"""The kinds in which no number is, and no keyed hash of one."""
