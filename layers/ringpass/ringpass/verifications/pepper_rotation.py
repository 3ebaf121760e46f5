"""Rotates the code peppers, in the steps of ``ringpass.aws.secret_rotation``.

createSecret   the next map becomes the version AWSPENDING
setSecret      nothing: no other system uses them
testSecret     the pending map opens what the current one seals
finishSecret   the pending version becomes AWSCURRENT
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringpass.aws.secret_rotation import SecretVersions, Stages
from ringpass.clock import Clock
from ringpass.observability import logger
from ringpass.verifications import peppers

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


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

    @property
    def _versions(self) -> SecretVersions:
        return SecretVersions(self.client, self.arn)

    def do(self, step: str, version: str) -> None:
        """Do a step of the rotation whose new version has this id.

        Raises:
            ValueError: There is no such step, or no such version is pending; or a secret holds no
                map of peppers, or one with which codes would be lost.
        """
        self._versions.run_step(step, version, self)

    def create(self, version: str) -> None:
        """Add a new pepper to the map, and drop those no longer needed."""
        next_peppers = peppers.rotate(self._current(), peppers.new_pepper(), self.clock())
        # If the same step runs twice at once, the first write stays.
        self._versions.put(version, json.dumps(next_peppers))

    def test(self, version: str) -> None:
        """Check that the pending map opens what the current one seals."""
        peppers.check(self._pending(version), self._current())

    def finish(self, version: str, versions: Stages) -> None:
        """Make the pending map the current one."""
        pending = self._pending(version)
        peppers.check(pending, self._current())
        self._versions.finish(version, versions)
        logger().info("pepper rotated", pepper=max(pending))

    def _current(self) -> dict[str, str]:
        return peppers.from_text(self._versions.current())

    def _pending(self, version: str) -> dict[str, str]:
        return peppers.from_text(self._versions.text(version) or "")
