"""A shell that runs the commands of one page as they are written, one block after the other."""

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.documents.blocks import Block

_SECONDS: Final = 540
"""The longest page takes a minute alone; the machine may have other work."""
_END: Final = "\x1e"
"""Ends the output of a block: no command prints it."""


class CommandFailed(AssertionError):
    """A command of a page ended with another exit code than 0."""


@dataclass(frozen=True)
class Outcome:
    """What a block printed."""

    block: Block
    output: str


def run_blocks(
    blocks: Sequence[Block], *, before: str, folder: Path, env: dict[str, str], log: Path
) -> list[Outcome]:
    """Run blocks in one bash, so that variables and functions stay from one to the next.

    `before` is run first; what it prints is not kept.

    Raises:
        CommandFailed: it names the page, the line and what the block printed.
    """
    parts = ["set -euo pipefail\nexec </dev/null\n", f"{before}\nprintf '{_END}'\n"]
    for block in blocks:
        lines = block.notes.get("input", "").split(" | ")
        typed = " ".join(shlex.quote(line) for line in lines)
        # A group, not a subshell: what it sets stays.
        parts.append(f"{{\n{block.text}}} < <(printf '%s\\n' {typed})\nprintf '{_END}'\n")
    script, out = log.with_suffix(".sh"), log.with_suffix(".out")
    script.write_text("".join(parts), encoding="utf-8")
    # Files, not pipes: a server that a command leaves running would hold a pipe open.
    with out.open("wb") as stdout, log.open("wb") as stderr:
        code = subprocess.run(  # noqa: S603 - commands of our own pages
            ["/bin/bash", script],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            timeout=_SECONDS,
            check=False,
        ).returncode
    _, *outputs = out.read_text(encoding="utf-8").split(_END)
    if code != 0:
        at = len(outputs) - 1
        block = blocks[min(at, len(blocks) - 1)]
        errors = log.read_text(encoding="utf-8", errors="replace")[-3_000:]
        raise CommandFailed(
            f"{block.page}:{block.line} exit code {code}\n{block.text}\n{outputs[-1]}\n{errors}"
        )
    return [Outcome(block, text) for block, text in zip(blocks, outputs, strict=False)]


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """What a new user's shell has: nothing of ours, nothing of AWS's."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "UV_CACHE_DIR", "PIP_CONFIG_FILE")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "NO_COLOR": "1",
        **more,
    }
