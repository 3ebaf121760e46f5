"""docs/cli.md has every command, its options, and the exit codes."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import typer

from ringpass_cli.errors import ExitCode
from ringpass_cli.main import app
from tests.cli.conftest import Cli
from tests.template import ROOT

PAGE: Final = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def _commands(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - typer's
    for name, child in getattr(command, "commands", {}).items():
        if hasattr(child, "commands"):
            yield from _commands(child, *path, name)
        else:
            yield (*path, name), child


COMMANDS: Final = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", list(COMMANDS), ids=" ".join)
def test_each_command_has_an_example(path: tuple[str, ...]) -> None:
    assert re.search(rf"^.*\./ringpass {' '.join(path)}\b", PAGE, re.MULTILINE)


@pytest.mark.parametrize("path", list(COMMANDS), ids=" ".join)
def test_each_command_has_json_profile_and_a_help(path: tuple[str, ...], bare_cli: Cli) -> None:
    options = {option for param in COMMANDS[path].params for option in param.opts}
    assert {"--json", "--profile"} <= options
    result = bare_cli(*path, "--help")
    assert result.exit_code == 0
    assert COMMANDS[path].help


def test_examples_name_options_that_exist() -> None:
    code = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    lines = re.findall(r"\./ringpass ([a-z][^|>)#\n]+)", code)
    assert lines
    for line in lines:
        words = line.split()
        path = next(path for path in COMMANDS if tuple(words[: len(path)]) == path)
        known = {option for param in COMMANDS[path].params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_each_exit_code_is_in_its_table() -> None:
    table = PAGE.partition("| exit code | meaning |")[2].partition("\n\n")[0]
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]
    assert codes == [int(code) for code in ExitCode]
