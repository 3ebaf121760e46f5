"""Checks webhooks by Standard Webhooks, and reads their events."""

import json
import re
from collections.abc import Mapping
from typing import get_args

from standardwebhooks import Webhook, WebhookVerificationError

from ringpass_client.generated.models import Event, KnownEvent

_CLASSES: Mapping[str, type[KnownEvent]] = {kind.__name__: kind for kind in get_args(KnownEvent)}


class InvalidWebhook(Exception):
    """The request is not from your Ringpass, is too old, or was altered: answer 400."""


def verify_webhook(
    body: bytes | str, headers: Mapping[str, str], secret: str
) -> KnownEvent | Event:
    """Check a webhook's signature and age (five minutes), and read its event.

    Args:
        body: The request's body as it came: the very bytes, not parsed JSON.
        headers: The request's headers.
        secret: The endpoint's secret, ``whsec_...``.

    Returns:
        An event of its type's class, such as ``VerificationApprovedEvent``; an ``Event`` of a type
        that is newer than this client.

    Raises:
        InvalidWebhook: The request is not from your Ringpass, is too old, or was altered.
    """
    webhook = Webhook(secret)
    try:
        webhook.verify(body, dict(headers), json_parse=False)
        event = json.loads(body)
    # A header in no form at all is a ValueError, as is a body that is no text.
    except (WebhookVerificationError, ValueError) as error:
        raise InvalidWebhook(str(error)) from error
    name = "".join(word.title() for word in re.split(r"[._]", event["type"])) + "Event"
    return _CLASSES.get(name, Event).from_dict(event)
