"""The access log: one readable line on stderr for each request and each CDR.

Never a code, a key or a whole phone number: callers pass numbers through ``phones.mask``.
"""

import contextlib
import os
import sys

from sandbox.ledger import now


def line(who: str, what: str) -> None:
    """Write ``<time> <who> <what>``."""
    # One write past the buffer: lines of threads never mix, and a daemon thread that ends with
    # the process cannot die holding the buffer's lock. Nobody may be reading any more.
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno(), f"{now()} {who:<8} {what}\n".encode("utf-8", "replace"))
