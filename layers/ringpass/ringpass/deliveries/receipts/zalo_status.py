"""Status poller of Zalo: asks whether a message has arrived, where no event came.

GET <base>/message/status?message_id=...&phone=84... with the header ``access_token`` answers
``{"error": 0, "data": {"status": 1, "delivery_time": "...", "message": "..."}}``: 1 it has arrived,
0 not yet, -1 there is no such message. Source: Zalo's ZNS reference, and public clients of it. How
long Zalo keeps a message is not documented.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import urlencode

from ringpass.clock import to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.zalo import ARRIVED
from ringpass.observability import logger
from ringpass.outcomes import UNAUTHORIZED, ProviderResponse, Rejected, Status, Unknown
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, json_object
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.facts import ZALO
from ringpass.providers.zalo.zns_client import data_of, error_of, refusal
from ringpass.redaction import Secret

# So many messages are polled in one run; the others in the next one.
_MAX_POLLS: Final = 100
_MEANINGS: Final[Mapping[str, tuple[Status, str] | None]] = {
    "1": (Status.DELIVERED, ARRIVED),
    "0": None,
    "-1": (Status.UNKNOWN, "message_not_found"),
}


@dataclass(frozen=True, slots=True)
class ZaloStatus:
    """Polls Zalo for the status of messages.

    Attributes:
        base_url: Origin of Zalo's business API.
        transmit: Sends one request; ``Transport.send``.
        tokens: The access token.
    """

    base_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    tokens: AccessTokens

    provider: ClassVar[str] = ZALO.name

    def poll(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[str, Sequence[Fact]]:
        """Poll Zalo for messages; returns facts by delivery id.

        A message whose reply never came cannot be polled, as Zalo's id of it is not known: it gets
        no facts. If Zalo does not answer, the others are left for the next run.

        Raises:
            Unavailable: The secret cannot be read.
        """
        facts: dict[str, Sequence[Fact]] = {
            delivery.id: () for delivery in deliveries if delivery.provider_ref is None
        }
        with_ref = [delivery for delivery in deliveries if delivery.provider_ref is not None]
        for delivery in with_ref[:_MAX_POLLS]:
            status = self._read_status(delivery)
            if isinstance(status, (Rejected, Unknown)):
                logger().warning("zalo status not told", reason=status.reason)
                break
            meaning = _MEANINGS.get(str(status))
            details = {"provider_ref": delivery.provider_ref}
            facts[delivery.id] = (
                [Fact(to_text(now), meaning[0], meaning[1], Source.RECEIPT, details)]
                if meaning
                else ()
            )
        return facts

    def _read_status(self, delivery: Delivery) -> str | ProviderResponse:
        """Returns the status as Zalo writes it, or why there is none."""
        status = self._request_status(delivery, self.tokens.access())
        if status == Rejected(UNAUTHORIZED):
            status = self._request_status(delivery, self.tokens.access(refresh=True))
        return status

    def _request_status(self, delivery: Delivery, access_token: Secret) -> str | ProviderResponse:
        response = self.transmit(status_request(self.base_url, delivery, access_token))
        if isinstance(response, NoResponse):
            return Unknown(response.reason)
        body = json_object(response)
        error = error_of(body)
        if response.is_success and body is not None and error == 0:
            return str(data_of(body).get("status"))
        return refusal(response, error)


def status_request(base_url: str, delivery: Delivery, access_token: Secret) -> HttpRequest:
    """Request for the status of one message."""
    query = {"message_id": delivery.provider_ref or "", "phone": delivery.phone.removeprefix("+")}
    return HttpRequest(
        f"{base_url}/message/status?{urlencode(query)}",
        {"Accept": "application/json", "access_token": access_token.reveal()},
        b"",
        method="GET",
    )
