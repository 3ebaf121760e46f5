"""Logto: the HTTP SMS connector.

Sources: https://docs.logto.io/integrations/http-sms and the connector itself
(https://github.com/logto-io/logto, ``packages/connectors/connector-http-sms``). It sends the header
``Authorization`` that the connector is set up with, signs nothing, and sends a request once. It
needs a 2xx; another answer's body becomes the text of Logto's error.
"""

from datetime import datetime

from ringpass.http import webhook_auth
from ringpass.http.router import Request
from ringpass.redaction import Secret
from ringpass.sign_in.hooks.hook import Hook


def _has_token(request: Request, secret: Secret, _now: datetime) -> bool:
    return webhook_auth.is_valid(request.headers.get("authorization", ""), [secret])


HOOK = Hook(
    server="logto",
    fields={"phone": ("to",), "code": ("payload.code",)},
    is_authentic=_has_token,
)
