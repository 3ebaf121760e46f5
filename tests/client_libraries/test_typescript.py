"""The TypeScript client: types in the strictest form, and its own tests in clients/typescript/."""

import re

from local.client_libraries import TYPESCRIPT, install_packages, node


def test_its_types_and_those_of_its_users_are_strict() -> None:
    """``make clients`` compiles it with the same options; these are its users."""
    tsc = install_packages()
    node(tsc, "--project", "tsconfig.tests.json", cwd=TYPESCRIPT)


def test_its_own_tests_pass() -> None:
    install_packages()
    files = sorted(str(path) for path in (TYPESCRIPT / "tests").glob("*.test.ts"))
    assert len(files) >= 3
    output = node("--test", "--test-reporter=tap", *files, cwd=TYPESCRIPT).stdout
    [passed] = re.findall(r"^# pass (\d+)$", output, re.MULTILINE)
    assert int(passed) > 25
