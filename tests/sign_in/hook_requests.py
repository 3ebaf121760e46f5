"""Requests of sign-in servers, as their documentation and their source have them."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from ringpass.http.router import Request

PHONE: Final = "+79777777777"
CODE: Final = "4821"
SUPABASE_SECRET: Final = "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SUPABASE_SECRET: Final = "v1,whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
LOGTO_TOKEN: Final = "Bearer logto-token"
ZITADEL_KEY: Final = "zitadel-signing-key"
SECRETS: Final[dict[str, dict[str, object]]] = {
    "supabase": {"acme": [SUPABASE_SECRET, OLD_SUPABASE_SECRET]},
    "logto": {"acme": LOGTO_TOKEN, "rival": "Bearer rival"},
    "zitadel": {"acme": ZITADEL_KEY},
}

SUPABASE_BODY: Final[dict[str, Any]] = {
    "metadata": {
        "uuid": "8b938d21-4dbb-4a3c-9d4a-1d4f7e2b5c11",
        "time": "2026-11-21T08:30:00.5Z",
        "name": "send-sms",
        "ip_address": "203.0.113.7",
    },
    "user": {
        "id": "6481a5c1-3d37-4a56-9f6a-bee08c554965",
        "aud": "authenticated",
        "role": "authenticated",
        "email": "",
        "phone": PHONE,
        "phone_confirmed_at": "2024-05-13T11:52:48.157306Z",
        "confirmation_sent_at": "2024-05-14T12:31:52.824573Z",
        "app_metadata": {"provider": "phone", "providers": ["phone"]},
        "user_metadata": {},
        "is_anonymous": False,
    },
    "sms": {"otp": CODE},
}
LOGTO_BODY: Final[dict[str, Any]] = {
    "to": PHONE,
    "type": "SignIn",
    "payload": {"code": CODE},
    "ip": "203.0.113.7",
}
ZITADEL_BODY: Final[dict[str, Any]] = {
    "contextInfo": {
        "eventType": "user.human.phone.code.added",
        "provider": {"id": "285181292935381355", "description": "ringpass"},
        "recipientPhoneNumber": PHONE,
    },
    "templateData": {"title": "Verify phone", "text": "A phone number has been added."},
    "args": {"code": CODE, "userName": "Username", "lastPhone": PHONE, "verifiedPhone": ""},
}


def request(body: object, headers: dict[str, str]) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(path={}, query={}, raw_query="", headers=headers, body=raw, caller=None)


def supabase(
    body: object = SUPABASE_BODY,
    *secrets: str,
    at: datetime | None = None,
    message: str = "msg_1",
) -> Request:
    """Signed with each of the secrets, as `generateSignatures` of supabase/auth does it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    # The library compares with the time of the machine.
    at = at or datetime.now(UTC)
    signatures = [
        Webhook(secret.removeprefix("v1,")).sign(message, at.replace(tzinfo=None), raw.decode())
        for secret in secrets or (SUPABASE_SECRET,)
    ]
    headers = {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": ", ".join(signatures),
    }
    return request(raw, headers)


def logto(body: object = LOGTO_BODY, token: str = LOGTO_TOKEN) -> Request:
    return request(body, {"authorization": token})


def zitadel(body: object = ZITADEL_BODY, *keys: str, at: datetime) -> Request:
    """Signed with each of the keys, as `ComputeSignatureHeader` of zitadel/zitadel does it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    seconds = int(at.timestamp())
    signatures = [
        hmac.new(key.encode(), f"{seconds}.".encode() + raw, sha256).hexdigest()
        for key in keys or (ZITADEL_KEY,)
    ]
    header = ",".join([f"t={seconds}", *(f"v1={one}" for one in signatures)])
    return request(raw, {"zitadel-signature": header})
