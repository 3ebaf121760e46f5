"""Replays receipts that could not be read or matched.

    python -m ringpass.deliveries.receipts.replay list --table <table>
    python -m ringpass.deliveries.receipts.replay one <id> --table <table>
    python -m ringpass.deliveries.receipts.replay all --table <table> --provider mcn --why
    unreadable

A body that could not be read or used goes through its receiver again, and a call that was joined to
nothing is looked for again; both in the stack, with the settings that it has now. Here nothing is
opened: no secret is read. Doing it twice does no harm.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ringpass.aws.command_line import errors_in_one_line, non_empty, session
from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock, to_text, utc_now
from ringpass.deliveries.receipts.unmatched_payloads_store import (
    PROVIDERS,
    Payload,
    UnmatchedPayloadRepository,
)
from ringpass.deliveries.references_store import Correlation, CorrelationRepository
from ringpass.errors import NotFound

_POLL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What is left to be looked at.

    Attributes:
        id: ``<provider>/<id of a payload>``, or ``<provider>/<reference>`` of a call.
        provider: Who told it.
        came_at: When it came first.
        why: Why it could not be used, or joined; empty: it is being worked on.
        size: The bytes of a body; None: it is a call.
        times: How often it came.
    """

    id: str
    provider: str
    came_at: str
    why: str
    size: int | None
    times: int


@dataclass(frozen=True, slots=True)
class Replays:
    """Lists and asks for replays.

    Attributes:
        payloads: Bodies that could not be read or used.
        references: Calls, of which some were joined to nothing.
        clock: Tells the time.
    """

    payloads: UnmatchedPayloadRepository
    references: CorrelationRepository
    clock: Clock

    def listed(self, provider: str | None = None, why: str | None = None) -> Iterator[Unmatched]:
        """What is left, of each provider the newest first."""
        for each in [provider] if provider else PROVIDERS:
            left = [
                *map(_of_payload, self.payloads.listed(each)),
                *map(_of_reference, self.references.unjoined(each)),
            ]
            yield from (one for one in left if why in (None, one.why))

    def ask(self, id_: str) -> None:
        """Have something worked on again.

        Raises:
            NotFound: There is nothing with this id.
        """
        provider, _, rest = id_.partition("/")
        now = self.clock()
        if payload := self.payloads.get(provider, rest):
            found = self.payloads.ask(payload, now)
        else:
            found = self.references.join_again(provider, rest, now)
        if not found:
            raise NotFound(f"Nothing is left with the id {id_}.")

    def outcome(self, id_: str) -> str | None:
        """What came of it, in words; None while it is being worked on."""
        provider, _, rest = id_.partition("/")
        if payload := self.payloads.get(provider, rest):
            if payload.next is not None:
                return None
            return payload.why if payload.unmatched else "done"
        reference = self.references.get(provider, rest)
        if reference is None or reference.is_joined:
            return "joined"
        return reference.unjoined


def _of_payload(payload: Payload) -> Unmatched:
    why = "" if payload.next is not None else payload.why
    id_, came_at = f"{payload.provider}/{payload.id}", to_text(payload.came_at)
    return Unmatched(id_, payload.provider, came_at, why, payload.size, payload.times)


def _of_reference(reference: Correlation) -> Unmatched:
    came_at = reference.cdrs[0].at if reference.cdrs else ""
    id_, why = f"{reference.provider}/{reference.ref}", reference.unjoined or ""
    return Unmatched(id_, reference.provider, came_at, why, None, reference.cdr_count)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with 1 and a line on stderr if it fails."""
    given = _parser().parse_args(arguments)
    run: Callable[[Replays, argparse.Namespace], None] = given.run
    with errors_in_one_line():
        aws = session()
        table = Table(aws.client("dynamodb"), given.table)
        secrets = Secrets(aws.client("secretsmanager"), lambda name: name)
        run(
            Replays(
                UnmatchedPayloadRepository(table, secrets, 0),
                CorrelationRepository(table, 0),
                utc_now,
            ),
            given,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringpass.deliveries.receipts.replay",
        description="What webhooks brought and nobody could use",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, what, run in (
        ("list", "what is left: id, when, why, bytes, times", _list),
        ("one", "work on one again", _one),
        ("all", "work on all of them again", _all),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--table", required=True, type=non_empty, help="the output TableName")
        command.set_defaults(run=run)
        if name == "one":
            command.add_argument("id", type=non_empty, help="as list prints it")
        else:
            command.add_argument("--provider", choices=PROVIDERS, help="of this one alone")
            command.add_argument("--why", help="that was left for this reason alone")
        if name != "list":
            command.add_argument(
                "--wait",
                type=int,
                default=60,
                metavar="SECONDS",
                help="how long to wait for what comes of it; 60 unless said",
            )
    return parser


def _list(replays: Replays, given: argparse.Namespace) -> None:
    for left in replays.listed(given.provider, given.why):
        size = "-" if left.size is None else str(left.size)
        _print("  ".join([left.id, left.came_at, left.why or "in progress", size, str(left.times)]))


def _one(replays: Replays, given: argparse.Namespace) -> None:
    _replay(replays, [given.id], given.wait)


def _all(replays: Replays, given: argparse.Namespace) -> None:
    ids = [left.id for left in replays.listed(given.provider, given.why) if left.why]
    _replay(replays, ids, given.wait)


def _replay(replays: Replays, ids: Sequence[str], wait: int) -> None:
    for id_ in ids:
        replays.ask(id_)
    until = time.monotonic() + wait
    for id_ in ids:
        while (outcome := replays.outcome(id_)) is None and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
        _print(f"{id_}  {outcome or 'in progress'}")


def _print(line: str) -> None:
    print(line)  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
