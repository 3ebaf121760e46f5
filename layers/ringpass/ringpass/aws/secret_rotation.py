"""Rotation of a secret in the four steps of Secrets Manager.

    createSecret   stores the new value as the version AWSPENDING
    setSecret      changes other systems; not needed here
    testSecret     tries the pending version
    finishSecret   makes the pending version AWSCURRENT

Secrets Manager repeats a step that fails, so every step is idempotent.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"

type Stages = Mapping[str, Sequence[str]]
"""The stages of each version, by its id."""


class Rotation(Protocol):
    """The three steps of the rotation, for one secret."""

    def create(self, version: str) -> None:
        """Put the new value into the pending version, which is empty."""

    def test(self, version: str) -> None:
        """Test the pending version."""

    def finish(self, version: str, versions: Stages) -> None:
        """Make the pending version the current one."""


@dataclass(frozen=True, slots=True)
class SecretVersions:
    """Versions of one secret.

    Attributes:
        client: The client of Secrets Manager.
        arn: The secret's ARN.
    """

    client: "SecretsManagerClient"
    arn: str

    def run_step(self, step: str, version: str, rotation: Rotation) -> None:
        """Run a step of the rotation to this version; a finished rotation is left as it is.

        Raises:
            ValueError: There is no such step, or no such version is pending; and what the
                rotation's own step raises.
        """
        if step == "setSecret":
            return
        versions = self._pending(version)
        if versions is None:
            return
        match step:
            case "createSecret":
                if self.text(version) is None:
                    rotation.create(version)
            case "testSecret":
                rotation.test(version)
            case "finishSecret":
                rotation.finish(version, versions)
            case _:
                raise ValueError("there is no such step")

    def _pending(self, version: str) -> Stages | None:
        versions = self.client.describe_secret(SecretId=self.arn).get("VersionIdsToStages", {})
        stages = versions.get(version, ())
        if CURRENT in stages:
            return None  # The rotation is finished: a repeated step.
        if PENDING not in stages:
            raise ValueError("this version of the secret is not pending")
        return versions

    def current(self) -> str:
        """Returns the text of the current version."""
        response = self.client.get_secret_value(SecretId=self.arn, VersionStage=CURRENT)
        return response.get("SecretString", "")

    def text(self, version: str) -> str | None:
        """Returns the text of a pending version; None if it is empty."""
        try:
            response = self.client.get_secret_value(
                SecretId=self.arn, VersionId=version, VersionStage=PENDING
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
        return response.get("SecretString")

    def put(self, version: str, text: str) -> bool:
        """Put this into a pending version; returns False if it holds another text already."""
        try:
            self.client.put_secret_value(
                SecretId=self.arn,
                ClientRequestToken=version,
                SecretString=text,
                VersionStages=[PENDING],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceExistsException":
                raise
            return False
        return True

    def finish(self, version: str, versions: Stages) -> None:
        """Make a pending version the current one."""
        self.client.update_secret_version_stage(
            SecretId=self.arn,
            VersionStage=CURRENT,
            MoveToVersionId=version,
            RemoveFromVersionId=next(id_ for id_ in versions if CURRENT in versions[id_]),
        )
