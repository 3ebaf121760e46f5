"""A small stack in moto, and what sign-in servers use of it."""

import pytest

from ringpass.sign_in.hooks.receiver import HookReceiver
from ringpass.sign_in.starter import SignInStarter
from tests.moto_table import moto_client, table
from tests.sign_in.hook_requests import SECRETS
from tests.world import World, world

__all__ = ["table", "world"]


@pytest.fixture
def starter(world: World) -> SignInStarter:
    return SignInStarter(world.starts, world.secrets, world.clock)


@pytest.fixture
def receiver(world: World, starter: SignInStarter) -> HookReceiver:
    moto_client("secretsmanager").create_secret(Name="sign_in", SecretString="{}")
    world.put_secret("sign_in", **SECRETS)
    return HookReceiver(world.secrets, starter, world.clock)
