"""Whose call a reference of MCN names."""

import pytest

from ringpass.providers.mcn.call_reference import is_own


@pytest.mark.parametrize(
    ("account", "ref", "own"),
    [
        ("117793", "da59bda0a1bb_117793", True),
        ("117793", "da59_bda0a1bb_117793", True),
        ("117793", "da59bda0a1bb_test", True),
        ("117793", "da59bda0a1bb_117794", False),
        ("117793", "da59bda0a1bb_", False),
        ("117793", "da59bda0a1bb", False),
        ("117793", "117793", False),
        ("", "da59bda0a1bb_117794", True),
        ("", "da59bda0a1bb", True),
    ],
)
def test_a_call_is_ours_by_the_account_behind_its_last_underscore(
    account: str, ref: str, own: bool
) -> None:
    assert is_own(account, ref) is own
