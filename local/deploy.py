"""`sam deploy`, into a local cloud."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.build import processor, reason_in, remember_no_news
from local.environment import ACCOUNT, REGION, STACK_NAME, for_sam
from local.failures import LocalStackError
from local.paths import SAM, SAM_CONFIG

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

BUCKET = STACK_NAME
"""What is deployed is uploaded there (`s3_bucket` in samconfig.toml)."""
API_ID = "0ca11de5"
"""The HTTP API's id, eight hexadecimal digits: so its address is known before it is deployed."""

DOMAIN = "otp.example.com"
"""A domain of the stack's own: the local cloud knows it by the header `Host`."""
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/local"


@cache
def client(service: str, endpoint_url: str) -> Any:  # noqa: ANN401
    """A boto3 client of the local cloud, whatever the environment says.

    Threads may share it. It takes a tenth of a second of work to make, so it is kept.
    """
    session = boto3.session.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        region_name=REGION,
    )
    config = Config(
        connect_timeout=5, read_timeout=70, max_pool_connections=64, retries={"max_attempts": 2}
    )
    make: Any = session.client
    return make(service, endpoint_url=endpoint_url, config=config)


def api_address(endpoint_url: str) -> str:
    """Where the HTTP API of a stack answers in the local cloud."""
    return f"{endpoint_url}/_aws/execute-api/{API_ID}/$default"


@dataclass(frozen=True)
class Deployed:
    """A deployed stack, as CloudFormation describes it."""

    endpoint_url: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    """Logical id -> physical id."""
    template: Mapping[str, Any]
    """After SAM's transform."""


def deploy(
    template: Path, endpoint_url: str, parameters: Mapping[str, str], *, folder: Path
) -> Deployed:
    """Deploy a built template with these parameters.

    Raises:
        LocalStackError: it cannot be deployed.
    """
    remember_no_news()
    # Faster than `resolve_s3`, for which SAM CLI deploys a stack of its own first.
    s3: Any = client("s3", endpoint_url)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET)
    log = folder / "sam-deploy.log"
    command: list[str | Path] = [
        *SAM,
        *("deploy", "--template-file", template, "--stack-name", STACK_NAME),
        *("--config-file", SAM_CONFIG, "--config-env", "local", "--region", REGION),
        # A stack's tags are its resources', too, and by this one the local cloud takes an id.
        *("--tags", f"ms-custom-id={API_ID}"),
        "--parameter-overrides",
        *overrides({**parameters, "Architecture": processor()}),
    ]
    with log.open("wb") as out:
        process = subprocess.run(
            command,
            cwd=template.parent,
            env=for_sam(endpoint_url),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if process.returncode != 0:
        raise LocalStackError(f"the deployment failed: {reason_in(log)}", log=log)
    return describe(endpoint_url)


def overrides(parameters: Mapping[str, str]) -> Iterator[str]:
    """Parameters as SAM CLI reads them: it takes bare quotation marks for its own."""
    for name, value in parameters.items():
        yield f'{name}="{value.replace('"', '\\"')}"'


def describe(endpoint_url: str) -> Deployed:
    """Look up what was deployed."""
    cloudformation: CloudFormationClient = client("cloudformation", endpoint_url)
    stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    resources = cloudformation.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    template: Any = cloudformation.get_template(StackName=STACK_NAME, TemplateStage="Processed")
    return Deployed(
        endpoint_url=endpoint_url,
        outputs={one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])},
        resources={
            one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in resources
        },
        template=template["TemplateBody"],
    )
