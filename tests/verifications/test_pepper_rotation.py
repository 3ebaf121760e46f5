"""The rotation of the peppers, on Secrets Manager in moto: steps in order, again, and half done."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends

from ringpass.aws.secrets import Secrets
from ringpass.errors import Unavailable
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes
from ringpass.verifications.pepper_rotation import PepperRotation
from tests.moto_table import moto_client
from tests.world import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass(frozen=True)
class Current:
    """Reads the current version: moto reads the first one where no stage is named."""

    manager: "SecretsManagerClient"

    def get_secret_value(self, **request: Any) -> Any:  # noqa: ANN401 - boto3's own
        return self.manager.get_secret_value(**request, VersionStage="AWSCURRENT")


@dataclass
class Vault:
    """The peppers' secret, and what rotates it."""

    manager: "SecretsManagerClient"
    arn: str
    clock: Clock
    rotation: PepperRotation

    def stage(self) -> str:
        """A version that is pending and holds nothing, as Secrets Manager begins a rotation."""
        version = str(uuid4())
        region = self.manager.meta.region_name
        # Nobody else can stage a version without a value.
        secret = secretsmanager_backends[DEFAULT_ACCOUNT_ID][region].secrets[self.arn]
        for other in secret.versions.values():
            other["version_stages"] = [
                stage for stage in other["version_stages"] if stage != "AWSPENDING"
            ]
        staged = {"createdate": 0, "version_id": version, "version_stages": ["AWSPENDING"]}
        secret.versions[version] = staged
        return version

    def do(self, *steps: str, version: str) -> None:
        for step in steps:
            self.rotation.do(step, version)

    def rotate(self) -> None:
        self.do(*STEPS, version=self.stage())

    def peppers(self, stage: str = "AWSCURRENT") -> dict[str, str]:
        response = self.manager.get_secret_value(SecretId=self.arn, VersionStage=stage)
        peppers: dict[str, str] = json.loads(response["SecretString"])
        return peppers

    def codes(self) -> Codes:
        """As a function has them that has just started."""
        return Codes(Secrets(cast("Any", Current(self.manager)), lambda _: self.arn))


@pytest.fixture
def vault() -> Iterator[Vault]:
    with mock_aws():
        manager: SecretsManagerClient = moto_client("secretsmanager")
        first = json.dumps({"0": "first"})
        arn = manager.create_secret(Name="peppers", SecretString=first)["ARN"]
        clock = Clock()
        yield Vault(manager, arn, clock, PepperRotation(manager, arn, clock))


def test_codes_that_are_out_stay_good_over_two_rotations(vault: Vault) -> None:
    running = vault.codes()
    first = running.seal(Secret("4821"))
    vault.rotate()
    second = vault.codes().seal(Secret("90210"))
    vault.clock.turn(hours=24)
    vault.rotate()
    third = vault.codes().seal(Secret("777777"))
    assert [first.pepper, second.pepper, third.pepper] == [
        "0",
        "2026-11-21T08:30:00Z",
        "2026-11-22T08:30:00Z",
    ]
    # One that has run all the time, and one that has just started.
    for codes in (running, vault.codes()):
        assert codes.is_right(first, Secret("4821"))
        assert codes.is_right(second, Secret("90210"))
        assert codes.is_right(third, Secret("777777"))
    vault.clock.turn(days=30)
    vault.rotate()
    assert len(vault.peppers()) == 2
    assert vault.codes().is_right(third, Secret("777777"))
    with pytest.raises(Unavailable):
        vault.codes().reveal(second)


@pytest.mark.parametrize("again", STEPS)
def test_a_step_that_is_repeated_changes_nothing(vault: Vault, again: str) -> None:
    version = vault.stage()
    for step in STEPS:
        vault.do(step, version=version)
        if step == again:
            before = vault.peppers("AWSCURRENT"), vault.peppers("AWSPENDING")
            vault.clock.turn(minutes=5)
            vault.do(step, version=version)
            assert (vault.peppers("AWSCURRENT"), vault.peppers("AWSPENDING")) == before
    finished = vault.peppers()
    assert len(finished) == 2
    vault.do(*STEPS, version=version)
    assert vault.peppers() == finished


def test_nothing_changes_before_the_last_step(vault: Vault) -> None:
    version = vault.stage()
    for step in STEPS[:-1]:
        vault.do(step, version=version)
        assert vault.peppers() == {"0": "first"}
    vault.do("finishSecret", version=version)
    stages = vault.manager.describe_secret(SecretId=vault.arn)["VersionIdsToStages"]
    assert "AWSCURRENT" in stages[version]
    assert vault.peppers("AWSPREVIOUS") == {"0": "first"}


def test_a_rotation_that_was_given_up_does_not_stop_the_next(vault: Vault) -> None:
    vault.do("createSecret", version=vault.stage())
    vault.rotate()
    assert len(vault.peppers()) == 2


@pytest.mark.parametrize("step", [step for step in STEPS if step != "setSecret"])
def test_a_version_that_is_not_pending_is_refused(vault: Vault, step: str) -> None:
    old_version = vault.stage()
    vault.rotate()
    before = vault.peppers()
    for version in (old_version, str(uuid4())):
        with pytest.raises(ValueError, match="not pending"):
            vault.do(step, version=version)
    assert vault.peppers() == before


def test_a_step_that_does_not_exist_is_refused(vault: Vault) -> None:
    with pytest.raises(ValueError, match="no such step"):
        vault.do("dropSecret", version=vault.stage())


def test_a_pepper_put_in_by_hand_meanwhile_is_not_lost(vault: Vault) -> None:
    version = vault.stage()
    vault.do("createSecret", version=version)
    byhand = json.dumps({"0": "first", "2026-11-21T08:29:00Z": "by hand"})
    vault.manager.put_secret_value(SecretId=vault.arn, SecretString=byhand)
    for step in ("testSecret", "finishSecret"):
        with pytest.raises(ValueError, match="lack '2026-11-21T08:29:00Z'"):
            vault.do(step, version=version)
    assert vault.peppers() == json.loads(byhand)


def test_the_configuration_is_tested_with_a_copy_of_the_secret(vault: Vault) -> None:
    """What Secrets Manager does when a rotation is set up that does not begin at once."""
    version = str(uuid4())
    vault.manager.put_secret_value(
        SecretId=vault.arn,
        ClientRequestToken=version,
        SecretString=json.dumps(vault.peppers()),
        VersionStages=["AWSPENDING"],
    )
    vault.do("testSecret", version=version)


def test_a_secret_that_is_no_map_is_left_alone(vault: Vault) -> None:
    vault.manager.put_secret_value(SecretId=vault.arn, SecretString='"s3cret"')
    with pytest.raises(ValueError, match="JSON object") as error:
        vault.do("createSecret", version=vault.stage())
    assert "s3cret" not in str(error.value)
