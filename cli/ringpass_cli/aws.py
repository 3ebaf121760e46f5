"""AWS, for the commands that ask it: with the local cloud in its place on the local stack.

boto3 is an extra of this package: ``ringpass-cli[aws]``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from ringpass_cli.errors import CliError, ExitCode, not_set_up, usage
from ringpass_cli.stacks import Stack

_LOCAL_STACK: Final = "ringpass-local"
"""Name of the local stack in the local cloud."""


@dataclass(frozen=True)
class Aws:
    """The account of a stack.

    Attributes:
        stack: Name of the CloudFormation stack.
        region: Its region; None: that of the user's own settings.
        endpoint_url: The local cloud; None: AWS.
    """

    stack: str
    region: str | None
    endpoint_url: str | None = None

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes it
        """A client of a service.

        Raises:
            CliError: boto3 is not installed, or knows no region.
        """
        try:
            import boto3  # noqa: PLC0415 - an extra, and slow to import
        except ImportError:
            raise not_set_up(
                "boto3 is not installed, and this command asks AWS",
                'Install the package with its extra: uv tool install "./cli[aws]".',
            ) from None
        make: Callable[..., Any] = boto3.client
        if self.endpoint_url is not None:
            return make(
                service,
                endpoint_url=self.endpoint_url,
                region_name=self.region,
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - the local cloud takes any
            )
        with aws_errors():
            return make(service, region_name=self.region)

    def outputs(self) -> Mapping[str, str]:
        """Outputs of the CloudFormation stack.

        Raises:
            CliError: AWS refuses or does not answer.
        """
        client = self.client("cloudformation")
        with aws_errors():
            answer = client.describe_stacks(StackName=self.stack)
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in answer["Stacks"][0].get("Outputs", [])
        }


def aws_of(stack: Stack, name: str | None, region: str | None) -> Aws:
    """The account of a stack; `name` and `region` go before what its profile says.

    Raises:
        CliError: the name of its CloudFormation stack is not known.
    """
    if stack.local is not None:
        return Aws(_LOCAL_STACK, stack.region, stack.local.aws_endpoint_url)
    if chosen := name or stack.cloudformation:
        return Aws(chosen, region or stack.region)
    raise usage(
        "The name of the CloudFormation stack is not known",
        "Use --stack, or keep it in the profile: `ringpass login NAME --url ... --stack ringpass`.",
    )


@contextmanager
def aws_errors() -> Iterator[None]:
    """Errors of AWS as errors of a command."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        yield
    except ClientError as error:
        raise CliError(
            f"AWS refused: {error}",
            advice="Check the region, the stack's name, and the rights of your AWS credentials.",
            exit_code=ExitCode.REFUSED,
        ) from error
    except BotoCoreError as error:
        raise CliError(
            f"AWS cannot be asked: {error}",
            advice="Set AWS_PROFILE and a region, or use --aws-region.",
            exit_code=ExitCode.UNREACHABLE,
        ) from error
