"""API keys: made, and checked by the authorizer.

A key reads ``rp_<key id>_<secret>``; the table holds the SHA-256 of the secret, which is enough
for 256 random bits. As a command it makes a client's key and prints it once::

    python -m ringpass.keys create acme --scopes send,read --table <table>
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Final

from ringpass.clock import Clock, to_text
from ringpass.store.keys import KeyRecord, Keys

SCOPES: Final = ("send", "read", "phones:read", "admin")
CLIENT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEY: Final = re.compile(r"rp_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
_BEARER: Final = re.compile(r"[Bb]earer +(\S+)")


def create(keys: Keys, client: str, scopes: Sequence[str], clock: Clock) -> str:
    """Make a key and return it; it cannot be read again.

    Raises:
        ValueError: The client's name or a scope is not one.
    """
    if not CLIENT.fullmatch(client):
        raise ValueError("a client's name is 1 to 63 of a-z, 0-9 and -, not starting with -")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise ValueError(f"scopes are {', '.join(SCOPES)}")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    keys.add(KeyRecord(key_id, client, tuple(scopes), _digest(secret), to_text(clock())))
    return f"rp_{key_id}_{secret}"


def check(keys: Keys, authorization: str) -> KeyRecord | None:
    """The key of an ``Authorization`` header, if it is valid."""
    bearer = _BEARER.fullmatch(authorization.strip())
    parts = _KEY.fullmatch(bearer.group(1)) if bearer else None
    if parts is None:
        return None
    record = keys.get(parts.group(1))
    if record is None or record.revoked_at is not None:
        return None
    matches = hmac.compare_digest(record.digest, _digest(parts.group(2)))
    return record if matches else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _main() -> None:
    # Only a person at a terminal comes here.
    import argparse  # noqa: PLC0415
    import sys  # noqa: PLC0415

    import boto3  # noqa: PLC0415

    from ringpass.clock import utc_now  # noqa: PLC0415
    from ringpass.errors import Unavailable  # noqa: PLC0415
    from ringpass.store.table import Table  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="ringpass.keys", description="API keys of clients")
    commands = parser.add_subparsers(required=True)
    make = commands.add_parser("create", help="make a key and print it once")
    make.add_argument("client", help="who will use it, such as acme")
    make.add_argument("--scopes", default="send,read", help=f"of {', '.join(SCOPES)}")
    make.add_argument("--table", required=True, help="the stack's output TableName")
    given = parser.parse_args()
    table = Table(boto3.client("dynamodb"), given.table)
    try:
        key = create(Keys(table), given.client, given.scopes.split(","), utc_now)
    except (ValueError, Unavailable) as error:
        sys.exit(f"No key was made: {error.detail if isinstance(error, Unavailable) else error}")
    print(key)  # noqa: T201 - the one time that the key is seen


if __name__ == "__main__":
    _main()
