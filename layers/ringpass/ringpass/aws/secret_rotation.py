"""The versions of a secret that is rotated in the four steps that Secrets Manager asks for.

    createSecret   what comes next becomes the version AWSPENDING
    setSecret      other systems are told of it
    testSecret     it is tried
    finishSecret   the pending version becomes AWSCURRENT

Secrets Manager repeats a step that fails, so each must bear being done any number of times.
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
"""Each version's id, and the stages that it has."""


class Rotation(Protocol):
    """What the three steps that have something to do mean for one secret."""

    def create(self, version: str) -> None:
        """Put what comes next into the pending version, in which nothing is yet."""

    def test(self, version: str) -> None:
        """Try the pending version."""

    def finish(self, version: str, versions: Stages) -> None:
        """Make the pending version the current one."""


@dataclass(frozen=True, slots=True)
class SecretVersions:
    """One secret's versions.

    Attributes:
        client: Secrets Manager.
        arn: The secret.
    """

    client: "SecretsManagerClient"
    arn: str

    def take_step(self, step: str, version: str, rotation: Rotation) -> None:
        """Do a step of the rotation whose new version has this id; one that is finished is left.

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
            return None  # Finished, and asked again.
        if PENDING not in stages:
            raise ValueError("this version of the secret is not pending")
        return versions

    def current(self) -> str:
        """What the current version holds."""
        found = self.client.get_secret_value(SecretId=self.arn, VersionStage=CURRENT)
        return found.get("SecretString", "")

    def text(self, version: str) -> str | None:
        """What a pending version holds; None if nothing has been put into it."""
        try:
            found = self.client.get_secret_value(
                SecretId=self.arn, VersionId=version, VersionStage=PENDING
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
        return found.get("SecretString")

    def put(self, version: str, text: str) -> bool:
        """Put this into a pending version; False if it holds something else already."""
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
