"""``ringpass doctor``: what is not set up, does not work, or will not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from ringpass_cli.aws import aws_of
from ringpass_cli.commands.arguments import AwsRegionOption, StackOption
from ringpass_cli.doctor.aws_checks import check_aws
from ringpass_cli.doctor.finding import Finding, Level, problem, skipped
from ringpass_cli.doctor.machine import check_extras, check_local_parts, check_port, check_tools
from ringpass_cli.doctor.stack_checks import check_stack
from ringpass_cli.errors import CliError, ExitCode
from ringpass_cli.output import write
from ringpass_cli.run import Run
from ringpass_cli.stacks import Stack
from ringpass_cli.times import utc_now

_STYLES: Final = {Level.OK: "green", Level.PROBLEM: "red", Level.NOTE: "yellow"}


def doctor(
    run: Run,
    stack: StackOption = None,
    aws_region: AwsRegionOption = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Leave out what is well, and what was skipped.")
    ] = False,
) -> ExitCode:
    """Look at this machine and the stack; each finding says what to do.

    Exit code 1 if there is a problem. Notes and skipped checks are none.
    """
    every = list(_findings(run, stack, aws_region))
    items = [one for one in every if not quiet or one.level in (Level.NOTE, Level.PROBLEM)]
    problems = sum(one.level is Level.PROBLEM for one in every)
    documents = [
        {"check": one.check, "level": one.level, "text": one.text, "advice": one.advice}
        for one in items
    ]
    run.show({"problems": problems, "items": documents}, lambda: _write(items, problems))
    return ExitCode.NEGATIVE if problems else ExitCode.DONE


def _findings(run: Run, stack_name: str | None, aws_region: str | None) -> Iterator[Finding]:
    yield from check_tools(Path.cwd())
    yield from check_extras()
    stack = None
    try:
        stack = run.stack
    except CliError as error:
        yield problem("stack", f"{error}.", error.advice)
    yield from check_port(stack)
    if stack is None:
        return
    yield from check_local_parts(stack)
    try:
        yield from check_stack(run.api, stack, utc_now())
    except CliError as error:
        yield problem("api", " ".join([f"{error}.", *error.details]), error.advice)
    yield from _aws_findings(stack, stack_name, aws_region)


def _aws_findings(stack: Stack, name: str | None, region: str | None) -> Iterator[Finding]:
    try:
        aws = aws_of(stack, name, region)
    except CliError as error:
        # Whoever has no rights in the account is not in the wrong.
        yield skipped("aws", f"{error}.", error.advice)
        return
    try:
        yield from check_aws(aws)
    except CliError as error:
        missing = error.exit_code is ExitCode.NOT_SET_UP
        yield (skipped if missing else problem)("aws", f"{error}.", error.advice)


def _write(items: list[Finding], problems: int) -> None:
    width = max((len(one.check) for one in items), default=0)
    for one in items:
        write(f"{one.level:<8} {one.check:<{width}}  {one.text}", style=_STYLES.get(one.level, ""))
        if one.advice:
            write(f"{'':<8} {'':<{width}}  -> {one.advice}")
    write("No problems." if not problems else f"Problems: {problems}.")
