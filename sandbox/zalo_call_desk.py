"""What Zalo knows of an OA's calls: who may be called, call links, texts to users."""

import secrets
import threading
import time
from dataclasses import dataclass, replace

from sandbox.ledger import now
from sandbox.wire import Json
from sandbox.zalo_endings import (
    ALLOW,
    APPROVED,
    BLOCKED,
    DAY_MS,
    EXPIRED,
    NEVER_REQUESTED,
    RAN_OUT,
    REJECTED,
    SENT,
    USER_BLOCKED,
    WAITING,
    ConsentEnding,
)

ANSWER_WITHIN_MS = DAY_MS
LINK_SECONDS = 172_800


def now_ms() -> int:
    """The time in milliseconds."""
    return round(time.time() * 1_000)


@dataclass(frozen=True, slots=True)
class Consent:
    """One request for a consent, or a permission that came without one. Times are milliseconds.

    reply is what the user says, or RAN_OUT, from ``replied_at`` on. expires_at is when a permission
    ends: 0 for never, None where Zalo does not say it. is_told is whether any event tells of it.
    """

    asked_at: int
    reply: str | None = None
    replied_at: int = 0
    expires_at: int | None = None
    is_told: bool = True

    @property
    def answer_by(self) -> int:
        """Until when the user may answer."""
        return self.asked_at + ANSWER_WITHIN_MS

    def number(self, at: int) -> int:
        """What Zalo's check says of it."""
        if self.reply is None or at < self.replied_at:
            open_one = WAITING if self.is_told else SENT
            return open_one if at < self.answer_by else EXPIRED
        if self.reply == ALLOW:
            return APPROVED if not self.expires_at or at < self.expires_at else EXPIRED
        return {USER_BLOCKED: BLOCKED, RAN_OUT: EXPIRED}.get(self.reply, REJECTED)


@dataclass(frozen=True, slots=True)
class Link:
    """A call link: whoever opens it calls this user."""

    user_id: str
    by_phone: bool
    call_type: str
    agent_id: str | None


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the OA sent to a user."""

    at: str
    user_id: str
    phone: str | None
    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Scripted:
    """What replies about one phone are to be, whatever the tables say.

    error is Zalo's number in all of them; check the row that checks are answered as.
    """

    error: int | None = None
    check: ConsentEnding | None = None


class CallDesk:
    """The memory of one OA's calls. Every method takes the lock, so threads may share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._consents: dict[str, Consent] = {}
        self._scripts: dict[str, Scripted] = {}
        self._links: dict[str, Link] = {}
        self._texts: list[Text] = []

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._consents.clear()
            self._scripts.clear()
            self._links.clear()
            self._texts.clear()

    def number_of(self, phone: str) -> int:
        """What Zalo's check says of a phone."""
        with self._lock:
            consent = self._consents.get(phone)
        return NEVER_REQUESTED if consent is None else consent.number(now_ms())

    def consent_of(self, phone: str) -> Consent | None:
        """The last request for a phone's consent."""
        with self._lock:
            return self._consents.get(phone)

    def ask(self, phone: str, consent: Consent) -> bool:
        """Send a request for a consent. False: it stands open, is given, or the user blocks."""
        with self._lock:
            before = self._consents.get(phone)
            status = NEVER_REQUESTED if before is None else before.number(consent.asked_at)
            if status not in {NEVER_REQUESTED, REJECTED, EXPIRED}:
                return False
            self._consents[phone] = consent
            return True

    def decide(self, phone: str, reply: str, expires_at: int | None) -> Consent:
        """Let a user say this now, asked or not."""
        at = now_ms()
        with self._lock:
            consent = self._consents.get(phone, Consent(at))
            decided = replace(consent, reply=reply, replied_at=at, expires_at=expires_at)
            self._consents[phone] = decided
            return decided

    def script(self, phone: str, scripted: Scripted) -> None:
        """Say how requests about this phone are answered from now on."""
        with self._lock:
            self._scripts[phone] = scripted

    def scripted(self, phone: str) -> Scripted:
        """What was said of this phone."""
        with self._lock:
            return self._scripts.get(phone, Scripted())

    def mint(self, link: Link) -> str:
        """Keep a link, and give the last part of its URL."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._links[token] = link
        return token

    def link(self, token: str) -> Link | None:
        """The link with this token."""
        with self._lock:
            return self._links.get(token)

    def say(self, user_id: str, phone: str | None, text: str) -> str:
        """Keep a text to a user, and give its id."""
        message_id = secrets.token_hex(16)
        with self._lock:
            self._texts.append(Text(now(), user_id, phone, text, message_id))
        return message_id

    def texts(self, user_id: str | None = None) -> list[dict[str, Json]]:
        """All texts, or those to one user, in order."""
        with self._lock:
            return [
                {
                    "at": text.at,
                    "user_id": text.user_id,
                    "phone": text.phone,
                    "text": text.text,
                    "message_id": text.message_id,
                }
                for text in self._texts
                if user_id in (None, text.user_id)
            ]
