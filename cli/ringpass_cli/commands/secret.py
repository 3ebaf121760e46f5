"""``ringpass secret set``: the credentials of a provider, into AWS Secrets Manager."""

import json
import re
from typing import Annotated, Any, Final

import typer

from ringpass_cli.aws import aws_errors, aws_of
from ringpass_cli.commands.arguments import AwsRegionOption, StackOption
from ringpass_cli.errors import usage
from ringpass_cli.output import write
from ringpass_cli.prompts import read_hidden
from ringpass_cli.run import Run, command, group

app = group("Set the secrets of providers.")

_SECRETS: Final = {
    "bizfly": ("BizflySecretArn", {"api_key": "API key of Bizfly OTP Call"}),
    "mcn": ("McnSecretArn", {"token": "Token of MCN Password Call"}),
    "caresoft": ("CaresoftSecretArn", {"token": "API token of CareSoft"}),
    "zalo": (
        "ZaloSecretArn",
        {"app_secret": "Secret key of the app at Zalo", "oa_secret_key": "OA secret key"},
    ),
}
"""Provider -> output with the secret's ARN, and the secret's fields. Any other one has a token, and
an output of its own name."""
_REPLACED: Final = {"oa_secret_key": "oa_secret_keys"}
"""A field -> its list form, which a new value ends."""
_VALUE: Final = re.compile(r"[\x21-\x7e]{8,512}")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@command(app, "set")
def set_secret(
    run: Run,
    provider: Annotated[
        str, typer.Argument(help=", ".join(_SECRETS) + ", or one that you have added")
    ],
    field: Annotated[
        str | None,
        typer.Option(help="Only for bizfly: the field for the key of another account."),
    ] = None,
    stack: StackOption = None,
    aws_region: AwsRegionOption = None,
) -> None:
    """Set a provider's secret. It is typed hidden, or comes by stdin, one value a line.

    Other fields of the secret stay as they are. Functions use the new one within five minutes; a
    provider that had none at once.
    """
    name = "".join(part.capitalize() for part in provider.split("_"))
    output, fields = _SECRETS.get(provider, (f"{name}SecretArn", {"token": f"Token of {provider}"}))
    if field is not None:
        fields = _own_field(provider, field)
    aws = aws_of(run.stack, stack, aws_region)
    outputs = run.stack.outputs or aws.outputs()
    if output not in outputs:
        raise usage(
            f"The stack {aws.stack} has no provider {provider!r}: it has no output {output}",
            f"Providers are {', '.join(_SECRETS)}, and those that you have added.",
        )
    values = {name: _checked(label, read_hidden(label)) for name, label in fields.items()}
    client = aws.client("secretsmanager")
    with aws_errors():
        old = _document(client.get_secret_value(SecretId=outputs[output])["SecretString"])
        new = {name: value for name, value in old.items() if name != "placeholder"} | values
        for name in values:
            new.pop(_REPLACED.get(name, ""), None)
        client.put_secret_value(SecretId=outputs[output], SecretString=json.dumps(new))
    result = {"provider": provider, "secret": outputs[output], "fields": sorted(values)}
    run.show(result, lambda: write(f"The secret of {provider} is set: {', '.join(values)}."))


def _own_field(provider: str, field: str) -> dict[str, str]:
    if provider != "bizfly":
        raise usage("Only the secret of bizfly has fields of your own")
    if _FIELD.fullmatch(field) is None:
        raise usage("A field has 1 to 40 of a-z, 0-9 and _, and begins with a letter")
    return {field: f"API key of Bizfly OTP Call ({field})"}


def _checked(label: str, value: str) -> str:
    """The value, if it has the shape of a credential; no message repeats it.

    Raises:
        CliError: it does not.
    """
    if value.startswith("{"):
        raise usage(f"{label}: enter the value alone, not JSON")
    if value.lower().startswith("bearer"):
        raise usage(f"{label}: enter it without Bearer")
    if _VALUE.fullmatch(value) is None:
        raise usage(f"{label}: it has 8 to 512 printable ASCII characters, without blanks")
    return value


def _document(text: str) -> dict[str, Any]:
    """A secret's object. One that cannot be read is not kept: nothing else can use it either."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
