"""``ringpass deliveries``: one delivery, or a list."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from ringpass_cli.commands.arguments import FromOption, LimitOption, RegionOption, ToOption
from ringpass_cli.output import clean, local_time, money, write, write_table
from ringpass_cli.run import Run
from ringpass_cli.times import instant, utc_now


def deliveries(
    run: Run,
    delivery_id: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    *,
    phone: Annotated[str | None, typer.Option(help="To this number.")] = None,
    region: RegionOption = None,
    status: Annotated[str | None, typer.Option(help="Such as busy or unknown.")] = None,
    channel: Annotated[str | None, typer.Option(help="voice_otp, password_call or zns.")] = None,
    begin: FromOption = None,
    end: ToOption = None,
    limit: LimitOption = 20,
) -> None:
    """Show a delivery with its history, or list deliveries, newest first."""
    if delivery_id is not None:
        delivery = run.api.get(f"/v1/deliveries/{delivery_id}")
        run.show(delivery, lambda: write_delivery(delivery))
        return
    now = utc_now()
    query = {
        "phone": phone,
        "region": region,
        "status": status,
        "channel": channel,
        "from": instant(begin, now) if begin else None,
        "to": instant(end, now) if end else None,
    }
    items = list(run.api.items("/v1/deliveries", query, most=limit))
    run.show({"items": items}, lambda: _write_list(items))


def write_delivery(delivery: dict[str, Any]) -> None:
    """A delivery: its fields, and its history."""
    for name in ("id", "status", "reason", "channel", "provider", "phone", "caller_number"):
        if delivery.get(name):
            write(f"{name:<14} {delivery[name]}")
    for name in ("ticket_id", "provider_ref", "retry_of", "retried_by", "verification_id"):
        if delivery.get(name):
            write(f"{name:<14} {delivery[name]}")
    if cost := money(delivery["cost"]):
        write(f"{'cost':<14} {cost}")
    for entry in delivery["history"]:
        reason = f" ({entry['reason']})" if entry["reason"] else ""
        write(f"  {local_time(entry['at'])}  {entry['source']:<8} {entry['status']}{reason}")


def _write_list(items: Iterable[dict[str, Any]]) -> None:
    titles = ("created", "id", "channel", "provider", "phone", "status", "reason", "cost")
    write_table(
        titles,
        (
            (
                local_time(item["created_at"]),
                *(clean(item[name] or "") for name in titles[1:-1]),
                money(item["cost"]),
            )
            for item in items
        ),
    )
