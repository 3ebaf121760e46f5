"""Creates what every function needs: settings, table, secrets."""

import os
from functools import cache

from ringpass.aws import session
from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.config import Settings


@cache
def settings() -> Settings:
    """Returns the function's settings."""
    return Settings(os.environ)


@cache
def table() -> Table:
    """Returns the stack's table."""
    return Table(session.client("dynamodb"), settings().table)


@cache
def secrets() -> Secrets:
    """Returns the cache of the stack's secrets."""
    return Secrets(session.client("secretsmanager"), settings().secret)
