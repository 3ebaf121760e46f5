"""A whole local stack: local cloud, sandbox, our template deployed, ready to be used."""

import contextlib
import dataclasses
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from local.build import build
from local.deploy import CERTIFICATE, DOMAIN, Deployed, api_address, client, deploy
from local.environment import REGION, reach_loopback_directly
from local.failures import LocalStackError
from local.logs import save_logs
from local.ministack import Cloud, start_cloud
from local.paths import STATE
from local.processes import Server, birth_of
from local.progress import Progress
from local.providers import Sandbox, start_sandbox
from local.routes import register
from local.seeding import EVERYTHING, SEND_AND_READ, create_key, put_secrets, set_ceilings
from local.warmup import put_settings, warm_up

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

_KEPT_SECONDS = 24 * 3600.0
_MCN_WEBHOOK = "/v1/webhooks/mcn/"
NO_PARAMETERS: Mapping[str, str] = {}
"""Of the template, beside those of every local stack."""


@dataclass(frozen=True)
class Stack:
    """How to reach a running stack. `.local/stack.json` holds the same fields."""

    api_url: str
    """Without a slash at its end; `/v1/...` follows."""
    api_key: str
    """Scopes send and read, of client `local`."""
    admin_key: str
    """All scopes, of the same client."""
    sandbox_url: str
    aws_endpoint_url: str
    region: str
    """That the local cloud's services are in."""
    mcn_webhook_url: str
    """With its token."""
    table: str
    outputs: Mapping[str, str]
    """Outputs of the CloudFormation stack."""

    def client(self, service: str) -> Any:  # noqa: ANN401
        """A boto3 client of the local cloud."""
        return client(service, self.aws_endpoint_url)

    def dynamodb(self) -> "DynamoDBClient":
        """A client for the table."""
        dynamodb: DynamoDBClient = self.client("dynamodb")
        return dynamodb

    def lambdas(self) -> "LambdaClient":
        """A client for direct invocations."""
        lambdas: LambdaClient = self.client("lambda")
        return lambdas

    def queues(self) -> "SQSClient":
        """A client for the queues."""
        queues: SQSClient = self.client("sqs")
        return queues

    def webhook_token(self) -> str:
        """What all webhooks of the sandbox share."""
        return self.mcn_webhook_url.rpartition("/")[2]

    def write(self, path: Path) -> None:
        """Keep it in a file that only its owner can read: it holds keys."""
        text = json.dumps(dataclasses.asdict(self), indent=2) + "\n"
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Started:
    """A running stack and the servers that it consists of."""

    stack: Stack
    servers: tuple[Server, ...]


def start(
    folder: Path, progress: Progress, *, parameters: Mapping[str, str] | None = None
) -> Started:
    """Start a stack that keeps its files in `folder`; on any failure nothing is left running.

    Every function has answered once, as it should. `parameters` of the template go before those
    of a stack with a sandbox.

    Raises:
        LocalStackError: what went wrong, in one line.
    """
    reach_loopback_directly()
    folder.mkdir(parents=True, exist_ok=True)
    template = build(progress)
    with ExitStack() as undo:
        with progress.step("Starting the local cloud and the sandbox"):
            cloud = start_cloud(folder)
            undo.callback(cloud.server.stop)
            sandbox = start_sandbox(folder)
            undo.callback(sandbox.server.stop)
        with progress.step("Deploying template.yaml"):
            deployed = deploy_stack(template, cloud, sandbox, folder, parameters or {})
        with progress.step("Setting secrets and API keys, first requests"):
            stack = furnish(deployed, sandbox)
            try:
                put_settings(stack)
                warm_up(stack)
            except LocalStackError as error:
                log = folder / "functions.log"
                save_logs(stack.aws_endpoint_url, log)
                raise LocalStackError(str(error), log=log) from error
        undo.pop_all()
    return Started(stack=stack, servers=(cloud.server, sandbox.server))


def deploy_stack(
    template: Path,
    cloud: Cloud,
    sandbox: Sandbox,
    folder: Path,
    parameters: Mapping[str, str] = NO_PARAMETERS,
) -> Deployed:
    """Deploy a built template into a local cloud, beside a sandbox; also if it is there already.

    Raises:
        LocalStackError: it cannot be deployed.
    """
    ours = {
        "Stage": "local",
        "PublicUrl": api_address(cloud.endpoint_url),
        "DomainName": DOMAIN,
        "CertificateArn": CERTIFICATE,
        "EventBus": "on",
        "WebhookTargets": "any",
    }
    all_parameters = {**ours, **sandbox.parameters(), **parameters}
    deployed = deploy(template, cloud.endpoint_url, all_parameters, folder=folder)
    register(deployed)
    return deployed


def furnish(deployed: Deployed, sandbox: Sandbox) -> Stack:
    """Give a fresh stack its secrets, limits and keys, and tell the sandbox about it."""
    token = put_secrets(deployed)
    set_ceilings(deployed)
    api_url = api_address(deployed.endpoint_url)
    stack = Stack(
        api_url=api_url,
        api_key=create_key(deployed, SEND_AND_READ),
        admin_key=create_key(deployed, EVERYTHING),
        sandbox_url=sandbox.url,
        aws_endpoint_url=deployed.endpoint_url,
        region=REGION,
        mcn_webhook_url=f"{api_url}{_MCN_WEBHOOK}{token}",
        table=deployed.outputs["TableName"],
        outputs=deployed.outputs,
    )
    introduce(stack, sandbox)
    return stack


def introduce(stack: Stack, sandbox: Sandbox) -> None:
    """Tell a sandbox that has just started which stack it serves."""
    sandbox.serve(
        webhook_url=stack.mcn_webhook_url,
        token=stack.webhook_token(),
        api_url=stack.api_url,
        admin_key=stack.admin_key,
    )


@contextmanager
def running_stack(
    name: str,
    *,
    progress: Progress | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """A stack of one's own, for as long as the block runs.

    As many as memory allows run at once. What a stack that failed has written stays a day in
    `.local/<name>-...`.
    """
    forget_old_stacks(STATE)
    folder = STATE / f"{name}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    claim(folder)
    progress = progress or Progress()
    try:
        started = start(folder, progress, parameters=parameters)
        try:
            yield started.stack
        except BaseException:
            with contextlib.suppress(Exception):
                save_logs(started.stack.aws_endpoint_url, folder / "functions.log")
            _stop(started)
            raise
        with progress.step("Stopping the local stack"):
            _stop(started)
    except BaseException:
        shutil.rmtree(folder / "tmp", ignore_errors=True)  # What is worth reading is beside it.
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _stop(started: Started) -> None:
    # What they have is thrown away: they need no time to put it in order.
    for server in reversed(started.servers):
        server.stop(grace_seconds=0)


def claim(folder: Path) -> None:
    """Say that a stack's folder is this process's.

    Other processes look at any time (`forget_old_stacks`): they see all of it or nothing.
    """
    owner = {"pid": os.getpid(), "born": birth_of(os.getpid())}
    unfinished = folder / "owner.unfinished"
    unfinished.write_text(json.dumps(owner), encoding="utf-8")
    unfinished.rename(folder / "owner.json")


def forget_old_stacks(state: Path) -> None:
    """Remove the folders of stacks whose process is gone, a day after it started them."""
    for owned in state.glob("*/owner.json"):
        with contextlib.suppress(FileNotFoundError):  # Another process has just removed it.
            owner = json.loads(owned.read_text(encoding="utf-8"))
            is_gone = birth_of(owner["pid"]) != owner["born"]
            if is_gone and time.time() - owned.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(owned.parent, ignore_errors=True)
