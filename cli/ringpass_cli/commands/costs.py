"""``ringpass costs``: what the deliveries of a month or some days cost."""

import sys
from typing import Annotated, Any

import typer

from ringpass_cli.errors import usage
from ringpass_cli.output import say, write, write_table
from ringpass_cli.run import Run


def costs(
    run: Run,
    month: Annotated[str | None, typer.Option(help="A month of --tz: 2026-11.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="The first day: 2026-11-21.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="The day after the last one.")] = None,
    tz: Annotated[
        str | None, typer.Option(help="Time zone of days and months: Asia/Ho_Chi_Minh.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Some of day,provider,channel,country, in this order.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
) -> None:
    """Show costs by provider, channel and country. Default: today."""
    if as_csv and run.as_json:
        raise usage("Choose one of --csv and --json")
    if month and (begin or end):
        raise usage("Choose --month, or --from and --to")
    query = {"month": month, "from": begin, "to": end, "tz": tz, "by": by}
    if as_csv:
        text = run.api.text("/v1/costs", query | {"format": "csv"})
        # Not through print: the lines end as the API ends them, whatever the platform.
        sys.stdout.write(text)
        return
    answer = run.api.get("/v1/costs", query)
    run.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    write(f"From {answer['start']} to {answer['end']}, days of {answer['tz']}")
    titles = [*answer["by"], "currency", "sends", "estimated", "settled", "note"]
    write_table(titles, ([line.get(name) for name in titles] for line in answer["lines"]))
    for item in answer["unpriced"]:
        say(
            f"{item['provider']} ({item['channel']}) has no price: {item['sends']} sends are not"
            " in the sums. Set the stack's parameter Prices.",
            style="yellow",
        )
