"""The picture of the packages in docs/architecture.md, drawn from the import contract."""

import re
import tomllib
from pathlib import Path

from local.paths import ROOT

PAGE = ROOT / "docs" / "architecture.md"
_PICTURE = re.compile(
    r"(?<=<!-- make openapi: packages -->\n).*?(?=<!-- end of packages -->)", re.DOTALL
)


def picture(root: Path = ROOT) -> str:
    """A Mermaid diagram: each row of packages may import the rows below it, and nothing else."""
    rows = [["functions"], *(re.split(r" [|:] ", row) for row in _layers(root))]
    lines = ["```mermaid", "flowchart TD"]
    for number, row in enumerate(rows):
        lines.append(f'    subgraph row{number}[" "]')
        lines.append("        direction LR")
        lines.extend(f"        {name}" for name in row)
        lines.append("    end")
    lines.extend(f"    row{number} --> row{number + 1}" for number in range(len(rows) - 1))
    return "\n".join([*lines, "```", ""])


def write_picture(page: Path = PAGE) -> Path:
    """Draw the picture anew."""
    page.write_text(with_picture(page.read_text("utf-8")), "utf-8")
    return page


def with_picture(text: str) -> str:
    """The page with the picture as it has to be."""
    return _PICTURE.sub(lambda _: picture(), text)


def _layers(root: Path) -> list[str]:
    document = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    [contract] = [
        one for one in document["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    ]
    layers: list[str] = contract["layers"]
    return layers
