"""The processes of a function on one local stack, found and ended."""

import contextlib
import os
import signal
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from local.stack import Stack

_PROCESSES: Final = Path("/proc")
CAN_BE_FOUND: Final = (_PROCESSES / "self" / "environ").exists()
"""Only Linux shows the environment of processes there."""


def workers(stack: Stack, function: str) -> list[int]:
    """Ids of the processes that run a function of this stack.

    They are told from those of other stacks by the port of their local cloud, which is in their
    environment, as is the function's name.
    """
    port = urlsplit(stack.aws_endpoint_url).port
    name = stack.outputs[function].rpartition(":")[2]
    wanted = {f"GATEWAY_PORT={port}", f"AWS_LAMBDA_FUNCTION_NAME={name}"}
    return [
        int(entry.name)
        for entry in _PROCESSES.iterdir()
        if entry.name.isdecimal() and wanted <= _environment(entry)
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
