"""Creates the cache of Zalo's access token and the quota meter; sends no requests to Zalo."""

from functools import cache

from ringpass.aws import session
from ringpass.providers.quota_store import QuotaRepository
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.facts import ZALO
from ringpass.providers.zalo.quota_meter import QuotaMeter
from ringpass.wiring import stack


@cache
def access_tokens() -> AccessTokens:
    """Returns the cache of Zalo's access token."""
    return AccessTokens(
        session.client("secretsmanager"), lambda: stack.settings().secret("zalo_token")
    )


@cache
def quota_meter() -> QuotaMeter:
    """Returns the meter of the OA's remaining quota."""
    return QuotaMeter(QuotaRepository(stack.table(), ZALO.name, stack.settings().zalo_oa_id))
