"""Documents that a person edits, as YAML or JSON, and how they differ."""

import difflib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from ringpass_cli.errors import usage
from ringpass_cli.output import write


def read_document(name: str) -> dict[str, Any]:
    """The document in a file, or in stdin if its name is ``-``.

    Raises:
        CliError: it cannot be read, or is no object.
    """
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise usage(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[str, Any]:
    """The object in a text of YAML, which includes JSON.

    Raises:
        CliError: it is none; the message has the line at fault.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise usage(f"{name}: {place}{error.problem or error}") from None
    except yaml.YAMLError as error:
        raise usage(f"{name}: {error}") from None
    if not isinstance(document, dict):
        raise usage(f"{name} holds no object: it needs names and values")
    return document


def to_yaml(document: object) -> str:
    """A document for a person."""
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
    return text


def edit(text: str, suffix: str = ".yaml") -> str:
    """The text as a person leaves it in ``$VISUAL`` or ``$EDITOR``.

    Raises:
        CliError: there is no editor, or it failed.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="ringpass-") as folder:
        path = Path(folder, f"ringpass{suffix}")
        path.write_text(text, encoding="utf-8")
        try:
            code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode  # noqa: S603 - the user's own
        except OSError as error:
            raise usage(
                f"The editor {editor!r} cannot be started: {error.strerror}",
                "Set EDITOR, or use --file.",
            ) from None
        if code != 0:
            raise usage(f"The editor {editor!r} ended with exit code {code}; nothing was changed")
        return path.read_text(encoding="utf-8")


def differences(old: object, new: object, old_name: str, new_name: str) -> list[str]:
    """The lines in which two documents differ, as a unified diff of their YAML."""
    # Numbers and texts as the API has them, whatever a file wrote: 1.0 and 1 are equal there.
    before, after = (to_yaml(json.loads(json.dumps(one))).splitlines() for one in (old, new))
    return list(difflib.unified_diff(before, after, old_name, new_name, lineterm=""))


def write_differences(lines: list[str]) -> None:
    """A diff, in colour on a terminal."""
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        write(line, style=style)
