"""Creates the rotation of Zalo's tokens."""

from datetime import timedelta
from functools import cache

from ringpass.aws import session
from ringpass.aws.secret_rotation import SecretVersions
from ringpass.clock import utc_now
from ringpass.config import ZALO_ROTATION_TIMEOUT_SECONDS
from ringpass.providers.zalo.facts import ZALO
from ringpass.providers.zalo.refresh_lock import RefreshLock
from ringpass.providers.zalo.token_rotation import TokenRotation
from ringpass.wiring import providers, stack, zalo


@cache
def token_rotation() -> TokenRotation:
    """Returns the rotation of Zalo's tokens."""
    settings, manager = stack.settings(), session.client("secretsmanager")
    return TokenRotation(
        versions=SecretVersions(manager, settings.secret("zalo_token")),
        lock=RefreshLock(stack.table(), timedelta(seconds=ZALO_ROTATION_TIMEOUT_SECONDS + 5)),
        quotas=zalo.quota_meter(),
        app_id=settings.zalo_app_id,
        app_secret=lambda: stack.secrets().value(ZALO.name, "app_secret"),
        oauth_url=settings.zalo_oauth_url,
        api_url=settings.zalo_base_url,
        transmit=providers.transport().send,
        clock=utc_now,
    )
