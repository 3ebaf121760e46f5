"""Structured logs with embedded metrics.

No event is ever logged whole; phones print masked, codes not at all.
"""

import os
import time
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from ringpass.metrics import embedded
from ringpass.redaction import mask_digits

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.types import LogRecord


class LogFormatter(LambdaPowertoolsFormatter):
    """Masks digits in tracebacks, and adds the metrics that a line carries.

    The message of a bug may repeat a phone or a code.
    """

    def __init__(self) -> None:
        # The traceback as text is enough; the structured one would hold the exception itself.
        super().__init__(utc=True, use_rfc3339=True, serialize_stacktrace=False)

    def serialize(self, log: "LogRecord") -> str:
        """Returns the log line."""
        if "exception" in log:
            log["exception"] = mask_digits(str(log["exception"]))
        if stack := os.environ.get("STACK"):
            log.update(embedded(log, stack, time.time_ns() // 1_000_000))  # type: ignore[typeddict-item]
        return super().serialize(log)


@cache
def logger() -> Logger:
    """The function's logger; service and level come from the POWERTOOLS_* variables."""
    return Logger(logger_formatter=LogFormatter())
