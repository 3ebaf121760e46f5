"""`make deploy`: what is done, in its order, and what is looked at in between."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from local.aws_deployment.account import Account, open_account
from local.aws_deployment.binaries import check_binaries
from local.aws_deployment.concurrency import check_concurrency
from local.aws_deployment.earlier import stack_named, stack_to_update
from local.aws_deployment.parameters import check_values, values_of
from local.aws_deployment.settings import Settings
from local.aws_deployment.smoke_test import check_health, check_routes, routes_in
from local.deploy import overrides
from local.environment import for_aws
from local.failures import DeploymentError
from local.paths import CLOUD_VENV, TEMPLATE
from local.progress import Progress
from local.snapstart import publish_all
from local.template import read_template
from local.template_check import check_templates
from ringpass import __version__

SAM = CLOUD_VENV / "bin" / "sam"


def deploy(settings: Settings, progress: Progress, *, sam: Path = SAM) -> None:
    """Build and deploy one environment of samconfig.toml.

    Without a terminal nothing is asked.

    Raises:
        DeploymentError: What is wrong, in one sentence; before anything is changed if it can be.
        LocalStackError: A template has a fault.
    """
    account = open_account(settings, os.environ)
    try:
        _deploy(settings, account, progress, sam)
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(f"AWS does not do what the deployment asks: {error}") from error


def _deploy(settings: Settings, account: Account, progress: Progress, sam: Path) -> None:
    progress.say(
        f"Stack {settings.stack_name} (environment {settings.environment}) in account "
        f"{account.number}, region {account.region}, as {account.caller}"
    )
    earlier = stack_to_update(account, settings.stack_name, progress)
    check_templates()
    template = read_template(TEMPLATE)
    values = values_of(template, earlier, settings.parameters)
    check_values(values, account.region)
    for warning in check_concurrency(account.session, template, values, earlier):
        progress.say(warning)

    folder = settings.config.parent
    build_folder = folder / ".aws-sam" / "build"
    with progress.step(f"Building for {values['Architecture']}"):
        parameters = ["--parameter-overrides", *overrides(values)]
        _run([sam, "build", *settings.options, *parameters], account, folder)
        check_binaries(build_folder, values["Architecture"])
        if values["SnapStart"] == "on":
            publish_all(build_folder / "template.yaml")

    quiet = [] if sys.stdin.isatty() or not settings.confirms else ["--no-confirm-changeset"]
    _run([sam, "deploy", *settings.options, *settings.arguments, *quiet], account, folder)

    with progress.step("Looking at the routes and the health of what was deployed"):
        _look(account, settings, build_folder / "template.yaml")
    progress.say(
        f"{settings.stack_name} is deployed ({progress.total()}).\n"
        "Next, after the first deployment: the providers' secrets, then `make key`; "
        "docs/deploying.md has both."
    )


def _run(command: Sequence[str | Path], account: Account, folder: Path) -> None:
    stdin = None if sys.stdin.isatty() else subprocess.DEVNULL
    process = subprocess.run(
        command, cwd=folder, env=for_aws(account.region), stdin=stdin, check=False
    )
    if process.returncode != 0:
        raise DeploymentError(f"`sam {command[1]}` failed: it says why above")


def _look(account: Account, settings: Settings, built_template: Path) -> None:
    stack = stack_named(account, settings.stack_name)
    outputs = {one["OutputKey"]: one["OutputValue"] for one in (stack or {}).get("Outputs", [])}
    if "ApiUrl" not in outputs:
        raise DeploymentError(f"{settings.stack_name} was not deployed: nothing was confirmed")
    template: Any = yaml.safe_load(built_template.read_text("utf-8"))
    routes = routes_in(template["Resources"]["Api"]["Properties"]["DefinitionBody"])
    check_routes(account.session.client("apigatewayv2"), outputs["ApiId"], routes)
    check_health(outputs["ApiUrl"], __version__)
