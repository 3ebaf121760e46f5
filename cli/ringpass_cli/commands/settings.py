"""``ringpass settings``: the client's settings."""

from typing import Annotated, Any, Final

import typer

from ringpass_cli.documents import (
    differences,
    edit,
    parse,
    read_document,
    to_yaml,
    write_differences,
)
from ringpass_cli.errors import ApiError, ExitCode
from ringpass_cli.output import say, write
from ringpass_cli.run import Run, command, group

app = group("Read, change and compare the client's settings.")

_PATH: Final = "/v1/settings"
_CHANGED: Final = "settings_changed"

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON; - is stdin.")]


@command(app)
def get(run: Run) -> None:
    """Write the settings, as YAML."""
    settings = run.api.get(_PATH)
    run.show(settings, lambda: write(to_yaml(settings).rstrip()))


@command(app, "set")
def replace(
    run: Run,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="YAML or JSON; - is stdin. None: edit.")
    ] = None,
) -> ExitCode:
    """Replace the settings by a file's, or edit them in $EDITOR.

    A field that is left out gets its default. With the `version` that was read, a change by
    somebody else in the meantime is noticed, and shown as a diff.
    """
    if file is None:
        current = run.api.get(_PATH)
        old = to_yaml(current)
        text = edit(old)
        if text == old:
            say("Nothing was changed.")
            return ExitCode.DONE
        document = parse(text, "the settings")
    else:
        document = read_document(file)
    try:
        new = run.api.put(_PATH, document)
    except ApiError as error:
        if error.code == _CHANGED:
            _show_conflict(run, document)
        raise
    run.show(new, lambda: write(f"Version {new['version']} of the settings is in use."))
    return ExitCode.DONE


@command(app)
def diff(run: Run, file: FileArgument) -> ExitCode:
    """Show what `set` would change. Exit code 1 if there is a difference."""
    document = read_document(file)
    current = run.api.get(_PATH)
    lines = _differences(current, document)
    run.show({"equal": not lines, "diff": lines}, lambda: write_differences(lines))
    return ExitCode.NEGATIVE if lines else ExitCode.DONE


def _differences(current: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Old and new in the same order of fields; those that are left out are shown so."""
    ours = {name: document[name] for name in current if name in document}
    ours |= {name: value for name, value in document.items() if name not in ours}
    if "version" not in document:
        current = {name: value for name, value in current.items() if name != "version"}
    return differences(current, ours, f"settings, version {current.get('version', '?')}", "yours")


def _show_conflict(run: Run, document: dict[str, Any]) -> None:
    """What the settings are now, beside what was to be written."""
    current = run.api.get(_PATH)
    say(
        f"The settings have version {current['version']} now, and yours are made from"
        f" version {document.get('version')}. The difference:"
    )
    if not run.as_json:
        write_differences(_differences(current, document))
