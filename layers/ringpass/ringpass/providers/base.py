"""What providers share: a request, an answer, and how far an HTTP status alone decides.

A reply is accepted only if it says so and rejected only if it definitely refuses. Everything else
that happens once a request has left us is unknown: the call may have been placed.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol
from unicodedata import normalize

from ringpass.outcomes import BILLING, UNAUTHORIZED, ProviderResponse, Rejected, Unknown
from ringpass.providers.orders import Order
from ringpass.redaction import Secret


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request to a provider. Headers and body hold secrets, so they do not print."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back; the body may repeat a code, so it does not print."""

    status: int
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class NoResponse:
    """Nothing readable came back.

    Attributes:
        why: ``timeout``, ``connection_cut`` or ``connect_failed``.
        sent: Whether any byte of the request can have reached the provider.
    """

    why: str
    sent: bool = True


class Provider[O: Order](Protocol):
    """A provider of a channel: knows its wire, and neither the table nor another provider."""

    @property
    def name(self) -> str:
        """The provider's name, also of its secret."""

    @property
    def regions(self) -> frozenset[str]:
        """Countries whose numbers it can reach."""

    @property
    def landlines(self) -> bool:
        """Whether it reaches landlines, too."""

    @property
    def is_set_up(self) -> bool:
        """Whether the stack's parameters have all that this provider needs beside its secret."""

    def carries(self, order: O) -> bool:
        """Whether the order has all that this provider needs."""

    def secret_of(self, order: O) -> tuple[str, str]:
        """Where the credential is: the secret's name, and the field in it."""

    def request(self, order: O, delivery_id: str, credential: Secret) -> HttpRequest:
        """Our order in the provider's form."""

    def outcome(self, order: O, answer: HttpResponse) -> ProviderResponse:
        """The provider's answer in our words."""


# Refusals by status alone: the request was turned away before it was looked at.
_TURNED_AWAY: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED: BILLING,
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}
# Words for "your account has no money" in the languages of the providers. In the name of a field
# (``params.payment_code``) they say nothing of our account.
_MONEY: Final = re.compile(
    r"(?<![\w.])(?:billing|balance|insufficient|payment|funds|баланс|средств|(?:не)?опла[тч]|"
    r"thanh toán|số dư|hết tiền|không đủ tiền|nạp tiền)(?!\w*[_.]\w)",
    re.IGNORECASE,
)
# 4xx that do not say whether an earlier copy of the request was carried out.
_AMBIGUOUS: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY}
)


def json_post(url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> HttpRequest:
    """A JSON POST; text goes out as UTF-8, not as escapes."""
    return HttpRequest(
        url,
        {"Accept": "application/json", "Content-Type": "application/json", **headers},
        json.dumps(body, ensure_ascii=False).encode(),
    )


def judge(
    answer: HttpResponse | NoResponse, read: Callable[[HttpResponse], ProviderResponse]
) -> ProviderResponse:
    """The outcome of an exchange; ``read`` judges an answer that came."""
    if isinstance(answer, NoResponse):
        return Unknown(answer.why) if answer.sent else Rejected(answer.why)
    return read(answer)


def json_object(answer: HttpResponse) -> Mapping[str, Any] | None:
    """The answer's body if it is a JSON object, whatever its content type claims."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def refused(body: Mapping[str, Any] | None) -> Rejected:
    """A refusal in the provider's own words; ``billing`` if they speak of our account's money.

    No provider documents its error codes, so the text is all there is to go by.
    """
    return Rejected(BILLING if _speaks_of_money(body) else "refused")


def by_status(answer: HttpResponse) -> ProviderResponse:
    """What an answer that did not say "accepted" amounts to by its HTTP status.

    A 4xx is the provider's own refusal only with a JSON object: HTML comes from something between.
    """
    turned_away = _TURNED_AWAY.get(answer.status)
    if turned_away:
        return Rejected(turned_away)
    refuses = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if refuses and answer.status not in _AMBIGUOUS and (body := json_object(answer)) is not None:
        return Rejected(BILLING if _speaks_of_money(body) else f"http_{answer.status}")
    if answer.is_success:
        return Unknown("unreadable_reply")
    return Unknown(f"http_{answer.status}")


def _speaks_of_money(body: object) -> bool:
    """Whether a text in a body does, at whatever depth; names of fields do not count."""
    left = [body]
    while left:
        match left.pop():
            case str(text) if _MONEY.search(normalize("NFC", text)):
                return True
            case dict(fields):
                left += fields.values()
            case list(values):
                left += values
    return False
