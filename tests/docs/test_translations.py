"""README.vi.md and README.ru.md say what README.md says: the same parts, commands, rows, links."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.documents.blocks import ROOT, read_blocks

ORIGINAL: Final = ROOT / "README.md"
LANGUAGES: Final = ("vi", "ru")
_COMMENT: Final = re.compile(r"  +#.*")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(params=LANGUAGES)
def translation(request: pytest.FixtureRequest) -> Path:
    return ROOT / f"README.{request.param}.md"


def outline(page: Path) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(page), re.MULTILINE)]


def links(page: Path) -> list[str]:
    own = {"README.md", "README.vi.md", "README.ru.md"}
    targets = re.findall(r"\]\(([^)]+)\)", prose(page))
    assert len(own & set(targets)) == len(own) - 1
    return [link for link in targets if link not in own]


def rows(page: Path) -> list[int]:
    """The number of cells of each row of a table."""
    return [line.count("|") for line in prose(page).splitlines() if line.startswith("|")]


def paragraphs(page: Path) -> int:
    return len(re.split(r"\n{2,}", prose(page).strip()))


def figures(page: Path) -> list[str]:
    """Numbers, with a decimal point and without separators of thousands."""
    text = prose(page).partition("| | ")[2]
    text = re.sub(r"tháng \d+", "", text)  # Vietnamese has no names of months.
    text = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", text)
    return sorted(re.findall(r"\d+\.\d+|\d+", text.replace(",", ".")))


def test_the_parts_are_the_same(translation: Path) -> None:
    assert outline(translation) == outline(ORIGINAL)
    assert paragraphs(translation) == paragraphs(ORIGINAL)
    assert rows(translation) == rows(ORIGINAL)


def test_the_commands_are_the_same(translation: Path) -> None:
    def commands(page: Path) -> list[tuple[str, str, dict[str, str]]]:
        return [
            (block.language, _COMMENT.sub("", block.text), dict(block.notes))
            for block in read_blocks(page)
            if block.language != "mermaid"
        ]

    assert commands(translation) == commands(ORIGINAL)


def test_the_picture_has_the_same_arrows(translation: Path) -> None:
    def shape(page: Path) -> str:
        [block] = [one for one in read_blocks(page) if one.language == "mermaid"]
        return re.sub(r'"[^"]*"', '""', block.text)

    assert shape(translation) == shape(ORIGINAL)


def test_the_links_are_the_same(translation: Path) -> None:
    assert links(translation) == links(ORIGINAL)


def test_the_figures_are_the_same(translation: Path) -> None:
    assert figures(translation) == figures(ORIGINAL)


def test_it_is_translated(translation: Path) -> None:
    """No sentence of the original is left as it is."""
    lines = {line for line in prose(ORIGINAL).splitlines() if len(line) > 40}
    assert not lines & set(prose(translation).splitlines())
