"""``ringpass scenarios``: OTP Call scenarios of Bizfly."""

from typing import Annotated, Any, Final

import typer

from ringpass_cli.documents import edit, parse, read_document, to_yaml
from ringpass_cli.errors import ApiError, CliError, ExitCode, usage
from ringpass_cli.output import local_time, say, write, write_table
from ringpass_cli.run import Run, command, group

app = group("List, edit, activate and deactivate OTP Call scenarios of Bizfly.")

_PATH: Final = "/v1/scenarios"
_ONLY_IN_ANSWERS: Final = (
    *("id", "status", "copy_of", "created_at", "updated_at", "activated_at", "deactivated_at"),
)
_NEW: Final = """\
# A new scenario; docs/scenarios.md describes each field.
name: login
hotline: "02471000000"
greeting: Xin chào quý khách, mã xác thực của quý khách là
speed: 1.0
repeat: true
repeat_count: 2
repeat_pause_seconds: 2
repeat_announcement: Xin nhắc lại, mã xác thực của quý khách là
closing: true
closing_text: Xin cảm ơn quý khách.
otp_id: null
"""

NameArgument = Annotated[str, typer.Argument(metavar="NAME_OR_ID")]


@command(app, "list")
def list_scenarios(run: Run) -> None:
    """List all scenarios, newest first."""
    items = list(run.api.items(_PATH))
    titles = ("id", "name", "status", "otp_id", "hotline", "version")
    run.show(
        {"items": items},
        lambda: write_table(
            (*titles, "updated"),
            ((*(item[n] for n in titles), local_time(item["updated_at"])) for item in items),
        ),
    )


@command(app, "edit")
def edit_scenario(
    run: Run,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME_OR_ID]", help="None: a new one.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="Take it from a file; - is stdin.")
    ] = None,
) -> ExitCode:
    """Edit an inactive scenario in $EDITOR, or register a new one.

    The API checks it; what is wrong stands as a comment above the field, in the editor again.
    """
    old = _find(run, name) if name is not None else None
    if file is not None:
        _show(run, _write_scenario(run, old, read_document(file)))
        return ExitCode.DONE
    text = _NEW if old is None else to_yaml(_editable(old))
    while True:
        edited = edit(text)
        if edited == text:
            say("Nothing was changed.")
            return ExitCode.DONE
        try:
            scenario = _write_scenario(run, old, parse(edited, "the scenario"))
        except CliError as error:
            # A conflict is not corrected in the editor, and an API that is away not at all.
            if error.exit_code not in (ExitCode.REFUSED, ExitCode.USAGE) or not _has_fault(error):
                raise
            text = with_faults(edited, error)
            continue
        _show(run, scenario)
        return ExitCode.DONE


@command(app)
def activate(run: Run, name: NameArgument) -> None:
    """Activate a scenario, after it was activated in Bizfly's console."""
    scenario = run.api.post(f"{_PATH}/{_find(run, name)['id']}/activate")
    _show(run, scenario)


@command(app)
def deactivate(run: Run, name: NameArgument) -> None:
    """Deactivate an active scenario for good: no more calls use it."""
    scenario = run.api.post(f"{_PATH}/{_find(run, name)['id']}/deactivate")
    _show(run, scenario)


def with_faults(text: str, error: CliError) -> str:
    """A document with each fault as a comment above the line of its field.

    Comments of an earlier round are removed.
    """
    faults = error.fields if isinstance(error, ApiError) else [("", str(error))]
    lines = [line for line in text.splitlines() if not line.startswith("#!")]
    result: list[str] = []
    left = list(faults)
    for line in lines:
        name = line.partition(":")[0].strip()
        result += [f"#! {name}: {fault}" for field, fault in left if field == name]
        left = [(field, fault) for field, fault in left if field != name]
        result.append(line)
    head = [f"#! {field + ': ' if field else ''}{fault}" for field, fault in left]
    return "\n".join([*head, *result]) + "\n"


def _has_fault(error: CliError) -> bool:
    return bool(error.fields) if isinstance(error, ApiError) else True


def _write_scenario(
    run: Run, old: dict[str, Any] | None, document: dict[str, Any]
) -> dict[str, Any]:
    # Each round of an editor is another request.
    body = {name: value for name, value in document.items() if name not in _ONLY_IN_ANSWERS}
    if old is None:
        return run.new_api().post(_PATH, body)
    return run.api.put(f"{_PATH}/{old['id']}", body)


def _editable(scenario: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in scenario.items() if name not in _ONLY_IN_ANSWERS}


def _find(run: Run, name: str) -> dict[str, Any]:
    """The scenario with this id or name.

    Raises:
        CliError: there is none.
    """
    if name.startswith("scn_"):
        return run.api.get(f"{_PATH}/{name}")
    for scenario in run.api.items(_PATH):
        if scenario["name"] == name:
            return scenario
    raise usage(f"There is no scenario {name!r}", "`ringpass scenarios list` lists them.")


def _show(run: Run, scenario: dict[str, Any]) -> None:
    run.show(
        scenario, lambda: write(f"{scenario['name']} ({scenario['id']}) is {scenario['status']}.")
    )
