"""Command that sets the operator's ceilings, with AWS credentials.

    python -m ringpass.clients.ceilings set acme '{"limits": {"daily_sends": 500}}' --table <table>

No API key can do this: the functions of the stack may only read ceilings.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ringpass.aws.command_line import errors_in_one_line, non_empty, session
from ringpass.aws.dynamodb import Table
from ringpass.clients.ceilings.model import EVERYONE, Ceiling
from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clock import to_text, utc_now
from ringpass.http.router import CLIENT


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exit with 1 and a line on stderr if it fails."""
    args = _parser().parse_args(arguments)
    run: Callable[[CeilingRepository, argparse.Namespace], None] = args.run
    with errors_in_one_line():
        _check_client(args.client)
        run(CeilingRepository(Table(session().client("dynamodb"), args.table)), args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringpass.clients.ceilings", description="What clients are allowed at most"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, summary: str, run: Callable[[CeilingRepository, argparse.Namespace], None]
    ) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=summary, description=summary)
        subparser.add_argument(
            "client", type=non_empty, help=f"such as acme; '{EVERYONE}' is every client"
        )
        subparser.add_argument(
            "--table", required=True, type=non_empty, help="the stack's output TableName"
        )
        subparser.set_defaults(run=run)
        return subparser

    replace = command("set", "replace a ceiling; it holds within 60 seconds", _set)
    replace.add_argument(
        "ceiling", type=non_empty, help="a JSON object, as docs/limits.md describes it"
    )
    command("show", "print a ceiling as it was set", _show)
    command("remove", "remove a ceiling", _remove)
    return parser


def _set(ceilings: CeilingRepository, args: argparse.Namespace) -> None:
    document = _read(args.ceiling)
    Ceiling.from_document(document)
    ceilings.put(args.client, document, to_text(utc_now()))
    _show(ceilings, args)


def _show(ceilings: CeilingRepository, args: argparse.Namespace) -> None:
    document = ceilings.get_document(args.client)
    _print("none" if document is None else json.dumps(document, indent=2, default=_to_int))


def _remove(ceilings: CeilingRepository, args: argparse.Namespace) -> None:
    ceilings.remove(args.client)
    _print("none")


def _check_client(name: str) -> None:
    if name != EVERYONE and not CLIENT.fullmatch(name):
        raise ValueError(
            f"a client's name is 1 to 63 of a-z, 0-9 and -, not starting with -; or '{EVERYONE}'"
        )


def _read(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        raise ValueError("the ceiling is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("the ceiling is not a JSON object")  # noqa: TRY004 - bad input
    return document


def _to_int(number: Decimal) -> int:
    """Convert a number of DynamoDB, which is a Decimal; a ceiling has integers only."""
    return int(number)


def _print(line: str) -> None:
    print(line)  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
