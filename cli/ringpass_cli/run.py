"""One run of a command: its stack, its API, its form of output; and how commands are registered."""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any

import typer

from ringpass_cli.api import Api
from ringpass_cli.errors import CliError, ExitCode
from ringpass_cli.output import say, write_document
from ringpass_cli.stacks import Stack, find_stack

type Command = Callable[..., ExitCode | None]
"""Its first argument is the ``Run``; without a result it has done its work."""


class Run:
    """What every command gets.

    Attributes:
        as_json: Whether the result is one JSON document.
        profile: The profile to use; None: the usual stack.
        idempotency_key: The caller's own; None: a random one.
    """

    def __init__(self, *, as_json: bool, profile: str | None) -> None:
        self.as_json = as_json
        self.profile = profile
        self.idempotency_key: str | None = None

    @cached_property
    def stack(self) -> Stack:
        """The stack that the command talks to."""
        return find_stack(self.profile)

    @cached_property
    def api(self) -> Api:
        """Its API."""
        return Api(self.stack, idempotency_key=self.idempotency_key)

    def new_api(self) -> Api:
        """Its API with another idempotency key: for one more request to the same route."""
        return Api(self.stack)

    def show(self, document: object, write: Callable[[], None]) -> None:
        """The result: as a JSON document if it was asked for, else as `write` writes it."""
        if self.as_json:
            write_document(document)
        else:
            write()


def group(text: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None)


def command(app: typer.Typer, name: str | None = None) -> Callable[[Command], Command]:
    """Registers a command; each has ``--json`` and ``--profile``."""

    def register(function: Command) -> Command:
        app.command(name)(_entry(function))
        return function

    return register


def _entry(function: Command) -> Callable[..., None]:
    """The function as typer calls it: with the two options in the place of the ``Run``."""

    def entry(**values: Any) -> None:  # noqa: ANN401
        run = Run(as_json=values.pop("as_json"), profile=values.pop("profile"))
        try:
            exit_code = function(run, **values)
        except CliError as error:
            show_error(error, as_json=run.as_json)
            exit_code = error.exit_code
        if exit_code:
            raise typer.Exit(exit_code)

    signature = inspect.signature(function, eval_str=True)
    own = list(signature.parameters.values())[1:]
    options = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, default, annotation in _OPTIONS
    ]
    keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    every = [*keywords, *options]
    entry.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    entry.__annotations__ = {one.name: one.annotation for one in every}
    entry.__name__, entry.__doc__ = function.__name__, function.__doc__
    return entry


_OPTIONS: tuple[tuple[str, object, object], ...] = (
    (
        "as_json",
        False,
        Annotated[bool, typer.Option("--json", help="Write the result as one JSON document.")],
    ),
    (
        "profile",
        None,
        Annotated[
            str | None,
            typer.Option("--profile", metavar="NAME", help="Talk to the stack of this profile."),
        ],
    ),
)


def show_error(error: CliError, *, as_json: bool) -> None:
    """What went wrong, and what to do, to stderr; with ``--json`` as a document."""
    if as_json:
        write_document(error.document or _document(error))
    say(f"error: {error}", style="red")
    for line in error.details:
        say(f"  {line}")
    if error.advice:
        say(f"  What to do: {error.advice}")


def _document(error: CliError) -> Mapping[str, object]:
    return {"title": str(error), "code": error.exit_code.name.lower()}
