"""Provider interface, HTTP request and response, and what a response means by its status alone.

A response means accepted only if it says so, and rejected only if it definitely refuses. Everything
else after a request has left us is unknown: the call may have been placed.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol
from unicodedata import normalize

from ringpass.outcomes import BILLING, UNAUTHORIZED, ProviderResponse, Rejected, Unknown
from ringpass.providers.facts import ProviderFacts
from ringpass.providers.orders import Order
from ringpass.redaction import Secret


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """HTTP request to a provider. Headers and body hold secrets, so they do not print.

    ``server_name`` is the name in the server's certificate, where the URL has an address instead.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """HTTP request as a guide shows it: placeholders for what its reader fills in."""

    endpoint: str
    headers: Mapping[str, str] = field(repr=False)
    data: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """HTTP response of a provider. The body may repeat a code, so it does not print.

    ``retry_after`` is the header ``Retry-After``, as it stands there.
    """

    status: int
    body: bytes = field(repr=False)
    retry_after: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class NoResponse:
    """No readable response.

    Attributes:
        reason: ``timeout``, ``connection_cut`` or ``connect_failed``.
        sent: Whether any byte of the request can have reached the provider.
    """

    reason: str
    sent: bool = True


class Provider[O: Order](Protocol):
    """Adapter of one provider: it knows its HTTP API, and neither the table nor other providers."""

    @property
    def facts(self) -> ProviderFacts:
        """What the provider is like."""

    @property
    def is_set_up(self) -> bool:
        """Whether the stack's parameters hold all that this provider needs besides its secret."""

    def carries(self, order: O) -> bool:
        """Whether the order has all that this provider needs."""

    def secret_of(self, order: O) -> tuple[str, str]:
        """Location of the credential: the secret's name, and the field in it."""

    def request(self, order: O, delivery_id: str, credential: Secret) -> HttpRequest:
        """HTTP request that places the order."""

    def outcome(self, order: O, response: HttpResponse) -> ProviderResponse:
        """Outcome that the provider's response means."""


# Statuses that mean a refusal whatever the body says: the request was not processed.
_REJECTED_STATUSES: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED: BILLING,
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}
# Words for "your account has no money" in the providers' languages. As a part of a field's name
# (``params.payment_code``) they do not count.
_BILLING_WORDS: Final = re.compile(
    r"(?<![\w.])(?:billing|balance|insufficient|payment|funds|баланс|средств|(?:не)?опла[тч]|"
    r"thanh toán|số dư|hết tiền|không đủ tiền|nạp tiền)(?!\w*[_.]\w)",
    re.IGNORECASE,
)
# 4xx statuses that leave open whether an earlier copy of the request was processed.
_AMBIGUOUS: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY}
)


def json_post(url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> HttpRequest:
    """Builds a JSON POST; text is sent as UTF-8, not as escapes."""
    return HttpRequest(
        url,
        {"Accept": "application/json", "Content-Type": "application/json", **headers},
        json.dumps(body, ensure_ascii=False).encode(),
    )


def classify(
    response: HttpResponse | NoResponse, read: Callable[[HttpResponse], ProviderResponse]
) -> ProviderResponse:
    """Returns the outcome of an exchange; ``read`` classifies a response that came."""
    if isinstance(response, NoResponse):
        return Unknown(response.reason) if response.sent else Rejected(response.reason)
    return read(response)


def json_object(response: HttpResponse) -> Mapping[str, Any] | None:
    """Returns the body if it is a JSON object, whatever the content type says; else None."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def rejection(body: Mapping[str, Any] | None) -> Rejected:
    """Returns the rejection for a refusing body; ``billing`` if it mentions our account's money.

    No provider documents its error codes, so only the text decides.
    """
    return Rejected(BILLING if _mentions_billing(body) else "refused")


def outcome_by_status(response: HttpResponse) -> ProviderResponse:
    """Returns the outcome, by HTTP status, of a response that did not say "accepted".

    A 4xx is the provider's own refusal only with a JSON object: HTML comes from a proxy in between.
    """
    reason = _REJECTED_STATUSES.get(response.status)
    if reason:
        return Rejected(reason)
    is_refusal = HTTPStatus.BAD_REQUEST <= response.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if (
        is_refusal
        and response.status not in _AMBIGUOUS
        and (body := json_object(response)) is not None
    ):
        return Rejected(BILLING if _mentions_billing(body) else f"http_{response.status}")
    if response.is_success:
        return Unknown("unreadable_reply")
    return Unknown(f"http_{response.status}")


def _mentions_billing(body: object) -> bool:
    """Whether a text in a body, at any depth, has a billing word; names of fields do not count."""
    nodes = [body]
    while nodes:
        match nodes.pop():
            case str(text) if _BILLING_WORDS.search(normalize("NFC", text)):
                return True
            case dict(fields):
                nodes += fields.values()
            case list(values):
                nodes += values
    return False
