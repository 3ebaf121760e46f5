"""Structured logs. No event is ever logged whole; phones print masked, codes not at all."""

from functools import cache

from aws_lambda_powertools.logging import Logger


@cache
def logger() -> Logger:
    """The function's logger; service and level come from the POWERTOOLS_* variables."""
    return Logger(utc=True)
