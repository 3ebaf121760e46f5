"""``ringpass events``: what has happened, and webhooks that are sent again."""

import time
from datetime import datetime
from typing import Annotated, Any

import typer

from ringpass_cli.commands.arguments import FromOption, ToOption, without_none
from ringpass_cli.errors import usage
from ringpass_cli.feed import EventFeed
from ringpass_cli.output import local_time, say, write, write_document, write_line
from ringpass_cli.run import Run, command, group
from ringpass_cli.times import instant, utc_now

app = group("Follow events, or send them to a webhook endpoint again.")

TypeOption = Annotated[
    list[str] | None,
    typer.Option("--type", help="Such as delivery.settled or verification.*. May be repeated."),
]


@command(app)
def tail(
    run: Run,
    types: TypeOption = None,
    subject: Annotated[str | None, typer.Option(help="Only events about this record.")] = None,
    since: Annotated[str, typer.Option(metavar="TIME", help="Since then.")] = "0s",
    once: Annotated[bool, typer.Option("--once", help="Write what there is, and end.")] = False,
) -> None:
    """Write events as they happen, until Ctrl-C. With --json each is a document on its own line."""
    begin = datetime.fromisoformat(instant(since, utc_now()))
    feed = EventFeed(run.api, begin, types or (), subject)
    if once:
        events = feed.poll()
        if run.as_json:
            write_document({"items": events})
        else:
            for event in events:
                write(summary(event))
        return
    for event in feed.follow(time.sleep, say):
        if run.as_json:
            write_line(event)
        else:
            write(summary(event))


@command(app)
def replay(
    run: Run,
    endpoint_id: Annotated[str, typer.Argument(metavar="ENDPOINT_ID", help="whe_...")],
    event: Annotated[list[str] | None, typer.Option(help="evt_... May be repeated.")] = None,
    subject: Annotated[str | None, typer.Option(help="All events about this record.")] = None,
    begin: FromOption = None,
    end: ToOption = None,
) -> None:
    """Send events to a webhook endpoint again: some, those of a record, or those of a period."""
    if bool(event) + bool(subject) + bool(begin or end) != 1:
        raise usage("Choose one of --event, --subject, and --from with --to")
    now = utc_now()
    body = without_none(
        {
            "event_ids": event or None,
            "subject": subject,
            "from": instant(begin, now) if begin else None,
            "to": instant(end, now) if end else None,
        }
    )
    result = run.api.post(f"/v1/webhook-endpoints/{endpoint_id}/replay", body)
    run.show(result, lambda: write(f"{result['events']} events are sent again."))


def summary(event: dict[str, Any]) -> str:
    """An event on one line."""
    data = event["data"]
    words = [
        str(data[name])
        for name in ("status", "state", "result", "reason", "channel", "provider", "limit", "phone")
        if data.get(name)
    ]
    head = f"{local_time(event['timestamp'])}  {event['type']:<24} {event['subject']}"
    return "  ".join([head, *words])
