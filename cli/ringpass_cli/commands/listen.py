"""``ringpass listen``: the events of a stack, as signed webhooks to a server on this machine."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ringpass_cli.commands.events import TypeOption
from ringpass_cli.errors import ExitCode
from ringpass_cli.feed import EventFeed
from ringpass_cli.forwarding import Forwarder, Reply, kept_secret, new_secret
from ringpass_cli.output import local_time, say, write, write_line
from ringpass_cli.run import Run
from ringpass_cli.times import instant, utc_now


def listen(
    run: Run,
    forward_to: Annotated[str, typer.Option(metavar="URL", help="Where events are posted.")],
    types: TypeOption = None,
    since: Annotated[str, typer.Option(metavar="TIME", help="Events since then.")] = "0s",
    secret_file: Annotated[
        Path | None,
        typer.Option(help="Keep the signing secret there, and use it again the next time."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="End after so many events; default: Ctrl-C ends it.")
    ] = None,
) -> ExitCode:
    """Forward the events of a stack to a server of your own, as signed webhooks.

    The events are asked for, so a stack on AWS needs no way to this machine. Each event is posted
    once. The signing secret is written once, to stderr. Exit code 1 if a reply was not 2xx.
    """
    secret, is_new = kept_secret(secret_file) if secret_file else (new_secret(), True)
    forwarder = Forwarder(forward_to, secret)
    begin = datetime.fromisoformat(instant(since, utc_now()))
    feed = EventFeed(run.api, begin, types or ())
    say(f"Events of {run.stack.name} go to {forward_to}. Ctrl-C ends it.")
    say(f"Signing secret: {secret}" if is_new else f"The signing secret is that of {secret_file}.")
    all_taken = True
    for number, event in enumerate(feed.follow(time.sleep, say), 1):
        reply = forwarder.forward(event)
        all_taken = all_taken and reply.is_success
        show_reply(event, reply, as_json=run.as_json)
        if number == count:
            break
    return ExitCode.DONE if all_taken else ExitCode.NEGATIVE


def show_reply(event: dict[str, Any], reply: Reply, *, as_json: bool) -> None:
    """What the server answered to an event."""
    if as_json:
        write_line(
            {
                "event_id": event["id"],
                "type": event["type"],
                "http_status": reply.status,
                "duration_ms": reply.milliseconds,
                "error": None if reply.is_success else reply.text,
            }
        )
        return
    answer = "no answer" if reply.status is None else str(reply.status)
    head = f"{local_time(event['timestamp'])}  {event['type']:<24} {event['subject']}"
    style = "" if reply.is_success else "red"
    write(f"{head}  -> {answer} in {reply.milliseconds} ms", style=style)
    if not reply.is_success and reply.text:
        write(f"    {reply.text}")
