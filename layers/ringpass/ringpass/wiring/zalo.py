"""Makes what knows Zalo's access token and quotas without asking Zalo."""

from functools import cache

from ringpass.aws import session
from ringpass.providers.zalo.access_token import Tokens
from ringpass.providers.zalo.quota_meter import Quotas
from ringpass.providers.zalo.quota_store import SenderQuotas
from ringpass.wiring import stack


@cache
def access_tokens() -> Tokens:
    """Zalo's access token."""
    return Tokens(session.client("secretsmanager"), lambda: stack.settings().secret("zalo_token"))


@cache
def quota_meter() -> Quotas:
    """What the OA may still send."""
    return Quotas(SenderQuotas(stack.table(), "zalo", stack.settings().zalo_oa_id))
