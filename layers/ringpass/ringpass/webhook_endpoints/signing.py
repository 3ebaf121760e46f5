"""Signs webhooks by the Standard Webhooks specification 1.0.

An endpoint's secret is stored nowhere. It is derived from one secret of the stack, the endpoint's
id and the number of the rotation.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from standardwebhooks.webhooks import Webhook

from ringpass.ids import derived_key
from ringpass.redaction import Secret

_PREFIX: Final = "whsec_"


def endpoint_secret(key: Secret, endpoint_id: str, generation: int) -> Secret:
    """Returns the secret of an endpoint: ``whsec_`` and 32 bytes as base64.

    Args:
        key: The stack's secret for webhooks.
        endpoint_id: The endpoint.
        generation: The number of the secret, counted from 1.
    """
    message = f"{endpoint_id}/{generation}".encode()
    secret = hmac.digest(derived_key(key, "webhook endpoints"), message, "sha256")
    return Secret(_PREFIX + b64encode(secret).decode())


def signed_headers(
    secrets: Sequence[Secret], message_id: str, at: datetime, body: str
) -> dict[str, str]:
    """Returns the headers that a receiver checks.

    Args:
        secrets: Each signs: a receiver accepts a request if it knows one of them.
        message_id: The same for each try.
        at: The time of the try, in UTC.
        body: The body as it is sent.
    """
    signatures = [Webhook(secret.reveal()).sign(message_id, at, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
