"""Every documented command, run as it is written, on a stack that `make up` has started.

README.md and the quick start get what a newcomer has; the other pages also an AWS
CLI whose account is the local cloud.
"""

from pathlib import Path
from typing import Final

import pytest

from local.environment import STACK_NAME, aws_variables
from tests.documents.blocks import PAGES, ROOT, Block, read_blocks
from tests.documents.clone import Clone
from tests.documents.session import CommandFailed, Outcome, clean_environment, run_blocks
from tests.documents.shown_output import fits, problems, read_printed, read_shown

_NEWCOMERS: Final = ("README.md", "docs/quickstart.md")
_LAST: Final = "docs/quickstart.md"
"""It ends with `make down`."""
_OUTPUT_FUNCTION: Final = ("docs/deploying.md", "Outputs of a stack")


def commands(page: Path) -> list[Block]:
    return [block for block in read_blocks(page) if block.runs and "takes" not in block.notes]


_TRANSLATIONS: Final = ("README.vi.md", "README.ru.md")
"""They have the commands of README.md: tests/docs/test_translations.py."""
RUN: Final = sorted(
    (page for page in PAGES if commands(page) and page.name not in _TRANSLATIONS),
    key=lambda page: page.relative_to(ROOT).as_posix() == _LAST,
)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_of_a_page_work_as_they_are_written(page: Path, clone: Clone) -> None:
    name = page.relative_to(ROOT).as_posix()
    variables, before = {}, ""
    if name not in _NEWCOMERS:
        variables = aws_variables(clone.stack()["aws_endpoint_url"]) | {"STACK": STACK_NAME}
        variables["PATH"] = f"{clone.programs()}:{clean_environment(clone.home)['PATH']}"
        before = output_function()
    failure, results = "", []
    try:
        results = run_blocks(
            commands(page),
            before=before,
            folder=clone.folder,
            env=clean_environment(clone.home, **variables),
            log=clone.logs / f"{name.replace('/', '-')}.log",
        )
    except CommandFailed as failed:
        failure = str(failed)
    if failure:
        pytest.fail(failure, pytrace=False)
    for result in results:
        assert problems(result.output) == [], result.block.text
    check_shown(page, results)


def output_function() -> str:
    """The function that pages link to."""
    page, heading = _OUTPUT_FUNCTION
    [block] = [one for one in read_blocks(ROOT / page) if one.heading == heading]
    return block.text


def check_shown(page: Path, results: list[Outcome]) -> None:
    """JSON below a command is what the command prints."""
    printed = {result.block.line: result.output for result in results}
    heading, last = "", ""
    for block in read_blocks(page):
        if block.is_commands:
            heading, last = block.heading, printed.get(block.line, "")
        elif block.language == "json" and last and block.heading == heading:
            documents = list(read_printed(last))
            shown = read_shown(block.text)
            assert any(fits(shown, one) for one in documents), f"{block.text}\n{last}"


@pytest.mark.proof
def test_what_takes_minutes_works_too(clone: Clone) -> None:
    """`make demo`, above all: on a stack of its own, with nothing that was made before."""
    blocks = [block for page in PAGES for block in read_blocks(page) if "takes" in block.notes]
    texts = {block.text: block for block in blocks if block.runs}
    assert texts
    for number, block in enumerate(texts.values()):
        run_blocks(
            [block],
            before="",
            folder=clone.folder,
            env=clean_environment(clone.home),
            log=clone.logs / f"long-{number}.log",
        )
