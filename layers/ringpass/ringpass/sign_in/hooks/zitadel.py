"""Zitadel: the HTTP SMS provider.

Sources: https://zitadel.com/docs/guides/manage/customize/notification-providers and the server
itself (https://github.com/zitadel/zitadel, ``internal/notification/channels/webhook`` and
``pkg/actions/signing.go``). ``ZITADEL-Signature`` is ``t=<Unix seconds>,v1=<hex>``, with a ``v1``
for each key: HMAC-SHA256 of ``<t>.<body>`` under the provider's signing key. It waits five seconds,
and sends a request again later unless it was answered 2xx.
"""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from ringpass.http.router import Request
from ringpass.redaction import Secret
from ringpass.sign_in.hooks.hook import Hook

# As ``DefaultTolerance`` of the server's own package.
_TOLERANCE: Final = timedelta(minutes=5)
_SECONDS: Final = re.compile("[0-9]{1,12}")


def _is_signed(request: Request, secret: Secret, now: datetime) -> bool:
    header = request.headers.get("zitadel-signature", "")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        return False
    if abs(now.timestamp() - int(times[0])) > _TOLERANCE.total_seconds():
        return False
    message = times[0].encode() + b"." + request.body
    expected = hmac.new(secret.reveal().encode(), message, sha256).hexdigest().encode()
    signatures = [value.encode(errors="replace") for name, _, value in parts if name == "v1"]
    return any([hmac.compare_digest(expected, one.lower()) for one in signatures])  # noqa: C419


HOOK = Hook(
    server="zitadel",
    fields={
        "phone": ("contextInfo.recipientPhoneNumber",),
        # ``code`` of a new phone number or password, ``oTP`` of a sign-in (the server turns the
        # first letter of its own names into a small one).
        "code": ("args.code", "args.oTP", "args.otp"),
    },
    is_authentic=_is_signed,
)
