"""Supabase Auth: the Send SMS hook.

Sources: https://supabase.com/docs/guides/auth/auth-hooks/send-sms-hook and ``auth-hooks``, and the
server itself (https://github.com/supabase/auth, ``internal/hooks``). It signs by Standard Webhooks,
with every secret that it has (``v1,<signature>, v1,<signature>``), waits five seconds in all, and
sends the same body up to three times, each time with a new ``webhook-id``. It reads an error's text
in an answer with 200 only, and repeats a request that is answered 503 with ``Retry-After``.
"""

from datetime import datetime

from standardwebhooks.webhooks import (
    EmptyWebhookSecretError,
    Webhook,
    WebhookVerificationError,
)

from ringpass.errors import ApiError, Unavailable
from ringpass.http.router import Request, Response
from ringpass.redaction import Secret
from ringpass.sign_in.hooks.hook import Hook

SIGNATURE = "webhook-signature"


def _is_signed(request: Request, secret: Secret, _now: datetime) -> bool:
    # The specification separates signatures by a blank alone.
    signatures = request.headers.get(SIGNATURE, "").replace(", ", " ")
    try:
        webhook = Webhook(secret.reveal().removeprefix("v1,"))
        webhook.verify(request.body, {**request.headers, SIGNATURE: signatures}, json_parse=False)
    except (WebhookVerificationError, EmptyWebhookSecretError, ValueError):
        # ValueError: the header, the body or the secret is not of the form that it should have.
        return False
    return True


def _refusal(error: ApiError) -> Response:
    if isinstance(error, Unavailable):
        return Response(_error(error), error.status, {"Retry-After": str(error.retry_after or 1)})
    return Response(_error(error))


def _error(error: ApiError) -> dict[str, object]:
    fields = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors]
    return {"error": {"http_code": error.status, "message": " ".join([error.detail, *fields])}}


HOOK = Hook(
    server="supabase",
    fields={
        # ``sms.phone`` is the new number of a user who changes it; older servers do not send it.
        "phone": ("sms.phone", "user.phone"),
        "code": ("sms.otp",),
    },
    is_authentic=_is_signed,
    refusal=_refusal,
)
