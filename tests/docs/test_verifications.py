"""docs/verifications.md: the default cause table, row by row."""

from typing import Final

from ringpass.clients.settings.cause_table import DEFAULTS, Action
from tests.docs.test_docs import read, rows

PAGE: Final = read("docs/verifications.md")


def test_the_default_table_is_the_code_s() -> None:
    documented = [
        (outcome, reason, action, why)
        for outcome, reason, action, why in (row for row in rows(PAGE) if len(row) == 4)
        if action.strip("`").partition("`")[0] in set(Action)
    ]
    assert documented == [
        (
            f"`{row.outcome}`",
            f"`{row.reason}`" if row.reason else "any",
            f"`{row.action}`" + (", no more calls" if row.no_more_calls else ""),
            row.why,
        )
        for row in DEFAULTS
    ]
