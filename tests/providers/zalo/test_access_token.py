"""The access token as senders see it: cached, younger while a rotation is under way, waited for."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from ringpass.aws.secrets import REFETCH_SECONDS
from ringpass.errors import NotConfigured, Unavailable
from ringpass.outcomes import Accepted, Rejected
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.caller import ProviderCaller
from ringpass.providers.orders import MessageOrder
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.token_pair import TokenPair
from ringpass.providers.zalo.zns_client import Zalo
from tests.moto_table import moto_client
from tests.providers.zalo.zalo_vault import Vault
from tests.world import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ORDER = MessageOrder(parse_phone("+84983912148"), zns_id="1")


@dataclass
class Sender:
    """A function that sends: its own seconds, and what happens while it waits."""

    vault: Vault
    clock: Clock
    tokens: AccessTokens
    slept: list[float] = field(default_factory=list)
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)
    """After so many pauses."""

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if happens := self.meanwhile.get(len(self.slept)):
            happens()

    def access(self, *, refresh: bool = False) -> str:
        return self.tokens.access(refresh=refresh).reveal()

    def put(self, token: str, version: str | None = None) -> None:
        """A younger pair: the current one, or in a pending version."""
        self.clock.turn(seconds=1)
        text = TokenPair.from_tokens(token, f"{token}-r", self.clock()).to_text()
        if version is None:
            self.vault.manager.put_secret_value(SecretId=self.vault.arn, SecretString=text)
        else:
            self.vault.manager.put_secret_value(
                SecretId=self.vault.arn,
                SecretString=text,
                ClientRequestToken=version,
                VersionStages=["AWSPENDING"],
            )


@pytest.fixture
def sender() -> Iterator[Sender]:
    with mock_aws():
        manager: SecretsManagerClient = moto_client("secretsmanager")
        clock = Clock()
        vault = Vault.made(manager, clock())

        def sleep(seconds: float) -> None:
            new_sender.sleep(seconds)

        tokens = AccessTokens(manager, lambda: vault.arn, clock, sleep)
        new_sender = Sender(vault, clock, tokens)
        yield new_sender


def test_a_token_is_kept_for_five_minutes(sender: Sender) -> None:
    assert sender.access() == "access-0"
    sender.put("access-1")
    assert sender.access() == "access-0"
    sender.clock.turn(minutes=5)
    assert sender.access() == "access-1"
    assert sender.slept == []


def test_a_refused_token_is_looked_up_anew(sender: Sender) -> None:
    assert sender.access() == "access-0"
    sender.put("access-1")
    assert sender.access(refresh=True) == "access-1"
    assert sender.access() == "access-1"
    assert sender.slept == []


def test_the_pending_pair_counts_where_it_is_younger(sender: Sender) -> None:
    assert sender.access() == "access-0"
    sender.put("access-1", sender.vault.stage())
    # Nobody looks at it as long as the current one is taken.
    assert sender.access() == "access-0"
    assert sender.access(refresh=True) == "access-1"
    assert sender.access() == "access-1"
    # A rotation that stopped there: it stays the one that counts.
    sender.clock.turn(minutes=6)
    assert sender.access() == "access-1"


def test_a_pending_pair_of_old_does_not_count(sender: Sender) -> None:
    sender.put("access-1", sender.vault.stage())
    sender.put("by-hand")
    assert sender.access() == "by-hand"
    assert sender.access(refresh=True) == "by-hand"


def test_a_pair_that_is_about_to_come_is_waited_for(sender: Sender) -> None:
    assert sender.access() == "access-0"
    version = sender.vault.stage()
    sender.meanwhile[3] = lambda: sender.put("access-1", version)
    assert sender.access(refresh=True) == "access-1"
    assert len(sender.slept) == 3


def test_what_never_comes_is_waited_for_three_seconds(sender: Sender) -> None:
    assert sender.access() == "access-0"
    assert sender.access(refresh=True) == "access-0"
    assert sum(sender.slept) == 3.0


def test_a_token_that_is_put_in_is_found_ten_seconds_later(sender: Sender) -> None:
    sender.vault.manager.put_secret_value(
        SecretId=sender.vault.arn, SecretString='{"access_token": "", "placeholder": "random"}'
    )
    assert sender.tokens.find() is None
    with pytest.raises(NotConfigured):
        sender.access()
    sender.put("access-1")
    assert sender.tokens.find() is None
    sender.clock.turn(seconds=REFETCH_SECONDS)
    secret = sender.tokens.find()
    assert secret is not None
    assert secret.reveal() == sender.access() == "access-1"


@pytest.mark.parametrize("text", ["", "{}", "null", "[]", "x", '{"access_token": ""}'])
def test_a_secret_without_a_token_is_told(sender: Sender, text: str) -> None:
    sender.vault.manager.put_secret_value(SecretId=sender.vault.arn, SecretString=text or " ")
    for refresh in (False, True):
        with pytest.raises(NotConfigured, match="no access token"):
            sender.access(refresh=refresh)


def test_a_secret_that_cannot_be_read_is_told() -> None:
    with mock_aws():
        tokens = AccessTokens(moto_client("secretsmanager"), lambda: "no-such-secret")
        for refresh in (False, True):
            with pytest.raises(Unavailable, match="cannot be read"):
                tokens.access(refresh=refresh)


@dataclass
class Wire:
    """Zalo takes one access token."""

    valid: str
    sent: list[str] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        token = request.headers["access_token"]
        self.sent.append(token)
        if token != self.valid:
            return HttpResponse(200, b'{"error": -124, "message": "Access token is invalid"}')
        return HttpResponse(200, json.dumps({"error": 0, "data": {"msg_id": "m"}}).encode())


def test_a_send_meets_a_rotation_and_is_sent(sender: Sender) -> None:
    """Zalo has ended the old token; the new one is kept a moment later."""
    wire = Wire("access-1")
    placing = ProviderCaller(Zalo("https://example.test", "oa"), wire.send, sender.tokens)
    version = sender.vault.stage()
    sender.meanwhile[2] = lambda: sender.put("access-1", version)
    outcome = placing.call(ORDER, "dlv_1", placing.credential(ORDER))
    assert outcome == Accepted("m")
    assert wire.sent == ["access-0", "access-1"]


def test_a_send_with_a_token_that_is_refused_for_good_is_tried_twice_and_no_more(
    sender: Sender,
) -> None:
    wire = Wire("another")
    placing = ProviderCaller(Zalo("https://example.test", "oa"), wire.send, sender.tokens)
    outcome = placing.call(ORDER, "dlv_1", placing.credential(ORDER))
    assert outcome == Rejected("unauthorized")
    assert wire.sent == ["access-0", "access-0"]
