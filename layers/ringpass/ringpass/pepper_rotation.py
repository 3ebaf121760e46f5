"""The rotation of the code peppers, in the four steps that Secrets Manager asks for.

    createSecret   the next map becomes the version AWSPENDING
    setSecret      nothing: no other system has to be told
    testSecret     the pending map opens what the current one seals
    finishSecret   the pending version becomes AWSCURRENT

Secrets Manager repeats a step that fails, so each may be done any number of times.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from ringpass import peppers
from ringpass.clock import Clock
from ringpass.observe import logger

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CURRENT: Final = "AWSCURRENT"
_PENDING: Final = "AWSPENDING"


@dataclass(frozen=True, slots=True)
class PepperRotation:
    """Rotates the peppers.

    Attributes:
        client: Secrets Manager.
        arn: The peppers' secret.
        clock: Tells the time.
    """

    client: "SecretsManagerClient"
    arn: str
    clock: Clock

    def do(self, step: str, version: str) -> None:
        """Do a step of the rotation whose new version has this id.

        Raises:
            ValueError: There is no such step, or no such version is pending; or a secret holds no
                map of peppers, or one with which codes would be lost.
        """
        if step == "setSecret":
            return
        versions = self.client.describe_secret(SecretId=self.arn).get("VersionIdsToStages", {})
        stages: Sequence[str] = versions.get(version, ())
        if _CURRENT in stages:
            return  # Finished, and asked again.
        if _PENDING not in stages:
            raise ValueError("this version of the secret is not pending")
        match step:
            case "createSecret":
                self._create(version)
            case "testSecret":
                self._test(version)
            case "finishSecret":
                self._finish(version, versions)
            case _:
                raise ValueError("there is no such step")

    def _create(self, version: str) -> None:
        if self._text(version) is not None:
            return
        made = peppers.rotated(self._current(), peppers.new_pepper(), self.clock())
        try:
            self.client.put_secret_value(
                SecretId=self.arn,
                ClientRequestToken=version,
                SecretString=json.dumps(made),
                VersionStages=[_PENDING],
            )
        except ClientError as error:
            # The same step, done twice at once: what the other one put in stands.
            if error.response["Error"]["Code"] != "ResourceExistsException":
                raise

    def _test(self, version: str) -> None:
        peppers.check(self._pending(version), self._current())

    def _finish(self, version: str, versions: Mapping[str, Sequence[str]]) -> None:
        pending = self._pending(version)
        peppers.check(pending, self._current())
        self.client.update_secret_version_stage(
            SecretId=self.arn,
            VersionStage=_CURRENT,
            MoveToVersionId=version,
            RemoveFromVersionId=next(id_ for id_ in versions if _CURRENT in versions[id_]),
        )
        logger().info("pepper rotated", pepper=max(pending))

    def _current(self) -> dict[str, str]:
        found = self.client.get_secret_value(SecretId=self.arn, VersionStage=_CURRENT)
        return peppers.from_text(found.get("SecretString", ""))

    def _pending(self, version: str) -> dict[str, str]:
        return peppers.from_text(self._text(version) or "")

    def _text(self, version: str) -> str | None:
        """What a pending version holds; None if nothing has been put into it."""
        try:
            found = self.client.get_secret_value(
                SecretId=self.arn, VersionId=version, VersionStage=_PENDING
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
        return found.get("SecretString")
