"""What Zalo knows of an OA: its tokens, its quota, its messages; and the routes that tell of them.

POST /zalo/v4/oa/access_token   the next pair of tokens, for a refresh token that is used up by it
GET  /zalo/message/quota        what may still be sent on this day
GET  /zalo/message/status       whether a message has arrived: 1, 0 (not yet), -1 (no such one)
"""

import secrets
import threading
import time
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from sandbox import log, zalo
from sandbox.endings import Ending
from sandbox.provider import Acceptance
from sandbox.settings import Settings
from sandbox.wire import Json, Reply, Request, json_reply

FIRST_ACCESS_TOKEN = "sandbox-zalo-access-token"  # noqa: S105 - the sandbox's own, opens nothing
FIRST_REFRESH_TOKEN = "sandbox-zalo-refresh-token"  # noqa: S105 - likewise
_ROUTES = {
    "/zalo/v4/oa/access_token": "POST",
    "/zalo/message/quota": "GET",
    "/zalo/message/status": "GET",
}
_SECONDS = "90000"
_SPENT = -14020


@dataclass(slots=True)
class Message:
    """One message that was sent. ``arrived_at`` is in milliseconds, None as long as it has not."""

    phone: str
    tracking_id: str | None
    ending: Ending
    arrived_at: int | None = None


class Office:
    """The memory of one OA. Every method takes the lock, so threads may share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._access_tokens = [FIRST_ACCESS_TOKEN]
        self._refresh_token: str | None = FIRST_REFRESH_TOKEN
        self._refreshes = 0
        self._refused_refreshes = 0
        self._messages: dict[str, Message] = {}
        self._sent = 0
        self._remaining: int | None = None
        self._used_up_templates: set[str] = set()
        self._errors: dict[str, int] = {}

    def reset(self) -> None:
        """Forget messages and what was sent of the quota. Tokens stay: the stack has them."""
        with self._lock:
            self._messages.clear()
            self._sent, self._remaining = 0, None
            self._used_up_templates.clear()
            self._errors.clear()

    # ------------------------------------------------------------------------------- tokens

    def knows(self, access_token: str | None) -> bool:
        """Tell whether this access token is one that Zalo takes."""
        with self._lock:
            return access_token in self._access_tokens

    def refresh(self, refresh_token: str | None, *, ends_old_ones: bool) -> dict[str, Json] | None:
        """Give the next pair; None for a refresh token that was used, or never given."""
        with self._lock:
            if refresh_token is None or refresh_token != self._refresh_token:
                self._refused_refreshes += 1
                return None
            self._refreshes += 1
            access_token = f"sandbox-zalo-access-{secrets.token_hex(8)}"
            self._refresh_token = f"sandbox-zalo-refresh-{secrets.token_hex(8)}"
            earlier = [] if ends_old_ones else self._access_tokens
            self._access_tokens = [*earlier, access_token]
            return {
                "access_token": access_token,
                "refresh_token": self._refresh_token,
                "expires_in": _SECONDS,
            }

    def end_tokens(self, *, access: bool, refresh: bool) -> None:
        """End all access tokens but the newest, and the refresh token, at once."""
        with self._lock:
            if access:
                self._access_tokens = self._access_tokens[-1:]
            if refresh:
                self._refresh_token = None

    def put_tokens(self, access_token: str, refresh_token: str) -> None:
        """Take these for the OA's pair, as if an administrator had made it."""
        with self._lock:
            self._access_tokens = [access_token]
            self._refresh_token = refresh_token

    # ------------------------------------------------------------------------------- quota

    def set_quota(self, remaining: int | None, used_up_template: str | None) -> None:
        """Leave so many messages of the day's quota, or none for one template."""
        with self._lock:
            if remaining is not None:
                self._remaining = remaining
            if used_up_template is not None:
                self._used_up_templates.add(used_up_template)

    def pass_one(
        self, access_token: str | None, template: str, settings: Settings
    ) -> tuple[int, str] | None:
        """Why a message is turned away, as a status and a text; None lets it through."""
        if not self.knows(access_token):
            return 401, zalo.TOKEN_INVALID
        with self._lock:
            if template in self._used_up_templates:
                return 200, zalo.TEMPLATE_QUOTA_EXCEEDED
            if self._left(settings) <= 0:
                return 200, zalo.QUOTA_EXCEEDED
        return None

    def quota(self, settings: Settings) -> dict[str, Json]:
        """The quota as Zalo tells it: numbers as text."""
        with self._lock:
            remaining = self._left(settings)
        return {"dailyQuota": str(settings.zalo_daily_quota), "remainingQuota": str(remaining)}

    def _left(self, settings: Settings) -> int:
        if self._remaining is not None:
            return self._remaining
        return max(0, settings.zalo_daily_quota - self._sent)

    # ------------------------------------------------------------------------------- messages

    def book(
        self, acceptance: Acceptance, body: dict[str, Json], ending: Ending, settings: Settings
    ) -> Acceptance:
        """Count a message that was accepted, and tell the quota with it."""
        tracking_id, msg_id = body.get("tracking_id"), acceptance.reference or ""
        with self._lock:
            self._messages[msg_id] = Message(
                str(body["phone"]), str(tracking_id) if tracking_id else None, ending
            )
            self._sent += 1
            if self._remaining is not None:
                self._remaining = max(0, self._remaining - 1)
        return replace(acceptance, reply=zalo.success(msg_id, self.quota(settings)))

    def script(self, phone: str, error: int) -> None:
        """Refuse every message to an E.164 number with this number of Zalo's, until a reset."""
        with self._lock:
            self._errors[phone] = error

    def scripted_error(self, phone: str) -> int | None:
        """The number that messages to this phone are refused with."""
        with self._lock:
            return self._errors.get(phone)

    def arrive(self, msg_id: str) -> None:
        """Let a message arrive, if it is one of those that do."""
        with self._lock:
            message = self._messages.get(msg_id)
            if message is not None and message.ending.mcn is not None:
                message.arrived_at = message.arrived_at or round(time.time() * 1_000)

    def message(self, msg_id: str) -> Message | None:
        """Find a message."""
        with self._lock:
            return self._messages.get(msg_id)

    def last_message(self, phone: str) -> tuple[str, Message] | None:
        """Find the last message to an E.164 number, with its id."""
        with self._lock:
            for msg_id, message in reversed(self._messages.items()):
                if f"+{message.phone}" == phone:
                    return msg_id, message
            return None

    def as_json(self, settings: Settings) -> dict[str, Json]:
        """Give what GET /_sandbox/zalo tells; no token."""
        quota = self.quota(settings)
        with self._lock:
            return {
                "refreshes": self._refreshes,
                "refused_refreshes": self._refused_refreshes,
                "access_tokens": len(self._access_tokens),
                "messages": len(self._messages),
                "quota": quota,
            }


def answer(request: Request, office: Office, settings: Settings) -> Reply | None:
    """Answer a route that sends nothing; None for every other."""
    method = _ROUTES.get(request.path)
    if method is None:
        return None
    if request.method != method:
        reply = json_reply(405, {"error": -106, "message": "Method unsupported"})
    elif request.path.endswith("access_token"):
        reply = _refresh(request, office, settings)
    elif not office.knows(request.headers.get("access_token")):
        reply = zalo.refuse(401, zalo.TOKEN_INVALID)
    elif request.path.endswith("quota"):
        data = office.quota(settings)
        reply = json_reply(200, {"error": 0, "message": "Success", "data": data})
    else:
        reply = _status(request, office, settings)
    log.line(zalo.NAME, f"{request.method} {request.path}, answered {reply.status}")
    return reply


def _refresh(request: Request, office: Office, settings: Settings) -> Reply:
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if request.headers.get("secret_key") != settings.zalo_app_secret:
        return json_reply(200, {"error": -14004, "error_name": "Invalid app secret"})
    if form.get("app_id") != settings.zalo_app_id:
        return json_reply(200, {"error": -14002, "error_name": "Invalid app id"})
    if form.get("grant_type") != "refresh_token":
        return json_reply(200, {"error": -14001, "error_name": "Invalid grant type"})
    pair = office.refresh(form.get("refresh_token"), ends_old_ones=settings.zalo_ends_old_tokens)
    if pair is None:
        return json_reply(200, {"error": _SPENT, "error_name": "Invalid refresh token"})
    # Between here and the end of its reply nobody but Zalo has the pair.
    time.sleep(settings.zalo_refresh_seconds)
    return json_reply(200, pair)


def _status(request: Request, office: Office, settings: Settings) -> Reply:
    query = dict(parse_qsl(request.query))
    message = office.message(query.get("message_id", ""))
    if message is None or message.phone != query.get("phone", message.phone):
        data: dict[str, Json] = {"status": -1, "message": "The message does not exist"}
    elif message.arrived_at is None or not settings.zalo_tells_status:
        data = {"status": 0, "message": "The message has not arrived"}
    else:
        data = {
            "status": 1,
            "message": "The message has arrived",
            "delivery_time": str(message.arrived_at),
        }
    return json_reply(200, {"error": 0, "message": "Success", "data": data})
