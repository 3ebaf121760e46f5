"""Zalo's second witness: whether a message has arrived, where no event told it.

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
from ringpass.providers.zalo.zns_client import data_of, error_of, refusal
from ringpass.redaction import Secret

# So many are asked about in one run; the others in the next one.
_MOST_AT_ONCE: Final = 100
_MEANS: Final[Mapping[str, tuple[Status, str] | None]] = {
    "1": (Status.DELIVERED, ARRIVED),
    "0": None,
    "-1": (Status.UNKNOWN, "message_not_found"),
}


@dataclass(frozen=True, slots=True)
class ZaloStatus:
    """Asks Zalo about messages.

    Attributes:
        base_url: Origin of Zalo's business API.
        transmit: Sends one request; ``Transport.send``.
        tokens: The access token.
    """

    base_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    tokens: AccessTokens

    provider: ClassVar[str] = "zalo"

    def ask(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[str, Sequence[Fact]]:
        """What Zalo says of messages, by their deliveries' ids.

        Of one whose reply never came Zalo's id is not known: nothing can be asked, and nothing is
        said of it. Once Zalo cannot be asked, the others are left for the next run.

        Raises:
            Unavailable: The secret cannot be read.
        """
        found: dict[str, Sequence[Fact]] = {
            delivery.id: () for delivery in deliveries if delivery.provider_ref is None
        }
        known = [delivery for delivery in deliveries if delivery.provider_ref is not None]
        for delivery in known[:_MOST_AT_ONCE]:
            said = self._ask(delivery)
            if isinstance(said, (Rejected, Unknown)):
                logger().warning("zalo status not told", reason=said.reason)
                break
            means = _MEANS.get(str(said))
            details = {"provider_ref": delivery.provider_ref}
            found[delivery.id] = (
                [Fact(to_text(now), means[0], means[1], Source.CDR, details)] if means else ()
            )
        return found

    def _ask(self, delivery: Delivery) -> str | ProviderResponse:
        """The status as Zalo writes it, or why it says none."""
        said = self._ask_with(delivery, self.tokens.access())
        if said == Rejected(UNAUTHORIZED):
            said = self._ask_with(delivery, self.tokens.access(refresh=True))
        return said

    def _ask_with(self, delivery: Delivery, access_token: Secret) -> str | ProviderResponse:
        answer = self.transmit(status_request(self.base_url, delivery, access_token))
        if isinstance(answer, NoResponse):
            return Unknown(answer.reason)
        body = json_object(answer)
        error = error_of(body)
        if answer.is_success and body is not None and error == 0:
            return str(data_of(body).get("status"))
        return refusal(answer, error)


def status_request(base_url: str, delivery: Delivery, access_token: Secret) -> HttpRequest:
    """Asks what became of one message."""
    query = {"message_id": delivery.provider_ref or "", "phone": delivery.phone.removeprefix("+")}
    return HttpRequest(
        f"{base_url}/message/status?{urlencode(query)}",
        {"Accept": "application/json", "access_token": access_token.reveal()},
        b"",
        method="GET",
    )
