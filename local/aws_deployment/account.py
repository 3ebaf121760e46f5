"""Whose account is changed, and in which region: known before anything is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.failures import NO_REGION, DeploymentError

if TYPE_CHECKING:
    from local.aws_deployment.settings import Settings

_SIGN_IN = "set AWS_PROFILE, or sign in (`aws sso login`), then run `make deploy` again"


@dataclass(frozen=True)
class Account:
    """An AWS account, as seen with the credentials at hand."""

    number: str
    """Twelve digits."""
    caller: str
    """The ARN of the user or role that the credentials belong to."""
    region: str
    session: boto3.session.Session


def region_of(settings: "Settings", environ: Mapping[str, str]) -> str | None:
    """The region that is chosen; None: whatever the profile says.

    botocore reads `AWS_DEFAULT_REGION` alone; other SDKs and the AWS CLI read `AWS_REGION`.

    Raises:
        DeploymentError: The two variables name different regions.
    """
    if settings.region:
        return settings.region
    names = {environ[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if environ.get(name)}
    if len(names) > 1:
        raise DeploymentError(
            f"AWS_REGION is {environ['AWS_REGION']} and AWS_DEFAULT_REGION is "
            f"{environ['AWS_DEFAULT_REGION']}: unset one of them"
        )
    return next(iter(names), None)


def open_account(settings: "Settings", environ: Mapping[str, str]) -> Account:
    """Ask AWS who we are.

    Raises:
        DeploymentError: There are no credentials or none that AWS takes, or no region is chosen.
    """
    region = region_of(settings, environ)
    try:
        session = boto3.session.Session(profile_name=settings.profile, region_name=region)
        if session.region_name is None:
            raise DeploymentError(NO_REGION)
        if session.get_credentials() is None:
            raise DeploymentError(f"no AWS credentials were found: {_SIGN_IN}")
        identity = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(f"AWS does not take the credentials ({error}): {_SIGN_IN}") from error
    return Account(identity["Account"], identity["Arn"], session.region_name, session)
