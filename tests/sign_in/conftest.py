"""A small stack in moto, and what sign-in servers use of it."""

import pytest

from ringpass.aws.secrets import Secrets
from ringpass.sign_in.hooks.receiver import HookReceiver
from ringpass.sign_in.starter import SignInStarter
from ringpass.verifications.codes import Codes
from tests.moto_table import moto_client, table
from tests.sign_in.hook_requests import SECRETS
from tests.world import World, world

__all__ = ["table", "world"]


@pytest.fixture
def secrets(world: World) -> Secrets:
    """Cached by the world's clock."""
    return Secrets(moto_client("secretsmanager"), lambda name: name, world.clock)


@pytest.fixture
def starter(world: World, secrets: Secrets) -> SignInStarter:
    return SignInStarter(world.starts, Codes(secrets), world.clock)


@pytest.fixture
def receiver(world: World, secrets: Secrets, starter: SignInStarter) -> HookReceiver:
    moto_client("secretsmanager").create_secret(Name="sign_in", SecretString="{}")
    world.put_secret("sign_in", **SECRETS)
    return HookReceiver(secrets, starter, world.clock)
