"""``ringpass logs``: what all functions logged of one verification or delivery."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import typer

from ringpass_cli.aws import aws_of
from ringpass_cli.commands.arguments import AwsRegionOption, StackOption
from ringpass_cli.errors import ExitCode, usage
from ringpass_cli.log_lines import find_lines
from ringpass_cli.output import say, write
from ringpass_cli.run import Run

_EARLIER: Final = timedelta(minutes=1)
"""Clocks differ, and a function logs before it writes."""

_SHORTEST_REFERENCE: Final = 8
"""A shorter reference of a provider stands in nearly every line, as a part of something else."""


def logs(
    run: Run,
    record_id: Annotated[str, typer.Argument(metavar="ID", help="ver_... or dlv_...")],
    stack: StackOption = None,
    aws_region: AwsRegionOption = None,
) -> ExitCode:
    """Write every function's log lines of one verification or delivery, in their order.

    Exit code 1 if there are none.
    """
    aws = aws_of(run.stack, stack, aws_region)
    record, deliveries = _records(run, record_id)
    ids = [record_id, *(name for delivery in deliveries for name in _names(delivery))]
    since = datetime.fromisoformat(record["created_at"]) - _EARLIER
    lines = find_lines(aws, list(dict.fromkeys(ids)), since)

    def show() -> None:
        for line in lines:
            style = {"ERROR": "red", "WARNING": "yellow"}.get(line.record.get("level", ""), "")
            write(line.readable(), style=style)

    run.show({"items": [line.document() for line in lines]}, show)
    if not lines:
        say("No function has logged anything of it, or its logs have ended.")
        return ExitCode.NEGATIVE
    return ExitCode.DONE


def _records(run: Run, record_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The record, and its deliveries."""
    if record_id.startswith("ver_"):
        verification = run.api.get(f"/v1/verifications/{record_id}")
        return verification, verification["deliveries"]
    if record_id.startswith("dlv_"):
        delivery = run.api.get(f"/v1/deliveries/{record_id}")
        return delivery, [delivery]
    raise usage(f"{record_id!r} is no id", "It begins with ver_ or dlv_.")


def _names(delivery: dict[str, Any]) -> list[str]:
    """What log lines call a delivery: its id, or the provider's for its call or ticket."""
    references = (delivery["provider_ref"], delivery.get("ticket_id"))
    return [delivery["id"], *(one for one in references if len(one or "") >= _SHORTEST_REFERENCE)]
