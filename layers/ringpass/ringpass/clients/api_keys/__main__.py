"""Command that manages the API keys of any client, with AWS credentials.

    python -m ringpass.clients.api_keys create acme --scopes send,read --table <table>

It creates a client's first key. It also revokes a client's last admin key, which no API key may do.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from ringpass.aws.command_line import errors_in_one_line, non_empty, session
from ringpass.aws.dynamodb import Table
from ringpass.clients.api_keys.key import KEY_ID, SCOPES
from ringpass.clients.api_keys.service import ApiKeyService, CreatedKey
from ringpass.clients.api_keys.store import ApiKeyRepository, KeyRecord
from ringpass.clock import to_text, utc_now
from ringpass.config import LONGEST_OVERLAP_SECONDS
from ringpass.http.actor import Actor


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exit with 1 and a line on stderr if it fails."""
    args = _parser().parse_args(arguments)
    run: Callable[[ApiKeyService, argparse.Namespace], None] = args.run
    with errors_in_one_line():
        table = Table(session().client("dynamodb"), args.table)
        run(ApiKeyService("", ApiKeyRepository(table), utc_now), args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringpass.clients.api_keys", description="API keys of clients"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, summary: str, run: Callable[[ApiKeyService, argparse.Namespace], None]
    ) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=summary, description=summary)
        subparser.add_argument(
            "--table", required=True, type=non_empty, help="the stack's output TableName"
        )
        subparser.set_defaults(run=run)
        return subparser

    create = command("create", "make a key and print it once", _create)
    create.add_argument("client", type=non_empty, help="who will use it, such as acme")
    create.add_argument("--scopes", default="send,read", help=f"of {', '.join(SCOPES)}")
    create.add_argument("--label", help="what it is for")
    list_keys = command("list", "a client's keys, newest first", _list)
    list_keys.add_argument("client")
    revoke = command("revoke", "end a key; it is refused within 60 seconds", _revoke)
    revoke.add_argument("key_id", help="the middle part of the key")
    rotate = command("rotate", "make a key like another one, which ends; print it once", _rotate)
    rotate.add_argument("key_id", help="the middle part of the old key")
    rotate.add_argument(
        "--overlap",
        type=_overlap,
        default=0,
        metavar="SECONDS",
        help=f"how long the old one is still valid, 0 to {LONGEST_OVERLAP_SECONDS}",
    )
    return parser


def _create(service: ApiKeyService, args: argparse.Namespace) -> None:
    _show(service.create(_operator(args.client), args.scopes.split(","), args.label))


def _list(service: ApiKeyService, args: argparse.Namespace) -> None:
    now = to_text(utc_now())
    for record in service.keys.for_client(args.client):
        columns = (record.id, _state(record, now), record.created_at, ",".join(record.scopes))
        _print("  ".join([*columns, record.label or ""]).rstrip())


def _revoke(service: ApiKeyService, args: argparse.Namespace) -> None:
    record = service.revoke_any(_key_id(args.key_id))
    _print(f"{record.id} of {record.client}: revoked {record.revoked_at}")


def _rotate(service: ApiKeyService, args: argparse.Namespace) -> None:
    record = service.get_any(_key_id(args.key_id))
    _show(service.rotate(_operator(record.client), record.id, args.overlap))


def _operator(client: str) -> Actor:
    """Returns the author of a change that needs no API key."""
    return Actor(client, "")


def _show(result: CreatedKey) -> None:
    """Print the key alone on stdout, so that a script can read it."""
    record = result.record
    print(  # noqa: T201 - for the operator
        f"{record.id} of {record.client}: {', '.join(record.scopes)}. It is not shown again:",
        file=sys.stderr,
    )
    _print(result.key or "")


def _state(record: KeyRecord, now: str) -> str:
    if record.revoked_at:
        return f"revoked {record.revoked_at}"
    if record.valid_until:
        return f"{'ends' if record.is_valid(now) else 'ended'} {record.valid_until}"
    return "valid"


def _key_id(text: str) -> str:
    if not KEY_ID.fullmatch(text):
        raise ValueError("a key's id is its middle part, 12 letters and digits: rp_<id>_...")
    return text


def _overlap(text: str) -> int:
    if not text.isdecimal() or not 0 <= (seconds := int(text[:6])) <= LONGEST_OVERLAP_SECONDS:
        raise ValueError(text)
    return seconds


def _print(line: str) -> None:
    print(line)  # noqa: T201 - the command's answer


def _run() -> None:
    """Run as a program. A script reads the key from stdout, where a log line would stand, too."""
    os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "ERROR")
    main()


if __name__ == "__main__":
    _run()
