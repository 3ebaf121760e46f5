"""Commands that messages advise: each is one of the command line, with its options."""

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import typer

from ringpass_cli.main import app
from tests.template import ROOT

PACKAGE: Final = ROOT / "cli" / "ringpass_cli"
_COMMAND: Final = re.compile(r"`ringpass ([^`]+)`")


def _texts() -> Iterator[str]:
    """The advice by codes, and every text of the package; a value in a text is the word X."""
    yield (PACKAGE / "advice.yaml").read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "X"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


COMMANDS: Final = sorted({line for text in _texts() for line in _COMMAND.findall(text)})


def _check(line: str) -> None:
    """A group alone stands for its commands; `...` for a value."""
    command: Any = typer.main.get_command(app)
    words = line.split()
    while words and hasattr(command, "commands"):
        word = words.pop(0)
        assert word in command.commands, line
        command = command.commands[word]
    parser = command.make_parser(command.context_class(command))
    _, rest, _ = parser.parse_args(words)
    assert rest == [], line


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_in_a_message_exists(line: str) -> None:
    _check(line)


def test_commands_are_found_in_both_places() -> None:
    assert {"providers --resume NAME", "providers --resume X", "secret set X"} <= set(COMMANDS)


@pytest.mark.parametrize(
    "line", ["providers resume", "providers --revive mcn", "no-such-one", "keys no-such-one"]
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"providers resume|No such option|no-such-one"):
        _check(line)
