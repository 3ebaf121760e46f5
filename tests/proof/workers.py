"""The processes of a function on one local stack, found and ended."""

import base64
import contextlib
import os
import signal
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from local.ministack_server import unpacked_name
from local.stack import Stack

_PROCESSES: Final = Path("/proc")
CAN_BE_FOUND: Final = (_PROCESSES / "self" / "environ").exists()
"""Only Linux shows the environment of processes there."""


def workers(stack: Stack, function: str) -> list[int]:
    """Ids of the processes that run a function of this stack.

    They are told from those of other stacks by the port of their local cloud, which is in their
    environment, and from those of other functions by their code, whose folder they work in.
    """
    port = urlsplit(stack.aws_endpoint_url).port
    configuration = stack.lambdas().get_function_configuration(FunctionName=stack.outputs[function])
    code = unpacked_name(base64.b64decode(configuration["CodeSha256"]))
    return [
        int(entry.name)
        for entry in _PROCESSES.iterdir()
        if entry.name.isdecimal()
        and _folder(entry) == code
        and f"GATEWAY_PORT={port}" in _environment(entry)
    ]


def end(pid: int) -> None:
    """End a process at once, as Lambda ends one that has run out of time or memory."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _environment(process: Path) -> set[str]:
    try:
        return set((process / "environ").read_text("utf-8", "replace").split("\0"))
    except OSError:
        return set()  # It is gone, or another user's.


def _folder(process: Path) -> str:
    try:
        return (process / "cwd").readlink().name
    except OSError:
        return ""
