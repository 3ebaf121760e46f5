"""The rotation of Zalo's tokens: steps in order, again, at once, half done, and lost."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from ringpass.aws.dynamodb import Table
from ringpass.aws.secret_rotation import SecretVersions
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.quota_store import QuotaRepository
from ringpass.providers.zalo.quota_meter import QuotaMeter
from ringpass.providers.zalo.refresh_lock import RefreshLock
from ringpass.providers.zalo.token_pair import TokenPair
from ringpass.providers.zalo.token_rotation import NotRotated, TokenRotation
from ringpass.redaction import Secret
from tests.moto_table import moto_client, table
from tests.providers.zalo.zalo_vault import FakeZalo, Vault
from tests.world import Clock

__all__ = ["table"]

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
RUNS = timedelta(seconds=65)


@dataclass
class Stack:
    vault: Vault
    zalo: FakeZalo
    clock: Clock
    rotation: TokenRotation
    quotas: QuotaRepository
    slept: list[float]

    def do(self, *steps: str, version: str) -> None:
        for step in steps:
            self.rotation.run_step(step, version)

    def rotate(self) -> str:
        version = self.vault.stage()
        self.do(*STEPS, version=version)
        return version


@pytest.fixture
def stack(table: Table) -> Stack:
    clock, zalo, slept = Clock(), FakeZalo(), list[float]()
    vault = Vault.made(moto_client("secretsmanager"), clock())
    repository = QuotaRepository(table, "zalo", "oa")
    rotation = TokenRotation(
        versions=SecretVersions(vault.manager, vault.arn),
        lock=RefreshLock(table, RUNS),
        quotas=QuotaMeter(repository),
        app_id="123",
        app_secret=lambda: Secret("app-secret"),
        oauth_url="https://oauth.test",
        api_url="https://api.test",
        transmit=zalo.send,
        clock=clock,
        sleep=slept.append,
    )
    return Stack(vault, zalo, clock, rotation, repository, slept)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_rotation_uses_the_refresh_token_once(stack: Stack) -> None:
    stack.rotate()
    assert stack.vault.access_token() == "access-1"
    assert stack.vault.access_token("AWSPREVIOUS") == "access-0"
    stack.clock.turn(hours=20)
    stack.rotate()
    assert stack.vault.access_token() == "access-2"
    assert stack.zalo.refreshes == 2


def test_the_pair_is_kept_before_anything_else_is_done(stack: Stack) -> None:
    version = stack.vault.stage()
    stack.do("createSecret", version=version)
    # Zalo has not been asked anything but for the pair.
    assert len(stack.zalo.requests) == 1
    assert stack.vault.access_token("AWSPENDING") == "access-1"
    assert stack.vault.access_token() == "access-0"


@pytest.mark.parametrize("again", STEPS)
def test_a_step_that_is_repeated_changes_nothing(stack: Stack, again: str) -> None:
    version = stack.vault.stage()
    for step in STEPS:
        stack.do(step, version=version)
        if step == again:
            stack.do(step, version=version)
    assert stack.vault.access_token() == "access-1"
    assert stack.zalo.refreshes == 1
    stack.do(*STEPS, version=version)
    assert stack.zalo.refreshes == 1


def test_two_at_once_use_the_token_once(stack: Stack) -> None:
    version = stack.vault.stage()

    def refused_or_not(_: int) -> bool:
        try:
            stack.rotation.run_step("createSecret", version)
        except NotRotated:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(refused_or_not, range(8)))
    # moto's conditional writes are not atomic under threads, but the stored pair is always whole.
    assert stack.vault.access_token("AWSPENDING") == "access-1"


def test_while_one_uses_the_token_another_one_does_not(stack: Stack) -> None:
    version, refusals = stack.vault.stage(), list[str]()

    def meanwhile() -> HttpResponse | NoResponse:
        with pytest.raises(NotRotated, match="another invocation") as refusal:
            stack.rotation.run_step("createSecret", version)
        refusals.append(str(refusal.value))
        return stack.zalo.refresh("refresh-0")

    stack.zalo.answers = [meanwhile]
    stack.do("createSecret", version=version)
    assert len(refusals) == 1
    assert stack.zalo.refreshes == 1
    assert stack.vault.access_token("AWSPENDING") == "access-1"


def died(stack: Stack, caplog: pytest.LogCaptureFixture) -> str:
    """The function ends between Zalo's reply and the write that keeps it."""

    class Died(BaseException):
        pass

    def reply_and_die() -> HttpResponse | NoResponse:
        stack.zalo.refresh("refresh-0")
        raise Died

    version = stack.vault.stage()
    stack.zalo.answers = [reply_and_die]
    with pytest.raises(Died):
        stack.do("createSecret", version=version)
    caplog.clear()
    return version


def test_a_pair_that_was_received_and_not_kept_is_told(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    version = died(stack, caplog)
    # Secrets Manager tries again at once: the one before may still be running.
    with pytest.raises(NotRotated, match="another invocation"):
        stack.do("createSecret", version=version)
    assert "zalo refresh lost" not in messages(caplog)
    stack.clock.turn(seconds=66)
    with pytest.raises(NotRotated, match="Zalo gave no tokens"):
        stack.do("createSecret", version=version)
    assert "zalo refresh lost" in messages(caplog)
    # What there was goes on until it ends.
    assert stack.vault.access_token() == "access-0"


def test_a_new_pair_that_was_put_in_ends_it(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    died(stack, caplog)
    stack.clock.turn(hours=1)
    stack.zalo.refresh_token, stack.zalo.serial = "refresh-7", 7
    stack.vault.manager.put_secret_value(
        SecretId=stack.vault.arn,
        SecretString=TokenPair.from_tokens("access-7", "refresh-7", stack.clock()).to_text(),
    )
    stack.rotate()
    assert stack.vault.access_token() == "access-8"


def test_a_use_that_may_have_got_nothing_is_tried_again(stack: Stack) -> None:
    version = stack.vault.stage()
    stack.zalo.answers = [NoResponse("timeout")]
    with pytest.raises(NotRotated, match="timeout"):
        stack.do("createSecret", version=version)
    stack.clock.turn(seconds=66)
    stack.do(*STEPS, version=version)
    assert stack.vault.access_token() == "access-1"


def test_a_connection_that_was_never_made_does_not_claim_the_token(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    version = stack.vault.stage()
    stack.zalo.answers = [
        NoResponse("connect_failed", sent=False),
        HttpResponse(200, b'{"error":-1}'),
    ]
    for _ in range(2):
        with pytest.raises(NotRotated, match="no tokens"):
            stack.do("createSecret", version=version)
    # Zalo's refusal is one of the first use: nothing is lost.
    assert messages(caplog).count("zalo refresh refused") == 2
    assert "zalo refresh lost" not in messages(caplog)


def test_a_token_that_was_used_elsewhere_is_lost(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    stack.zalo.refresh("refresh-0")
    with pytest.raises(NotRotated, match="-14020"):
        stack.do("createSecret", version=stack.vault.stage())
    assert "zalo refresh lost" in messages(caplog)


@dataclass(frozen=True)
class Unwell:
    """Secrets Manager that does not take so many values."""

    manager: Any
    failures: list[int]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.manager, name)

    def put_secret_value(self, **request: Any) -> Any:  # noqa: ANN401
        if self.failures[0] > 0:
            self.failures[0] -= 1
            error = {"Error": {"Code": "InternalServiceError", "Message": "x"}}
            raise ClientError(error, "PutSecretValue")  # type: ignore[arg-type]
        return self.manager.put_secret_value(**request)


@pytest.mark.parametrize("failures", [1, 5])
def test_a_pair_is_kept_although_secrets_manager_is_in_trouble(stack: Stack, failures: int) -> None:
    unwell = Unwell(stack.vault.manager, [failures])
    versions = SecretVersions(unwell, stack.vault.arn)  # type: ignore[arg-type]
    replace(stack.rotation, versions=versions).run_step("createSecret", stack.vault.stage())
    assert stack.vault.access_token("AWSPENDING") == "access-1"
    assert len(stack.slept) == failures
    # The function lives for 60 s, of which Zalo may take 10.
    assert sum(stack.slept) <= 16


def test_a_pair_that_cannot_be_kept_is_told(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    versions = SecretVersions(Unwell(stack.vault.manager, [99]), stack.vault.arn)  # type: ignore[arg-type]
    with pytest.raises(NotRotated, match="could not be kept"):
        replace(stack.rotation, versions=versions).run_step("createSecret", stack.vault.stage())
    assert "zalo refresh lost" in messages(caplog)
    assert "refresh-1" not in caplog.text
    assert "access-1" not in caplog.text


def test_a_token_that_zalo_refuses_does_not_take_over(stack: Stack) -> None:
    version = stack.vault.stage()
    stack.do("createSecret", version=version)
    stack.zalo.valid = set()
    with pytest.raises(NotRotated, match="refuses the access token"):
        stack.do("testSecret", version=version)
    assert stack.vault.access_token() == "access-0"


@pytest.mark.parametrize(
    "answer",
    [
        NoResponse("timeout"),
        HttpResponse(500, b""),
        HttpResponse(200, b"{}"),
        HttpResponse(200, b'{"error": -100}'),
    ],
)
def test_a_zalo_that_cannot_be_asked_does_not_stop_the_rotation(
    stack: Stack, answer: HttpResponse | NoResponse
) -> None:
    version = stack.vault.stage()
    stack.do("createSecret", version=version)
    stack.zalo.answers = [answer]
    stack.do("testSecret", "finishSecret", version=version)
    assert stack.vault.access_token() == "access-1"


@pytest.mark.parametrize("pair", [True, False])
def test_the_configuration_is_tested_with_a_copy_of_the_secret(stack: Stack, pair: bool) -> None:
    """What Secrets Manager does when a rotation is set up that does not begin at once."""
    manager, stages = stack.vault.manager, ["AWSPENDING"]
    if not pair:
        manager.put_secret_value(
            SecretId=stack.vault.arn, SecretString='{"access_token": "random"}'
        )
    response = manager.get_secret_value(SecretId=stack.vault.arn, VersionStage="AWSCURRENT")
    version = str(uuid4())
    manager.put_secret_value(
        SecretId=stack.vault.arn,
        ClientRequestToken=version,
        SecretString=response["SecretString"],
        VersionStages=stages,
    )
    stack.zalo.valid = set()
    stack.do("testSecret", version=version)
    assert stack.zalo.requests == []


@pytest.mark.slow
def test_a_test_tells_the_quota(stack: Stack) -> None:
    stack.rotate()
    quota = stack.quotas.get()[None]
    assert (quota.daily, quota.remaining, quota.used_up_until) == (500, 499, None)


def test_a_younger_pair_put_in_by_hand_meanwhile_is_not_replaced(stack: Stack) -> None:
    version = stack.vault.stage()
    stack.do("createSecret", version=version)
    stack.clock.turn(minutes=1)
    stack.vault.manager.put_secret_value(
        SecretId=stack.vault.arn,
        SecretString=TokenPair.from_tokens("by-hand", "by-hand", stack.clock()).to_text(),
    )
    with pytest.raises(ValueError, match="younger pair"):
        stack.do("finishSecret", version=version)
    assert stack.vault.access_token() == "by-hand"


@pytest.mark.parametrize("step", [step for step in STEPS if step != "setSecret"])
def test_a_version_that_is_not_pending_is_refused(stack: Stack, step: str) -> None:
    old_version = stack.vault.stage()
    stack.rotate()
    for version in (old_version, str(uuid4())):
        with pytest.raises(ValueError, match="not pending"):
            stack.do(step, version=version)
    assert stack.zalo.refreshes == 1


def test_a_step_that_does_not_exist_is_refused(stack: Stack) -> None:
    with pytest.raises(ValueError, match="no such step"):
        stack.do("dropSecret", version=stack.vault.stage())


def test_without_a_pair_nothing_is_asked(stack: Stack) -> None:
    stack.vault.manager.put_secret_value(
        SecretId=stack.vault.arn, SecretString='{"access_token": "random"}'
    )
    with pytest.raises(ValueError, match="no pair"):
        stack.do("createSecret", version=stack.vault.stage())
    assert stack.zalo.requests == []
    stack.rotation.report_lifetimes()


def test_the_watch_tells_how_long_the_tokens_live(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    stack.rotation.report_lifetimes()
    assert messages(caplog) == ["zalo tokens live"]
    caplog.clear()
    stack.clock.turn(days=70)
    stack.rotation.report_lifetimes()
    assert messages(caplog) == ["zalo refresh token ends soon"]
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.refresh_days == 20  # type: ignore[attr-defined]


def test_no_token_is_logged(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    stack.rotate()
    stack.rotation.report_lifetimes()
    log = json.dumps([record.__dict__ for record in caplog.records], default=str)
    for token in ("access-0", "access-1", "refresh-0", "refresh-1", "app-secret"):
        assert token not in log
