"""A pair of Zalo tokens put in by hand, and what is shown of it (``token_cli``)."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from ringpass.providers.zalo.token_cli import main
from tests.moto_table import moto_client
from tests.providers.zalo.zalo_vault import Vault
from tests.world import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def vault() -> Iterator[Vault]:
    with mock_aws():
        manager: SecretsManagerClient = moto_client("secretsmanager")
        yield Vault.made(manager, Clock()())


def run(vault: Vault, command: str, *lines: str) -> int:
    answers = iter(lines)
    return main(
        [command, "--secret", vault.arn],
        client=vault.manager,
        now=Clock(),
        prompt=lambda _: next(answers),
    )


def test_a_pair_is_put_in(vault: Vault, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(vault, "put", " by-hand \n", "by-hand-refresh") == 0
    assert vault.access_token() == "by-hand"
    response = vault.manager.get_secret_value(SecretId=vault.arn, VersionStage="AWSCURRENT")
    assert json.loads(response["SecretString"]) == {
        "access_token": "by-hand",
        "refresh_token": "by-hand-refresh",
        "access_expires_at": "2026-11-22T09:30:00.000Z",
        "refresh_expires_at": "2027-02-19T08:30:00.000Z",
    }
    output = capsys.readouterr().out
    assert "2027-02-19" in output
    assert "by-hand" not in output


def test_a_rotation_that_was_under_way_ends_without_effect(vault: Vault) -> None:
    version = vault.stage()
    vault.manager.put_secret_value(
        SecretId=vault.arn,
        SecretString="{}",
        ClientRequestToken=version,
        VersionStages=["AWSPENDING"],
    )
    run(vault, "put", "by-hand", "by-hand-refresh")
    stages = vault.manager.describe_secret(SecretId=vault.arn)["VersionIdsToStages"]
    assert not any("AWSPENDING" in each for each in stages.values())
    assert vault.access_token() == "by-hand"


@pytest.mark.parametrize("lines", [("", "refresh"), ("access", " "), ("", "")])
def test_half_a_pair_changes_nothing(vault: Vault, lines: tuple[str, str]) -> None:
    assert run(vault, "put", *lines) == 1
    assert vault.access_token() == "access-0"


def test_what_is_shown(vault: Vault, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(vault, "show") == 0
    assert capsys.readouterr().out.splitlines() == [
        "access token until 2026-11-22T09:30:00.000Z",
        "refresh token until 2027-02-19T08:30:00.000Z",
    ]
    vault.manager.put_secret_value(SecretId=vault.arn, SecretString='{"access_token": "random"}')
    assert run(vault, "show") == 1
    assert "random" not in capsys.readouterr().err
