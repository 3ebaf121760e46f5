"""Structured logs. No event is logged whole; phones are masked, codes never appear."""

from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from ringpass.redaction import mask_digits

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.types import LogRecord


class MaskingFormatter(LambdaPowertoolsFormatter):
    """Log formatter that masks digits in tracebacks: an error may repeat a phone or a code."""

    def __init__(self) -> None:
        # The traceback as text is enough; the structured one would hold the exception itself.
        super().__init__(utc=True, use_rfc3339=True, serialize_stacktrace=False)

    def serialize(self, log: "LogRecord") -> str:
        """Returns the log line."""
        if "exception" in log:
            log["exception"] = mask_digits(str(log["exception"]))
        return super().serialize(log)


@cache
def logger() -> Logger:
    """Returns the function's logger; the POWERTOOLS_* variables set its service and level."""
    return Logger(logger_formatter=MaskingFormatter())
