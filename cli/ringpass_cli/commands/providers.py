"""``ringpass providers``: the state of each provider, and the end of a suspension."""

from typing import Annotated

import typer

from ringpass_cli.output import local_time, write, write_table
from ringpass_cli.run import Run


def providers(
    run: Run,
    resume: Annotated[
        str | None, typer.Option(metavar="NAME", help="End this provider's suspension.")
    ] = None,
) -> None:
    """Show each provider and whether it gets requests, or end a suspension."""
    if resume is not None:
        result = run.api.delete(f"/v1/providers/{resume}/suspension")
        run.show(result, lambda: write(f"{result['name']} is {result['status']}."))
        return
    page = run.api.get("/v1/providers")
    run.show(
        page,
        lambda: write_table(
            ("name", "channel", "status", "reason", "suspended until", "failures"),
            (
                (
                    *(item[name] for name in ("name", "channel", "status", "reason")),
                    local_time(item["suspended_until"]),
                    item["failures"],
                )
                for item in page["items"]
            ),
        ),
    )
