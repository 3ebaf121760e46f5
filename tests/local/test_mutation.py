"""`make mutation`: what it is told, and how it shows what no test saw. mutmut itself is not run."""

import io
import tomllib

import pytest

from local import mutation
from local.failures import LocalStackError
from local.mutation import (
    TESTS,
    Survivor,
    changed_line,
    chosen_modules,
    configuration,
    function_of,
    line_of,
    statuses_in,
    survivors_of,
)
from local.paths import ROOT
from local.progress import Progress

LAYER = ROOT / "layers" / "ringpass" / "ringpass"
SOURCE = '''"""A module."""


def first(at: int) -> int:
    """The first."""
    return at + 1


class Table:
    """A table."""

    def first(self, at: int) -> int:
        """The first of a table."""
        at += 2
        return at + 1
'''
SHOWN = """# ringpass.x.xǁTableǁfirst__mutmut_3: survived
--- src/ringpass/x.py
+++ src/ringpass/x.py
@@ -1,4 +1,4 @@
 def first(self, at: int) -> int:
     \"""The first of a table.\"""
     at += 2
-    return at + 1
+    return at - 1
"""


@pytest.mark.parametrize("module", TESTS)
def test_each_module_and_its_tests_are_there(module: str) -> None:
    assert (LAYER / f"{module}.py").is_file()
    assert TESTS[module]
    for test in TESTS[module]:
        assert (ROOT / test).is_file()


@pytest.mark.parametrize("module", TESTS)
def test_the_tool_is_told_one_module_and_its_tests(module: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text() + configuration(module))
    options = settings["tool"]["mutmut"]
    assert options["only_mutate"] == [f"src/ringpass/{module}.py"]
    assert options["pytest_add_cli_args_test_selection"] == list(TESTS[module])


def test_modules_are_chosen_by_name_and_all_of_them_if_none_is_named() -> None:
    assert chosen_modules([]) == list(TESTS)
    assert chosen_modules(["limits/arithmetic", "oa.desk.hours"]) == [
        "limits/arithmetic",
        "oa/desk/hours",
    ]


def test_a_module_that_has_no_tests_here_is_told_before_anything_is_done() -> None:
    out = io.StringIO()
    with pytest.raises(LocalStackError, match=r"MODULES: wiring is not known: choose of verif"):
        mutation.mutate(Progress(out), ["verifications/codes", "wiring"])
    assert out.getvalue() == ""


def test_a_change_is_told_by_its_line_in_the_file() -> None:
    assert function_of("ringpass.x.x_first__mutmut_12") == "first"
    assert function_of("ringpass.oa.x.x__first__mutmut_1") == "_first"
    assert function_of("ringpass.x.xǁTableǁfirst__mutmut_3") == "Table.first"
    assert (line_of(SOURCE, "first"), line_of(SOURCE, "Table.first")) == (4, 12)
    line, diff = changed_line(SOURCE, 12, SHOWN)
    assert (line, diff) == (15, ("- return at + 1", "+ return at - 1"))
    assert SOURCE.splitlines()[line - 1].strip() == "return at + 1"
    text = str(Survivor(LAYER.relative_to(ROOT) / "x.py", line, "Table.first", diff))
    assert text == (
        "layers/ringpass/ringpass/x.py:15 Table.first\n    - return at + 1\n    + return at - 1"
    )


def test_a_function_that_no_test_calls_is_told_once() -> None:
    results = (
        "    ringpass.limits.arithmetic.x_day__mutmut_1: no tests\n"
        "    ringpass.limits.arithmetic.x_day__mutmut_2: no tests\n"
        "    ringpass.limits.arithmetic.x_share__mutmut_1: killed\n"
    )
    statuses = statuses_in(results)
    assert list(statuses.values()) == ["no tests", "no tests", "killed"]
    source = (LAYER / "limits/arithmetic.py").read_text()
    begin = 1 + source[: source.index("\ndef day(")].count("\n") + 1
    (survivor,) = survivors_of("limits/arithmetic", statuses)
    assert str(survivor) == (
        f"layers/ringpass/ringpass/limits/arithmetic.py:{begin} day: no test of the module calls it"
    )
