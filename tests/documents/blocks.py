"""Code blocks of the documents, with the notes that readers do not see.

A note stands in the line before a block, as an HTML comment: ``<!-- needs: aws -->``.

- ``needs: ...``: what a test does not have. The block is not run; its syntax, its `make` targets
  and its calls of the AWS CLI are checked all the same.
- ``takes: minutes``: `make proof` runs it.
- ``input: one | two``: lines that a person would type.
- ``file: docs/examples/...``: the block is this file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "adr").glob("*.md")),
    ROOT / "sandbox" / "README.md",
    *sorted((ROOT / "cli").glob("*.md")),
    *sorted((ROOT / "clients").glob("*/*.md")),
]
NEEDS: Final = {
    "aws": "an AWS account",
    "provider": "an account at a provider, or a real phone",
    "docker": "Docker",
    "gate": "the tests themselves: they run it, not the other way round",
    "server": "a server that runs until it is stopped; another test starts it",
    "person": "somebody who answers, at a terminal",
    "network": "packages or sources from the network",
    "release": "the right to release",
}
_BLOCK: Final = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<notes>(?:needs|takes|input|file): [^\n]*?) -->\n(?P=indent))?"
    r"```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One code block of a page."""

    page: str
    line: int
    """Of its first command."""
    heading: str
    language: str
    text: str
    notes: Mapping[str, str]

    @property
    def is_commands(self) -> bool:
        return self.language == "sh"

    @property
    def runs(self) -> bool:
        return self.is_commands and "needs" not in self.notes


def read_blocks(page: Path) -> list[Block]:
    """All code blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    blocks = []
    for match in _BLOCK.finditer(text):
        indent = len(match["indent"])
        notes = [note.partition(": ") for note in (match["notes"] or "").split("; ") if note]
        headings = re.findall(r"^#+ (.+)$", text[: match.start()], re.MULTILINE)
        blocks.append(
            Block(
                page=str(page.relative_to(ROOT)),
                line=text.count("\n", 0, match.start("text")) + 1,
                heading=headings[-1] if headings else "",
                language=match["language"],
                text="".join(line[indent:] or "\n" for line in match["text"].splitlines(True)),
                notes={name: value for name, _, value in notes},
            )
        )
    return blocks
