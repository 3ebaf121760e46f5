"""Makes what knows Zalo's access token and quotas without asking Zalo."""

from functools import cache

from ringpass.aws import session
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.quota_meter import QuotaMeter
from ringpass.providers.zalo.quota_store import QuotaRepository
from ringpass.wiring import stack


@cache
def access_tokens() -> AccessTokens:
    """Zalo's access token."""
    return AccessTokens(
        session.client("secretsmanager"), lambda: stack.settings().secret("zalo_token")
    )


@cache
def quota_meter() -> QuotaMeter:
    """What the OA may still send."""
    return QuotaMeter(QuotaRepository(stack.table(), "zalo", stack.settings().zalo_oa_id))
