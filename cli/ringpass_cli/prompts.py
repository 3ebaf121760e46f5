"""Codes, keys and secrets: typed without an echo, or read from stdin. Never an argument."""

import getpass
import sys
from typing import Final

from ringpass_cli.errors import usage

_TERMINATORS: Final = "\r\n"


def read_hidden(label: str) -> str:
    """A value that nobody may see: typed without an echo, or the next line of stdin.

    Raises:
        CliError: it is empty.
    """
    if sys.stdin.isatty():
        value = getpass.getpass(f"{label}: ")
    else:
        value = sys.stdin.readline().rstrip(_TERMINATORS)
    if not value.strip():
        raise usage(f"{label}: nothing was entered", "Type it, or pass it by stdin.")
    return value.strip()
