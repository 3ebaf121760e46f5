"""``ringpass trigger``: an event of a type, real on the local stack, or a sample."""

import time
from datetime import timedelta
from typing import Annotated, Final

import typer

from ringpass_cli.commands.events import summary
from ringpass_cli.commands.listen import show_reply
from ringpass_cli.errors import CliError, ExitCode, not_set_up
from ringpass_cli.feed import EventFeed
from ringpass_cli.forwarding import Forwarder, new_secret
from ringpass_cli.output import say, write
from ringpass_cli.prompts import read_hidden
from ringpass_cli.run import Run
from ringpass_cli.samples import check_type, event_types, sample_event
from ringpass_cli.times import utc_now
from ringpass_cli.triggers import Trigger

_WAIT_SECONDS: Final = 60
_LATE: Final = timedelta(seconds=60)

TypeArgument = Annotated[
    str,
    typer.Argument(
        metavar="TYPE",
        help="Such as delivery.settled; docs/events.md lists all.",
        autocompletion=event_types,
    ),
]


def trigger(
    run: Run,
    event_type: TypeArgument,
    forward_to: Annotated[
        str | None, typer.Option(metavar="URL", help="Post a signed sample there instead.")
    ] = None,
    secret: Annotated[
        bool,
        typer.Option("--secret", help="Enter the secret to sign with; default: a new one."),
    ] = False,
) -> ExitCode:
    """Make a real event happen on the local stack, or post a sample to a server of your own."""
    check_type(event_type)
    if forward_to is not None:
        return _post_sample(run, event_type, forward_to, ask_secret=secret)
    local = run.stack.local
    if local is None:
        raise not_set_up(
            f"Events are made on the local stack, and {run.stack.name} is none",
            "Use --forward-to to post a sample.",
        )
    feed = EventFeed(run.api, utc_now(), (event_type,), late=_LATE)
    maker = Trigger(run.stack, local)
    subject = maker.make(event_type)
    try:
        event = _await(feed, subject)
    finally:
        maker.clean_up(event_type, subject)
    run.show(event, lambda: write(summary(event)))
    return ExitCode.DONE


def _post_sample(run: Run, event_type: str, url: str, *, ask_secret: bool) -> ExitCode:
    secret = read_hidden("Signing secret") if ask_secret else new_secret()
    event = sample_event(event_type, utc_now())
    if not ask_secret:
        say(f"Signing secret: {secret}")
    reply = Forwarder(url, secret).forward(event)
    show_reply(event, reply, as_json=run.as_json)
    return ExitCode.DONE if reply.is_success else ExitCode.NEGATIVE


def _await(feed: EventFeed, subject: str | None) -> dict[str, object]:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        for event in feed.poll():
            if subject is None or event["subject"] == subject:
                return event
        time.sleep(0.5)
    raise CliError(
        f"There is no such event after {_WAIT_SECONDS} s",
        advice="`make logs` shows what the functions do.",
        exit_code=ExitCode.NEGATIVE,
    )
