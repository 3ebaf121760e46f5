"""``ringpass login``, ``logout`` and ``profiles``."""

from typing import Annotated

import typer

from ringpass_cli.api import Api
from ringpass_cli.commands.arguments import AwsRegionOption, StackOption
from ringpass_cli.errors import CliError
from ringpass_cli.output import write, write_table
from ringpass_cli.profiles import DEFAULT, Profile, Profiles
from ringpass_cli.prompts import read_hidden
from ringpass_cli.run import Run
from ringpass_cli.stacks import Stack, checked_url, find_stack

NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="The profile's name.")]


def login(
    run: Run,
    url: Annotated[str, typer.Option(help="The API's address, the stack's output ApiUrl.")],
    name: NameArgument = DEFAULT,
    stack: StackOption = None,
    aws_region: AwsRegionOption = None,
) -> None:
    """Keep a stack's address and key under a name. The key is typed hidden, or comes by stdin.

    The key is checked, and kept in the keyring of this system.
    """
    profile = Profile(name, checked_url(url), stack, aws_region)
    key = read_hidden("API key")
    Api(Stack(name=f"profile {name}", url=profile.url, key=key)).get("/v1/providers")
    Profiles().save(profile, key)
    result = {"name": name, "url": profile.url}
    run.show(result, lambda: write(f"The profile {name} is for {profile.url}."))


def logout(run: Run, name: NameArgument = DEFAULT) -> None:
    """Forget a profile and its key. The key itself stays valid."""
    profiles = Profiles()
    profiles.remove(profiles.get(name))
    run.show({"name": name}, lambda: write(f"The profile {name} is forgotten."))


def list_profiles(run: Run) -> None:
    """List the profiles, and the stack that commands use here."""
    items = Profiles().all()
    try:
        used = find_stack(run.profile).name
    except CliError as error:
        used = f"none: {error}"
    document = {
        "items": [
            {"name": one.name, "url": one.url, "stack": one.stack, "region": one.region}
            for one in items
        ],
        "used_here": used,
    }

    def show() -> None:
        if items:
            titles = ("name", "url", "stack", "region")
            write_table(titles, ((one.name, one.url, one.stack, one.region) for one in items))
        write(f"Used here: {used}")

    run.show(document, show)
