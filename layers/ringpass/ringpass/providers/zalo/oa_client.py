"""Client of Zalo's OA API: calls between an OA and its customers, and the OA's own messages.

    POST <base>/v2.0/oa/call/requestconsent  {"phone": "84773543888", "call_type": "audio",
                                              "reason_code": 101}
    GET  <base>/v2.0/oa/call/checkconsent?data={"phone":"84773543888"}
    POST <base>/v3.0/oa/call/outbound        {"user_id": "...", "call_type": "audio",
                                              "agent_id": "..."}
    POST <base>/v3.0/oa/message/cs           {"recipient": {"user_id": "..."},
                                              "message": {"text": "..."}}
    GET  <base>/v3.0/oa/call/getmccinfo

The token is in the header ``access_token``. A response has HTTP 200 for errors, too:
``{"error": 9, "message": "...", "expired_time": 1764000000000}``; numbers may be text.
Source: Zalo's reference of its OA API, and public clients of it.

A request with an effect (for consent, a message) is sent once. It is retried once only if Zalo
refused the token, so that it had no effect. A response that is not readable is ``Unknown``: only a
response that says so counts as a customer's consent.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import UNAUTHORIZED, Rejected, Unknown
from ringpass.phone import Phone
from ringpass.providers.base import (
    HttpRequest,
    HttpResponse,
    NoResponse,
    json_object,
    json_post,
    outcome_by_status,
)
from ringpass.providers.zalo.access_token import AccessTokens
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.zns_client import data_of, error_of
from ringpass.redaction import Secret

WORDS: Final[Mapping[int, str]] = {
    0: "approved",
    1: "already_allowed",
    2: "request_sent",
    3: "rejected",
    4: "blocked",
    5: "too_many_requests",
    6: "insufficient_permissions",
    7: "reason_required",
    8: "waiting",
    9: "never_interacted",
    10: "bad_connection",
    11: "bad_request",
    12: "system_error",
    13: "bad_parameter",
    14: "failed",
    16: "expired",
    18: "outside_working_hours",
    19: "time_not_permitted",
    20: "never_requested",
    21: "inbound_off",
    # Errors of all of Zalo's OA API.
    -32: "rate_limited",
    -124: UNAUTHORIZED,
    -216: UNAUTHORIZED,
    -211: "quota_used_up",
    -213: "never_interacted",
    -221: "oa_not_verified",
    -224: "package_required",
    -230: "not_interacted_lately",
}
"""Our words for Zalo's error numbers. 15, 17 and all others are not documented."""

# Errors on the way: the request may have been carried out all the same.
_LEAVES_OPEN: Final = frozenset({10, 12})
# States of a consent in responses of ``checkconsent``. A 0 of ``requestconsent`` means only that
# the request was accepted.
_CONSENT_STATES: Final = frozenset({0, 1, 2, 3, 4, 8, 16, 20})
# Numbers of ``requestconsent`` that are no error.
_REQUEST_STATES: Final = frozenset({0, 1, 2, 8})
_SECONDS: Final = re.compile(r"[1-9][0-9]{0,8}")
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_LINK: Final = re.compile(r"https?://[\x21-\x7e]{1,2000}")
# Zalo's documented lifetime of a call link; a longer one is cut to this.
MAX_LINK_LIFETIME: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Done[T]:
    """Zalo carried the request out; ``value`` is its result."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """Zalo definitely did not carry the request out.

    Attributes:
        number: Zalo's error number; None for a refusal by HTTP status, or a failed connect.
        reason: Our word for it.
    """

    number: int | None
    reason: str


type ZaloResult[T] = Done[T] | Refused | Unknown
"""``Unknown``: the request may have been carried out. It is never sent again."""


@dataclass(frozen=True, slots=True)
class ConsentResult:
    """State of a consent, as Zalo reports it.

    Attributes:
        number: Its number; ``WORDS`` has the words.
        expires: Text of ``expired_time``: milliseconds since 1970, 0 without an end; None if it
            is missing.
    """

    number: int
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class CallLink:
    """Link that calls a customer when an agent opens it.

    Attributes:
        url: The link. Anyone who has it can call.
        ttl: How long it is valid from now on.
    """

    url: Secret
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class MccAgent:
    """An agent of the OA, as configured at Zalo."""

    agent_id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class ZaloOaClient:
    """Client of Zalo's OA API.

    Attributes:
        base_url: Origin of Zalo's OA API.
        transmit: Sends one request; ``Transport.send``.
        tokens: The access token.
    """

    base_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse] = field(repr=False)
    tokens: AccessTokens = field(repr=False)

    def request_consent(
        self, phone: Phone, call_type: CallType, reason_code: int
    ) -> ZaloResult[ConsentResult]:
        """Ask the customer for a consent to calls. Costs a fee.

        ``Done`` with 0 and 2: the request was sent. With 8: an earlier one waits for an answer.
        With 1: calls are already allowed.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        body = {"phone": phone.digits, "call_type": str(call_type), "reason_code": reason_code}
        return self._call(
            self._post("/v2.0/oa/call/requestconsent", body),
            lambda reply: _consent(reply, _REQUEST_STATES),
        )

    def check_consent(self, phone: Phone) -> ZaloResult[ConsentResult]:
        """Read the state of the consent; costs nothing.

        ``Done`` with 0 and 1: allowed. 2, 8: not answered yet. 3: refused, 4: blocked, 16: expired,
        20: never requested.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        query = urlencode({"data": json.dumps({"phone": phone.digits}, separators=(",", ":"))})
        request = self._get(f"/v2.0/oa/call/checkconsent?{query}")
        return self._call(request, lambda reply: _consent(reply, _CONSENT_STATES))

    def create_call_link(
        self, user_id: str, call_type: CallType, agent_id: str | None
    ) -> ZaloResult[CallLink]:
        """Create a link by which this agent calls this customer. No phone rings yet.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        body = {"user_id": user_id, "call_type": str(call_type)}
        if agent_id is not None:
            body["agent_id"] = agent_id
        return self._call(self._post("/v3.0/oa/call/outbound", body), _link)

    def send_message(self, user_id: str, text: str) -> ZaloResult[str | None]:
        """Send a customer a text message from the OA; returns Zalo's id of it, if it has one.

        Raises:
            Unavailable: The access token cannot be read; nothing was sent.
        """
        body = {"recipient": {"user_id": user_id}, "message": {"text": text}}
        return self._call(self._post("/v3.0/oa/message/cs", body), _message_id)

    def list_agents(self) -> ZaloResult[tuple[MccAgent, ...]]:
        """List the OA's agents, as configured at Zalo.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        return self._call(self._get("/v3.0/oa/call/getmccinfo"), _agents)

    def _post(self, path: str, body: Mapping[str, Any]) -> Callable[[Secret], HttpRequest]:
        return lambda token: json_post(self.base_url + path, {"access_token": token.reveal()}, body)

    def _get(self, path: str) -> Callable[[Secret], HttpRequest]:
        return lambda token: HttpRequest(
            self.base_url + path,
            {"Accept": "application/json", "access_token": token.reveal()},
            b"",
            method="GET",
        )

    def _call[T](
        self,
        build_request: Callable[[Secret], HttpRequest],
        read: Callable[[Mapping[str, Any]], ZaloResult[T]],
    ) -> ZaloResult[T]:
        result = self._call_once(build_request(self.tokens.access()), read)
        if not isinstance(result, Refused) or result.reason != UNAUTHORIZED:
            return result
        try:
            fresh = self.tokens.access(refresh=True)
        except Unavailable:
            logger().exception("zalo token not fetched anew")
            return result
        return self._call_once(build_request(fresh), read)

    def _call_once[T](
        self, request: HttpRequest, read: Callable[[Mapping[str, Any]], ZaloResult[T]]
    ) -> ZaloResult[T]:
        response = self.transmit(request)
        if isinstance(response, NoResponse):
            return Unknown(response.reason) if response.sent else Refused(None, response.reason)
        body = json_object(response)
        if response.is_success and body is not None:
            return read(body)
        outcome = outcome_by_status(response)
        if isinstance(outcome, Rejected):
            return Refused(None, outcome.reason)
        return Unknown(getattr(outcome, "reason", "unreadable_reply"))


def _consent(body: Mapping[str, Any], states: frozenset[int]) -> ZaloResult[ConsentResult]:
    error = error_of(body)
    if error in states and error is not None:
        return Done(ConsentResult(error, _expired_time(body)))
    return _refusal(error)


def _link(body: Mapping[str, Any]) -> ZaloResult[CallLink]:
    # The documented response has no ``error`` at all.
    if (error := error_of(body)) or ("error" in body and error is None):
        return _refusal(error)
    data = data_of(body)
    url = data.get("call_link")
    if not isinstance(url, str) or not _LINK.fullmatch(url):
        return Unknown("unreadable_reply")
    return Done(CallLink(Secret(url), _lifetime(data.get("ttl"))))


def _message_id(body: Mapping[str, Any]) -> ZaloResult[str | None]:
    if (error := error_of(body)) != 0:
        return _refusal(error)
    return Done(_id_in(data_of(body), "message_id"))


def _agents(body: Mapping[str, Any]) -> ZaloResult[tuple[MccAgent, ...]]:
    if (error := error_of(body)) or ("error" in body and error is None):
        return _refusal(error)
    data = data_of(body) or body
    items = data.get("agents")
    if not isinstance(items, list):
        return Unknown("unreadable_reply")
    agents: list[MccAgent] = []
    for item in items:
        fields = item if isinstance(item, dict) else {}
        agent_id, name = _id_in(fields, "agent_id"), fields.get("agent_name")
        if agent_id is not None:
            agents.append(MccAgent(agent_id, name if isinstance(name, str) else None))
    return Done(tuple(agents))


def _refusal(error: int | None) -> Refused | Unknown:
    """Returns the result for an error number; ``Unknown`` if it is not documented."""
    if error is None:
        return Unknown("unreadable_reply")
    word = WORDS.get(error)
    if word is None or error in _LEAVES_OPEN:
        return Unknown(f"zalo_error_{error}")
    return Refused(error, word)


def _expired_time(body: Mapping[str, Any]) -> str | None:
    """Returns ``expired_time``, at the top or in ``data``; callers interpret it."""
    value = body.get("expired_time", data_of(body).get("expired_time"))
    if isinstance(value, bool) or not isinstance(value, (int, str, float)):
        return None
    return str(value)


def _lifetime(ttl: object) -> timedelta:
    if isinstance(ttl, bool) or not _SECONDS.fullmatch(str(ttl)):
        return MAX_LINK_LIFETIME
    return min(MAX_LINK_LIFETIME, timedelta(seconds=int(str(ttl))))


def _id_in(fields: Mapping[str, Any], name: str) -> str | None:
    """Returns an id, which may be a number, as text."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return str(value) if _ID.fullmatch(str(value)) else None
