"""The tree of errors in the docstring of their module."""

import re

from ringpass import errors
from tests.docs.test_docs import all_errors

_STATUS = re.compile(r"[├└]─ (\d{3})  ")
_NAME = re.compile(r"([A-Z]\w+)(?: \((\d{3})\))?")


def drawn() -> dict[str, tuple[str, int]]:
    """Each error with its base class and its status."""
    _, _, tree = (errors.__doc__ or "").partition("    ApiError\n")
    rows, status = {}, 0
    for line in tree.partition("\n\n")[0].splitlines():
        if match := _STATUS.search(line):
            status = int(match[1])
        for chain in line.split(","):
            base = "ApiError"
            for name, own_status in _NAME.findall(chain):
                rows[name] = base, int(own_status or status)
                base = name
    return rows


def test_every_error_is_drawn_with_its_base_and_its_status() -> None:
    assert drawn() == {
        error.__name__: (error.__mro__[1].__name__, error.status) for error in all_errors()
    }
