"""Replays dead letters: payloads that could not be read or used, and unmatched calls.

    python -m ringpass.wiring.replay list --table <table>
    python -m ringpass.wiring.replay one <id> --table <table>
    python -m ringpass.wiring.replay all --table <table> --provider <name> --why unreadable

A payload goes through its receiver again, and an unmatched call through its matcher; both in the
stack, with the settings that it has now. This program opens no payload and reads no secret. It is
idempotent.
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
from ringpass.deliveries.correlations_store import Correlation, CorrelationRepository
from ringpass.deliveries.receipts.unmatched_payloads_store import (
    Payload,
    UnmatchedPayloadRepository,
)
from ringpass.errors import NotFound

_POLL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A dead letter, or an unmatched call.

    Attributes:
        id: ``<provider>/<id of a payload>``, or ``<provider>/<reference>`` of a call.
        provider: Who sent it.
        received_at: When it came first.
        reason: Why it could not be used, or matched; empty: it is being processed.
        size: The bytes of a body; None: it is a call.
        times: How often it came.
    """

    id: str
    provider: str
    received_at: str
    reason: str
    size: int | None
    times: int


@dataclass(frozen=True, slots=True)
class Replays:
    """Lists dead letters and unmatched calls, and requests replays.

    Attributes:
        payloads: The dead letters.
        correlations: The table's correlations.
        clock: Tells the time.
        providers: Providers whose webhooks are received.
    """

    payloads: UnmatchedPayloadRepository
    correlations: CorrelationRepository
    clock: Clock
    providers: Sequence[str]

    def list_unmatched(
        self, provider: str | None = None, reason: str | None = None
    ) -> Iterator[Unmatched]:
        """List what can be replayed, of each provider the newest first."""
        for name in [provider] if provider else self.providers:
            entries = [
                *map(_from_payload, self.payloads.list_unmatched(name)),
                *map(_from_correlation, self.correlations.list_unmatched(name)),
            ]
            yield from (entry for entry in entries if reason in (None, entry.reason))

    def request(self, id_: str) -> None:
        """Request a replay.

        Raises:
            NotFound: There is nothing with this id.
        """
        provider, _, rest = id_.partition("/")
        now = self.clock()
        if payload := self.payloads.get(provider, rest):
            is_requested = self.payloads.request_replay(payload, now)
        else:
            is_requested = self.correlations.request_match(provider, rest, now)
        if not is_requested:
            raise NotFound(f"Nothing is left with the id {id_}.")

    def outcome(self, id_: str) -> str | None:
        """Returns the outcome of a replay, as a word; None while it is in progress."""
        provider, _, rest = id_.partition("/")
        if payload := self.payloads.get(provider, rest):
            if payload.next is not None:
                return None
            return payload.reason if payload.unmatched else "done"
        correlation = self.correlations.get(provider, rest)
        if correlation is None or correlation.is_matched:
            return "joined"
        return correlation.unmatched_reason


def _from_payload(payload: Payload) -> Unmatched:
    reason = "" if payload.next is not None else payload.reason
    id_, received_at = f"{payload.provider}/{payload.id}", to_text(payload.received_at)
    return Unmatched(id_, payload.provider, received_at, reason, payload.size, payload.times)


def _from_correlation(correlation: Correlation) -> Unmatched:
    received_at = correlation.receipts[0].at if correlation.receipts else ""
    id_, reason = f"{correlation.provider}/{correlation.ref}", correlation.unmatched_reason or ""
    return Unmatched(
        id_, correlation.provider, received_at, reason, None, correlation.receipt_count
    )


def main(providers: Sequence[str], arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with 1 and a line on stderr if it fails.

    Args:
        providers: Providers whose webhooks are received, in the order of the list.
        arguments: The command's arguments; None: those of the process.
    """
    args = _parser(providers).parse_args(arguments)
    run: Callable[[Replays, argparse.Namespace], None] = args.run
    with errors_in_one_line():
        aws = session()
        table = Table(aws.client("dynamodb"), args.table)
        secrets = Secrets(aws.client("secretsmanager"), lambda name: name)
        run(
            Replays(
                UnmatchedPayloadRepository(table, secrets, 0),
                CorrelationRepository(table, 0),
                utc_now,
                providers,
            ),
            args,
        )


def _parser(providers: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringpass.wiring.replay",
        description="What webhooks brought and nobody could use",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, description, run in (
        ("list", "what is left: id, when, why, bytes, times", _list),
        ("one", "work on one again", _one),
        ("all", "work on all of them again", _all),
    ):
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument("--table", required=True, type=non_empty, help="the output TableName")
        command.set_defaults(run=run)
        if name == "one":
            command.add_argument("id", type=non_empty, help="as list prints it")
        else:
            command.add_argument("--provider", choices=providers, help="of this one alone")
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


def _list(replays: Replays, args: argparse.Namespace) -> None:
    for entry in replays.list_unmatched(args.provider, args.why):
        size = "-" if entry.size is None else str(entry.size)
        fields = [
            entry.id,
            entry.received_at,
            entry.reason or "in progress",
            size,
            str(entry.times),
        ]
        _print("  ".join(fields))


def _one(replays: Replays, args: argparse.Namespace) -> None:
    _replay(replays, [args.id], args.wait)


def _all(replays: Replays, args: argparse.Namespace) -> None:
    entries = replays.list_unmatched(args.provider, args.why)
    ids = [entry.id for entry in entries if entry.reason]
    _replay(replays, ids, args.wait)


def _replay(replays: Replays, ids: Sequence[str], wait: int) -> None:
    for id_ in ids:
        replays.request(id_)
    deadline = time.monotonic() + wait
    for id_ in ids:
        while (outcome := replays.outcome(id_)) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        _print(f"{id_}  {outcome or 'in progress'}")


def _print(line: str) -> None:
    print(line)  # noqa: T201 - the command's answer
