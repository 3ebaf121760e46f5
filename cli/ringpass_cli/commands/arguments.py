"""Arguments and options that several commands have."""

from collections.abc import Mapping
from typing import Annotated

import typer

from ringpass_cli.errors import usage

PhoneArgument = Annotated[
    str, typer.Argument(metavar="PHONE", help="E.164 (+84389801371), or national with --region.")
]
RegionOption = Annotated[
    str | None, typer.Option("--region", help="Country of a national number: VN.")
]
IdempotencyKeyOption = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="Your own; the same key and body send nothing twice."),
]
MetadataOption = Annotated[
    list[str] | None, typer.Option("--metadata", metavar="NAME=VALUE", help="May be repeated.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="Since then: 10m, 2h, or a time.")
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before then.")]
StackOption = Annotated[
    str | None,
    typer.Option("--stack", help="Name of the CloudFormation stack; default: the profile's."),
]
AwsRegionOption = Annotated[
    str | None, typer.Option("--aws-region", help="Its AWS region; default: the profile's.")
]


def pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """``name=value`` texts as an object.

    Raises:
        CliError: one has no ``=``, or a name comes twice.
    """
    values: dict[str, str] = {}
    for text in texts or []:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise usage(f"{option} needs NAME=VALUE")
        if name in values:
            raise usage(f"{option} has {name!r} twice")
        values[name] = value
    return values


def without_none(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
