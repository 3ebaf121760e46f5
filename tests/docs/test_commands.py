"""Documented commands, also those that no test can run: syntax, targets, options."""

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore.session
import pytest
from botocore import xform_name

from tests.documents.blocks import NEEDS, PAGES, ROOT, Block, read_blocks

COMMANDS: Final = [block for page in PAGES for block in read_blocks(page) if block.is_commands]
_GLOBAL: Final = {"output", "query", "region", "profile", "no-cli-pager", "cli-input-json"}
_NO_OPERATION: Final = {
    ("cloudformation", "deploy"),
    ("dynamodb", "wait"),
    ("logs", "tail"),
    ("lambda", "invoke"),
}
"""What the CLI adds to the operations of a service, or has another form for."""


def place(block: Block) -> str:
    return f"{block.page}:{block.line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_notes_are_known_and_stand_before_a_block(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = read_blocks(page)
    written = re.findall(r"^ *<!-- (?:needs|takes|input|file): .*-->$", text, re.MULTILINE)
    assert len(written) == sum(bool(block.notes) for block in blocks)
    assert len(re.findall(r"^ *```(?!`)", text, re.MULTILINE)) == 2 * len(blocks)
    for block in blocks:
        assert block.notes.keys() <= {"needs", "takes", "input", "file"}, place(block)
        assert block.notes.get("takes", "minutes") == "minutes", place(block)
        assert block.notes.get("needs", "aws") in NEEDS, place(block)


@pytest.mark.parametrize("block", COMMANDS, ids=place)
def test_commands_are_well_formed(block: Block) -> None:
    process = subprocess.run(
        ["/bin/bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize("block", COMMANDS, ids=place)
def test_nothing_is_left_to_be_filled_in(block: Block) -> None:
    """A command that is run as it is written has no `<key>` in it."""
    if block.runs:
        assert not re.search(r"<[a-z][\w .-]*>", block.text), block.text


@pytest.mark.parametrize("block", COMMANDS, ids=place)
def test_options_of_the_aws_cli_exist(block: Block) -> None:
    joined = re.sub(r"\\\n", " ", block.text)
    for service, operation, rest in re.findall(r"\baws ([\w-]+) ([\w-]+)([^\n|#]*)", joined):
        if (service, operation) in _NO_OPERATION:
            continue
        known = options(service).get(operation)
        assert known is not None, f"{service} {operation}"
        used = set(re.findall(r"(?<!\S)--([\w-]+)", re.sub(r"'[^']*'", "", rest)))
        assert used - known - _GLOBAL == set(), f"{service} {operation}"


@cache
def options(service: str) -> dict[str, set[str]]:
    """Operation -> its options, as the AWS CLI names them."""
    model = botocore.session.get_session().get_service_model(service)
    known = {}
    for name in model.operation_names:
        shape: Any = model.operation_model(name).input_shape
        members = shape.members if shape else {}
        names = set()
        for member, of in members.items():
            option = xform_name(member, "-")
            names |= {option, f"no-{option}"} if of.type_name == "boolean" else {option}
        known[xform_name(name, "-")] = names
    if service == "sns":
        known["subscribe"].add("notification-endpoint")  # `--endpoint` would be the service's own.
    return known


def test_most_commands_are_run() -> None:
    not_run = [block for block in COMMANDS if not block.runs]
    assert len(not_run) < len(COMMANDS) / 2, [place(block) for block in not_run]


def test_the_readers_first_commands_are_all_run() -> None:
    """Those of the README and of the quick start need nothing that a newcomer does not have."""
    for name in ("README.md", "docs/quickstart.md"):
        blocks = [block for block in COMMANDS if block.page == name]
        assert blocks
        assert all(block.runs for block in blocks)


def test_words_of_commands_can_be_split() -> None:
    """A quotation mark that is forgotten in one line is not closed by the next."""
    for block in COMMANDS:
        assert shlex.split(block.text, comments=True) or not block.text.strip(), place(block)


def test_files_that_pages_show_are_as_they_are() -> None:
    shown = [block for page in PAGES for block in read_blocks(page) if "file" in block.notes]
    assert shown
    for block in shown:
        assert (ROOT / block.notes["file"]).read_text(encoding="utf-8") == block.text, place(block)


@pytest.mark.parametrize("name", ["login_fastapi.py", "login_express.ts"])
def test_a_log_in_has_40_lines_of_code(name: str) -> None:
    """As the page says: without blank lines and comments."""
    lines = (ROOT / "docs" / "examples" / name).read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.lstrip().startswith(("//", '"""'))]
    assert len(code) <= 40
