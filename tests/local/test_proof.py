"""`make proof` is apart: no run of all tests has it in it."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.proof.conftest import pytest_ignore_collect
from tests.template import ROOT


def left_out(*arguments: str) -> bool | None:
    config: Any = SimpleNamespace(args=list(arguments))
    return pytest_ignore_collect(config)


@pytest.mark.parametrize(
    "arguments",
    [(), ("tests",), (".",), (str(ROOT),), ("tests/e2e", "tests/unit/x.py::y")],
)
def test_a_run_that_does_not_name_it_leaves_it_out(arguments: tuple[str, ...]) -> None:
    assert left_out(*arguments)


@pytest.mark.parametrize("argument", ["tests/proof", "tests/proof/", "tests/proof/x.py::y"])
def test_a_run_that_names_it_has_it(argument: str) -> None:
    assert left_out(argument) is None
    assert left_out("tests/unit", argument) is None
