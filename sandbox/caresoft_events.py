"""CareSoft's webhook: the event ``ticket.inbox_zalo_zns``, signed.

CareSoft's documentation gives the header (``X-Hub-Signature``, HMAC-SHA1 of the body in hexadecimal
upper case) and the form that all its events have; it does not say what this one holds. So what is
played here is that form with a ticket and its requester, and no status of the message unless one is
asked for: ``delivery_status`` is a name of ours.
"""

import hmac
import json
from collections.abc import Mapping

from sandbox.cdr import Message
from sandbox.courier import Letter
from sandbox.ledger import now
from sandbox.settings import Settings
from sandbox.wire import Json

PROVIDER = "caresoft"
SIGNATURE_HEADER = "X-Hub-Signature"


def fields_of(ticket: str, phone: str | None, status: str | None) -> dict[str, Json]:
    """Give an event of a ticket; ``phone`` is E.164."""
    fields: dict[str, Json] = {
        "ticket_id": int(ticket) if ticket.isdecimal() else ticket,
        "ticket_status": "new",
        "ticket_source": "inbox_zalo_zns",
        "ticket_comment": {"is_public": 1},
    }
    if phone is not None:
        fields["requester"] = {"phone_no": "0" + phone.removeprefix("+84")}
    if status is not None:
        fields["delivery_status"] = status
    return {"object": "ticket", "action": "create", "created_at": now(), "ticket": fields}


def letter(
    fields: Mapping[str, Json] | str,
    phone: str | None,
    epoch: int,
    settings: Settings,
    headers: Mapping[str, str] | None = None,
) -> Letter:
    """Write an event, or any text, and sign it; ``headers`` go before the signature."""
    body = fields if isinstance(fields, str) else json.dumps(fields, separators=(",", ":"))
    signature = {SIGNATURE_HEADER: signature_of(body, settings.caresoft_webhook_secret)}
    message = Message("POST", "application/json", body)
    return Letter(message, phone, epoch, headers=signature | dict(headers or {}), provider=PROVIDER)


def signature_of(body: str, secret: str) -> str:
    """Sign a body as CareSoft does."""
    return hmac.new(secret.encode(), body.encode(), "sha1").hexdigest().upper()
