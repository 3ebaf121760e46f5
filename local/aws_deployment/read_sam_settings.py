"""Prints what `sam deploy` would take, as JSON: samconfig.toml and arguments as SAM CLI reads them.

Run by the Python that has SAM CLI, from the repository's folder:
``.venv-cloud/bin/python local/aws_deployment/read_sam_settings.py <arguments of sam deploy>``.
Nothing is deployed, and nobody is asked.
"""

import json
import sys

import click
from samcli.cli.context import Context
from samcli.commands.deploy.command import cli

NAMES = ("stack_name", "parameter_overrides", "confirm_changeset")


def main(arguments: list[str]) -> None:
    """Print the settings; a usage error goes to stderr, with exit code 2."""
    try:
        context = cli.make_context("deploy", arguments)
    except click.exceptions.Exit as end:  # --help has been printed.
        sys.exit(end.exit_code)
    except click.ClickException as error:
        print(error.format_message(), file=sys.stderr)
        sys.exit(2)
    # Options of every command, which SAM CLI keeps elsewhere.
    everywhere = context.find_object(Context)
    settings = {name: context.params.get(name) for name in NAMES}
    print(json.dumps({**settings, "region": everywhere.region, "profile": everywhere.profile}))


if __name__ == "__main__":
    main(sys.argv[1:])
