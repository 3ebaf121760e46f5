"""``ringpass``: all commands."""

from typing import Annotated

import typer

from ringpass_cli import __version__
from ringpass_cli.commands import (
    costs,
    deliveries,
    doctor,
    events,
    keys,
    listen,
    login,
    logs,
    providers,
    scenarios,
    secret,
    sends,
    settings,
    trigger,
    verify,
    why,
)
from ringpass_cli.run import command

app = typer.Typer(
    name="ringpass",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="The command line of Ringpass: phone verification for Vietnam and Russia.",
    epilog="Exit codes: 0 done, 1 negative result, 2 usage, 3 refused by the API, 4 not reachable,"
    " 5 not set up.",
)


def _write_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"ringpass {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_write_version, is_eager=True, help="Write the version."
        ),
    ] = False,
) -> None:
    pass


app.add_typer(sends.app, name="send")
app.add_typer(verify.app, name="verify")
command(app)(why.why)
command(app)(deliveries.deliveries)
command(app)(costs.costs)
command(app)(providers.providers)
app.add_typer(scenarios.app, name="scenarios")
app.add_typer(keys.app, name="keys")
app.add_typer(settings.app, name="settings")
app.add_typer(events.app, name="events")
command(app)(listen.listen)
command(app)(trigger.trigger)
command(app)(logs.logs)
command(app)(doctor.doctor)
app.add_typer(secret.app, name="secret")
command(app)(login.login)
command(app)(login.logout)
command(app, "profiles")(login.list_profiles)


def main() -> None:
    """The entry point."""
    app(prog_name="ringpass")
