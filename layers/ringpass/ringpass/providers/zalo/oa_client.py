"""Zalo's API of calls between an OA and its customers, and of the OA's own messages.

    POST <base>/v2.0/oa/call/requestconsent  {"phone": "84773543888", "call_type": "audio",
                                              "reason_code": 101}
    GET  <base>/v2.0/oa/call/checkconsent?data={"phone":"84773543888"}
    POST <base>/v3.0/oa/call/outbound        {"user_id": "...", "call_type": "audio",
                                              "agent_id": "..."}
    POST <base>/v3.0/oa/message/cs           {"recipient": {"user_id": "..."},
                                              "message": {"text": "..."}}
    GET  <base>/v3.0/oa/call/getmccinfo

The token stands alone in the header ``access_token``. A reply has HTTP 200 for errors, too:
``{"error": 9, "message": "...", "expired_time": 1764000000000}``; the numbers come as text as well.
Source: Zalo's reference of its OA API, and public clients of it.

What places something (a request for consent, a message) is sent once. Only a request whose token
was refused, which placed nothing, is made once more. Whatever is no readable answer is ``Unknown``:
no reply is ever taken for a customer's consent that does not say so itself.
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
    by_status,
    json_object,
    json_post,
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
    # What Zalo's whole OA API says.
    -32: "rate_limited",
    -124: UNAUTHORIZED,
    -216: UNAUTHORIZED,
    -211: "quota_used_up",
    -213: "never_interacted",
    -221: "oa_not_verified",
    -224: "package_required",
    -230: "not_interacted_lately",
}
"""Zalo's numbers in our words. Of 15, 17 and all others nothing is documented."""

# Words for trouble on the way: what was asked for may have been done all the same.
_LEAVES_OPEN: Final = frozenset({10, 12})
# What ``checkconsent`` answers with, as the state of a consent. 0 of ``requestconsent`` says only
# that the request was taken.
_STATES: Final = frozenset({0, 1, 2, 3, 4, 8, 16, 20})
# What ``requestconsent`` answers with where nothing went wrong.
_TAKEN: Final = frozenset({0, 1, 2, 8})
_SECONDS: Final = re.compile(r"[1-9][0-9]{0,8}")
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_LINK: Final = re.compile(r"https?://[\x21-\x7e]{1,2000}")
# As long as Zalo says that a call's link lives; a longer life is not believed.
LINK_LIFE: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Done[T]:
    """Zalo did what it was asked, and said this."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """Zalo definitely did not.

    Attributes:
        number: Zalo's number; None where it was told otherwise: by an HTTP status, or as no
            connection could be made.
        reason: The same in a word.
    """

    number: int | None
    reason: str


type ZaloResult[T] = Done[T] | Refused | Unknown
"""``Unknown``: what was asked may have been done. It is never asked for a second time."""


@dataclass(frozen=True, slots=True)
class ConsentResult:
    """What Zalo says of a consent.

    Attributes:
        number: Its number; ``WORDS`` has the words.
        expires: ``expired_time`` as it was written: milliseconds since 1970, 0 without an end;
            None if it was not said.
    """

    number: int
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class CallLink:
    """What calls a customer when an agent opens it.

    Attributes:
        url: The link. Whoever has it can call.
        ttl: How long it lives from now on.
    """

    url: Secret
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class MccAgent:
    """An agent of the OA as Zalo has it set up."""

    agent_id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class ZaloOaClient:
    """Asks Zalo.

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
        """Have the customer asked for a permission to call. Costs a fee.

        ``Done`` with 0 and 2: the request was sent. With 8: it waits for an answer already; with 1:
        calls are allowed already.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        body = {"phone": phone.digits, "call_type": str(call_type), "reason_code": reason_code}
        return self._ask(
            self._post("/v2.0/oa/call/requestconsent", body), lambda said: _consent(said, _TAKEN)
        )

    def check_consent(self, phone: Phone) -> ZaloResult[ConsentResult]:
        """What has become of the permission; costs nothing.

        ``Done`` with 0 and 1: allowed. 2, 8: not answered yet. 3: refused, 4: blocked, 16: over,
        20: never asked for.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        query = urlencode({"data": json.dumps({"phone": phone.digits}, separators=(",", ":"))})
        request = self._get(f"/v2.0/oa/call/checkconsent?{query}")
        return self._ask(request, lambda said: _consent(said, _STATES))

    def call_link(
        self, user_id: str, call_type: CallType, agent_id: str | None
    ) -> ZaloResult[CallLink]:
        """A link by which this agent calls this customer. Nobody's phone rings yet.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        body = {"user_id": user_id, "call_type": str(call_type)}
        if agent_id is not None:
            body["agent_id"] = agent_id
        return self._ask(self._post("/v3.0/oa/call/outbound", body), _link)

    def say(self, user_id: str, text: str) -> ZaloResult[str | None]:
        """Send a customer a text message from the OA; gives Zalo's id of it, if it has one.

        Raises:
            Unavailable: The access token cannot be read; nothing was sent.
        """
        body = {"recipient": {"user_id": user_id}, "message": {"text": text}}
        return self._ask(self._post("/v3.0/oa/message/cs", body), _message_id)

    def agents(self) -> ZaloResult[tuple[MccAgent, ...]]:
        """The OA's agents as they are set up at Zalo.

        Raises:
            Unavailable: The access token cannot be read; nothing was asked.
        """
        return self._ask(self._get("/v3.0/oa/call/getmccinfo"), _agents)

    def _post(self, path: str, body: Mapping[str, Any]) -> Callable[[Secret], HttpRequest]:
        return lambda token: json_post(self.base_url + path, {"access_token": token.reveal()}, body)

    def _get(self, path: str) -> Callable[[Secret], HttpRequest]:
        return lambda token: HttpRequest(
            self.base_url + path,
            {"Accept": "application/json", "access_token": token.reveal()},
            b"",
            method="GET",
        )

    def _ask[T](
        self,
        request: Callable[[Secret], HttpRequest],
        read: Callable[[Mapping[str, Any]], ZaloResult[T]],
    ) -> ZaloResult[T]:
        said = self._ask_once(request(self.tokens.access()), read)
        if not isinstance(said, Refused) or said.reason != UNAUTHORIZED:
            return said
        try:
            fresh = self.tokens.access(refresh=True)
        except Unavailable:
            logger().exception("zalo token not fetched anew")
            return said
        return self._ask_once(request(fresh), read)

    def _ask_once[T](
        self, request: HttpRequest, read: Callable[[Mapping[str, Any]], ZaloResult[T]]
    ) -> ZaloResult[T]:
        answer = self.transmit(request)
        if isinstance(answer, NoResponse):
            return Unknown(answer.why) if answer.sent else Refused(None, answer.why)
        body = json_object(answer)
        if answer.is_success and body is not None:
            return read(body)
        outcome = by_status(answer)
        if isinstance(outcome, Rejected):
            return Refused(None, outcome.reason)
        return Unknown(getattr(outcome, "reason", "unreadable_reply"))


def _consent(body: Mapping[str, Any], states: frozenset[int]) -> ZaloResult[ConsentResult]:
    error = error_of(body)
    if error in states and error is not None:
        return Done(ConsentResult(error, _written(body)))
    return _refusal(error)


def _link(body: Mapping[str, Any]) -> ZaloResult[CallLink]:
    # The documented reply has no ``error`` at all.
    if (error := error_of(body)) or ("error" in body and error is None):
        return _refusal(error)
    data = data_of(body)
    url = data.get("call_link")
    if not isinstance(url, str) or not _LINK.fullmatch(url):
        return Unknown("unreadable_reply")
    return Done(CallLink(Secret(url), _life(data.get("ttl"))))


def _message_id(body: Mapping[str, Any]) -> ZaloResult[str | None]:
    if (error := error_of(body)) != 0:
        return _refusal(error)
    return Done(_id_in(data_of(body), "message_id"))


def _agents(body: Mapping[str, Any]) -> ZaloResult[tuple[MccAgent, ...]]:
    if (error := error_of(body)) or ("error" in body and error is None):
        return _refusal(error)
    data = data_of(body) or body
    listed = data.get("agents")
    if not isinstance(listed, list):
        return Unknown("unreadable_reply")
    found: list[MccAgent] = []
    for one in listed:
        fields = one if isinstance(one, dict) else {}
        agent_id, name = _id_in(fields, "agent_id"), fields.get("agent_name")
        if agent_id is not None:
            found.append(MccAgent(agent_id, name if isinstance(name, str) else None))
    return Done(tuple(found))


def _refusal(error: int | None) -> Refused | Unknown:
    """What a number says that is no success; one that is not documented leaves it open."""
    if error is None:
        return Unknown("unreadable_reply")
    word = WORDS.get(error)
    if word is None or error in _LEAVES_OPEN:
        return Unknown(f"zalo_error_{error}")
    return Refused(error, word)


def _written(body: Mapping[str, Any]) -> str | None:
    """``expired_time``, at the top or in ``data``; who reads it decides what it means."""
    said = body.get("expired_time", data_of(body).get("expired_time"))
    if isinstance(said, bool) or not isinstance(said, (int, str, float)):
        return None
    return str(said)


def _life(ttl: object) -> timedelta:
    if isinstance(ttl, bool) or not _SECONDS.fullmatch(str(ttl)):
        return LINK_LIFE
    return min(LINK_LIFE, timedelta(seconds=int(str(ttl))))


def _id_in(fields: Mapping[str, Any], name: str) -> str | None:
    """An id, also as a number."""
    said = fields.get(name)
    if isinstance(said, bool) or not isinstance(said, (int, str)):
        return None
    return str(said) if _ID.fullmatch(str(said)) else None
