"""``ringpass send``: one call or message, without a verification."""

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
from ringpass_cli.commands.deliveries import write_delivery
from ringpass_cli.errors import ExitCode
from ringpass_cli.output import say
from ringpass_cli.prompts import read_hidden
from ringpass_cli.run import Run, command, group

app = group("Send one call or message, without a verification.")

NEGATIVE: Final = frozenset(
    {"rejected", "busy", "no_answer", "refused", "billing_failed", "unreachable", "failed"}
)
"""Statuses of a delivery that certainly did not reach the phone."""
SETTLED: Final = NEGATIVE | {"answered", "delivered"}
_WAIT_SECONDS: Final = 120
_POLL_SECONDS: Final = 1.0

WaitOption = Annotated[
    bool, typer.Option("--wait", help=f"Wait for its result, {_WAIT_SECONDS} s at most.")
]
_CODE: Final = "Code (4 to 10 digits)"


@command(app, "voice-otp")
def voice_otp(
    run: Run,
    phone: PhoneArgument,
    *,
    region: RegionOption = None,
    scenario: Annotated[
        str | None, typer.Option(help="A scenario's name, or an OTP id of Bizfly.")
    ] = None,
    ring_timeout: Annotated[int | None, typer.Option(help="Seconds.")] = None,
    metadata: MetadataOption = None,
    idempotency_key: IdempotencyKeyOption = None,
    wait: WaitOption = False,
) -> ExitCode:
    """Call a Vietnamese number and read a code out. The code is typed hidden, or comes by stdin."""
    body = _common(phone, region, metadata)
    body |= without_none({"scenario": scenario, "ring_timeout": ring_timeout})
    body["otp"] = read_hidden(_CODE)
    return _send(run, "/v1/voice-otp", body, idempotency_key, wait=wait)


@command(app, "password-call")
def password_call(
    run: Run,
    phone: PhoneArgument,
    *,
    region: RegionOption = None,
    code: Annotated[
        bool, typer.Option("--code", help="Enter a code of four digits; else MCN chooses one.")
    ] = False,
    detect_redirect: Annotated[
        bool, typer.Option("--detect-redirect", help="Ask MCN whether calls are redirected.")
    ] = False,
    metadata: MetadataOption = None,
    idempotency_key: IdempotencyKeyOption = None,
    wait: WaitOption = False,
) -> ExitCode:
    """Call a number from one that ends in the code."""
    body = _common(phone, region, metadata)
    if detect_redirect:
        body["detect_redirect"] = True
    if code:
        body["code"] = read_hidden("Code (4 digits)")
    return _send(run, "/v1/password-calls", body, idempotency_key, wait=wait)


@command(app)
def zns(
    run: Run,
    phone: PhoneArgument,
    *,
    template: Annotated[
        str, typer.Option(help="A registered template's name, or CareSoft's id of a scenario.")
    ],
    region: RegionOption = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter that is no code. May be repeated."),
    ] = None,
    code_param: Annotated[
        str | None, typer.Option(help="The parameter for the code, which is entered hidden.")
    ] = None,
    ticket_id: Annotated[int | None, typer.Option(help="The CareSoft ticket.")] = None,
    metadata: MetadataOption = None,
    idempotency_key: IdempotencyKeyOption = None,
    wait: WaitOption = False,
) -> ExitCode:
    """Send a Zalo message from a template to a Vietnamese number."""
    params = pairs(param, "--param")
    if code_param is not None:
        params[code_param] = read_hidden(_CODE)
    body = _common(phone, region, metadata)
    body |= without_none(
        {
            "template": int(template) if template.isdecimal() else template,
            "params": params or None,
            "ticket_id": ticket_id,
        }
    )
    return _send(run, "/v1/zns", body, idempotency_key, wait=wait)


def _common(phone: str, region: str | None, metadata: list[str] | None) -> dict[str, object]:
    fields = {"phone": phone, "region": region, "metadata": pairs(metadata, "--metadata") or None}
    return without_none(fields)


def _send(
    run: Run, path: str, body: dict[str, object], idempotency_key: str | None, *, wait: bool
) -> ExitCode:
    run.idempotency_key = idempotency_key
    delivery = run.api.post(path, body)
    if wait:
        delivery = _settled(run, delivery)
    run.show(delivery, lambda: write_delivery(delivery))
    return ExitCode.NEGATIVE if delivery["status"] in NEGATIVE else ExitCode.DONE


def _settled(run: Run, delivery: dict[str, Any]) -> dict[str, Any]:
    """The delivery once its result is definite, or the time is over."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while delivery["status"] not in SETTLED and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        delivery = run.api.get(f"/v1/deliveries/{delivery['id']}")
    if delivery["status"] not in SETTLED:
        say(f"There is no definite result after {_WAIT_SECONDS} s.")
    return delivery
