"""Runs one command and ends it when whoever started us is gone.

Started as a file, with the standard library alone: ``keeper.py command argument ...``. Standard
input is a pipe from our starter; at its end (the starter ended, even by SIGKILL) our whole group
is asked to stop.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 8.0


def main(command: list[str]) -> int:
    """Run the command. Gives its exit code."""
    # The group gets the signal, so the command does too; we wait for it to end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def _watch(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1024):
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(os.getpgid(0), signal.SIGTERM)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
