"""Writes the skeleton of a provider: its folder, its tests, its sandbox, and all that is shared."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from local.failures import LocalStackError
from local.new_provider.names import CHANNELS, read_channel, read_name
from local.new_provider.places import BLANK, PLACES, AnchorMissing, Provider

_NEXT: Final = (
    "replace each FILL-IN by what the provider documents, then `make openapi`, `make check` and "
    "`make test`.\nIf it reports results: write its webhook.py, and "
    "tests/architecture/test_provider_places.py names every place that needs it, too."
)


@dataclass(frozen=True, slots=True)
class Blank:
    """A line that a person has to fill in."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.text}"


def new_provider(root: Path, name: str, channel: str, out: TextIO) -> list[Blank]:
    """Write the skeleton of a provider into a repository, and say what is left to do.

    Raises:
        LocalStackError: The name or the channel is not valid, or a file has changed its form; the
            text says what to do. Nothing was written.
    """
    channel = read_channel(channel)
    provider = Provider(read_name(name, root), channel)
    files = write(root, provider)
    blanks = list(find_blanks(root, files))
    out.write(f"{provider.name.title} is a provider of {CHANNELS[channel].title}. To fill in:\n")
    out.writelines(f"  {blank}\n" for blank in blanks)
    out.write(f"Next: {_NEXT}\n")
    return blanks


def write(root: Path, provider: Provider) -> list[Path]:
    """Write all places of a provider; returns the files.

    Raises:
        LocalStackError: A file has changed its form. Nothing was written.
    """
    originals: dict[Path, str | None] = {}
    try:
        for place in PLACES:
            if not place.is_written:
                continue
            file = root / provider.fill(place.file or place.path)
            text = file.read_text(encoding="utf-8") if file.exists() else None
            originals.setdefault(file, text)
            place.write(root, provider)
    except AnchorMissing as missing:
        _undo(originals)
        raise LocalStackError(
            f"{file.relative_to(root)} has changed its form, so nothing was written: mend its "
            f"place in local/new_provider/places.py ({missing})"
        ) from missing
    try:
        _format(root, originals)
    except subprocess.CalledProcessError as error:
        _undo(originals)
        raise LocalStackError(
            "a file has changed its form, so that the skeleton is no Python, and nothing was "
            f"written: mend local/new_provider/places.py ({error.stdout.strip()})"
        ) from error
    return list(originals)


def find_blanks(root: Path, files: Iterable[Path]) -> Iterable[Blank]:
    """Every line that is marked as a blank."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if BLANK in line:
                yield Blank(str(file.relative_to(root)), number, line.strip(" #"))


def _format(root: Path, files: Iterable[Path]) -> None:
    """Sort imports and break lines, as the gate wants them."""
    sources = [file for file in files if file.suffix == ".py"]
    for command in (["check", "--fix", "--quiet", "--select", "I"], ["format", "--quiet"]):
        subprocess.run(
            [Path(sys.executable).with_name("ruff"), *command, *sources],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )


def _undo(originals: dict[Path, str | None]) -> None:
    for file, text in originals.items():
        if text is not None:
            file.write_text(text, encoding="utf-8")
        elif file.exists():
            file.unlink()
