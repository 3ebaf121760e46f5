"""``ringpass verify``: start a verification, check its code, move on, cancel."""

import time
from typing import Annotated, Any, Final

import typer

from ringpass_cli.commands.arguments import (
    IdempotencyKeyOption,
    MetadataOption,
    PhoneArgument,
    RegionOption,
    pairs,
    without_none,
)
from ringpass_cli.commands.sends import SETTLED
from ringpass_cli.errors import ExitCode, usage
from ringpass_cli.output import local_time, say, write, write_table
from ringpass_cli.prompts import read_hidden
from ringpass_cli.run import Run, command, group

app = group("Prove that a person holds a phone number.")

_CHANNELS: Final = ("zns", "voice_otp", "password_call")
_WAIT_SECONDS: Final = 300
_POLL_SECONDS: Final = 1.0
_REACHED: Final = ("answered", "delivered")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="ver_...")]


@command(app)
def start(
    run: Run,
    phone: PhoneArgument,
    *,
    region: RegionOption = None,
    step: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANNEL[:SECONDS]",
            help="A step, such as zns:45; repeated in their order. Default: your settings.",
        ),
    ] = None,
    code_length: Annotated[int | None, typer.Option(help="Digits.")] = None,
    expires_in: Annotated[int | None, typer.Option(help="Seconds.")] = None,
    attempts: Annotated[int | None, typer.Option(help="How many codes may be checked.")] = None,
    metadata: MetadataOption = None,
    idempotency_key: IdempotencyKeyOption = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the code has reached the phone, or the end.")
    ] = False,
) -> ExitCode:
    """Start a verification: one code, several channels."""
    run.idempotency_key = idempotency_key
    body = without_none(
        {
            "phone": phone,
            "region": region,
            "workflow": [_step(text) for text in step] if step else None,
            "code_length": code_length,
            "expires_in": expires_in,
            "attempts": attempts,
            "metadata": pairs(metadata, "--metadata") or None,
        }
    )
    verification = run.api.post("/v1/verifications", body)
    if wait:
        verification = _reached(run, verification)
    run.show(verification, lambda: _write(verification))
    return ExitCode.NEGATIVE if verification["status"] == "failed" else ExitCode.DONE


@command(app)
def check(
    run: Run, verification_id: IdArgument, idempotency_key: IdempotencyKeyOption = None
) -> ExitCode:
    """Check a code. It is typed hidden, or comes by stdin. Exit code 0 only if it is right."""
    run.idempotency_key = idempotency_key
    code = read_hidden("Code")
    result = run.api.post(f"/v1/verifications/{verification_id}/check", {"code": code})
    left = result["attempts_remaining"]
    run.show(result, lambda: write(f"{result['status']}, attempts remaining: {left}"))
    return ExitCode.DONE if result["status"] == "approved" else ExitCode.NEGATIVE


@command(app, "next")
def next_step(
    run: Run, verification_id: IdArgument, idempotency_key: IdempotencyKeyOption = None
) -> None:
    """Run the next step now: the person got no call or message."""
    run.idempotency_key = idempotency_key
    verification = run.api.post(f"/v1/verifications/{verification_id}/next")
    run.show(verification, lambda: _write(verification))


@command(app)
def cancel(
    run: Run, verification_id: IdArgument, idempotency_key: IdempotencyKeyOption = None
) -> None:
    """End a verification: its code no longer works."""
    run.idempotency_key = idempotency_key
    verification = run.api.post(f"/v1/verifications/{verification_id}/cancel")
    run.show(verification, lambda: _write(verification))


def _step(text: str) -> dict[str, object]:
    channel, colon, seconds = text.partition(":")
    if channel not in _CHANNELS:
        raise usage(f"There is no channel {channel!r}", f"Channels are {', '.join(_CHANNELS)}.")
    if colon and not seconds.isdecimal():
        raise usage(f"The time-out of the step {channel} is no number of seconds")
    return {"channel": channel} | ({"timeout_seconds": int(seconds)} if colon else {})


def _reached(run: Run, verification: dict[str, Any]) -> dict[str, Any]:
    """The verification once a delivery has reached the phone, or it has ended."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while verification["status"] == "pending" and not _waits_for_its_code(verification):
        if time.monotonic() > deadline:
            say(f"No delivery has reached the phone for certain after {_WAIT_SECONDS} s.")
            break
        time.sleep(_POLL_SECONDS)
        verification = run.api.get(f"/v1/verifications/{verification['id']}")
    return verification


def _waits_for_its_code(verification: dict[str, Any]) -> bool:
    """Whether its last delivery has arrived, or no later fact of it is to be expected."""
    last = verification["deliveries"][-1] if verification["deliveries"] else None
    if last is None or verification["step"] < len(verification["workflow"]):
        return last is not None and last["status"] in _REACHED
    return last["status"] in SETTLED or last["channel"] == "zns"


def _write(verification: dict[str, Any]) -> None:
    write(f"{verification['id']}  {verification['status']}  {verification['phone']}")
    steps = len(verification["workflow"])
    write(f"step {verification['step']} of {steps}, {verification['channel']}")
    if verification["status"] == "pending":
        write(
            f"a code of {verification['code_length']} digits, until"
            f" {local_time(verification['expires_at'])},"
            f" attempts remaining: {verification['attempts_remaining']}"
        )
    write_table(
        ("created", "delivery", "channel", "provider", "status", "reason"),
        (
            (
                local_time(delivery["created_at"]),
                *(delivery[name] for name in ("id", "channel", "provider", "status", "reason")),
            )
            for delivery in verification["deliveries"]
        ),
    )
    if verification["status"] == "pending":
        say(f"Next: ringpass verify check {verification['id']}")
