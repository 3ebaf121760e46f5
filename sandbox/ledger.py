"""What the providers saw and what callees heard, kept in memory until a reset."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.endings import Ending
from sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached a provider, refused ones too.

    path is the URL's, without its query. phone is E.164, or None where none could be read. body is
    what the JSON held, else the text.
    reference is what the provider calls it: MCN's verification code, CareSoft's ticket.
    """

    at: str
    provider: str
    path: str
    phone: str | None
    headers: Mapping[str, str]
    body: Json
    placed: bool
    refused: str | None
    reference: str | None

    def as_json(self) -> dict[str, Json]:
        """Give the item of GET /_sandbox/requests."""
        return {
            "at": self.at,
            "provider": self.provider,
            "path": self.path,
            "phone": self.phone,
            "headers": dict(self.headers),
            "body": self.body,
            "placed": self.placed,
            "refused": self.refused,
            "reference": self.reference,
        }


@dataclass(frozen=True, slots=True)
class McnCall:
    """One Password Call that was placed, as its CDR needs it."""

    verification_call_uuid: str
    phone: str
    ending: Ending

    @property
    def called_number(self) -> str:
        """The number in MCN's form: country code, no plus."""
        return self.phone.removeprefix("+")


class Ledger:
    """The memory of all providers. Every method takes the lock, so threads may share one.

    A reset starts a new epoch. What began before it must not leave a trace after it, so work
    that takes time carries the epoch in which it began.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = 0
        self._seen: list[Seen] = []
        self._heard: dict[str, str] = {}
        self._scripts: dict[tuple[str, str], str] = {}
        self._mcn_calls: list[McnCall] = []

    def record(
        self, request: Seen, *, code: str | None = None, mcn_call: McnCall | None = None
    ) -> int:
        """Keep a request with what its callee hears, in one step. Answers the epoch."""
        with self._lock:
            self._seen.append(request)
            if code is not None and request.phone is not None:
                self._heard[request.phone] = code
            if mcn_call is not None:
                self._mcn_calls.append(mcn_call)
            return self._epoch

    def seen(self, provider: str | None = None, phone: str | None = None) -> list[Seen]:
        """List requests in the order of their arrival."""
        with self._lock:
            return [
                item
                for item in self._seen
                if provider in (None, item.provider) and phone in (None, item.phone)
            ]

    def heard(self, phone: str) -> str | None:
        """Give the code that this phone heard, saw or read last."""
        with self._lock:
            return self._heard.get(phone)

    def last_reference(self, provider: str, phone: str | None) -> str | None:
        """Give what a provider called the last request that was placed for this phone."""
        with self._lock:
            for item in reversed(self._seen):
                if item.placed and item.provider == provider and phone == item.phone:
                    return item.reference
            return None

    def script(self, phone: str, provider: str, digits: str) -> None:
        """Let a provider treat this phone as if its number ended in these digits."""
        with self._lock:
            self._scripts[phone, provider] = digits

    def digits(self, phone: str, provider: str) -> str:
        """Give the digits that decide: the script's, else the number's last two."""
        with self._lock:
            return self._scripts.get((phone, provider), phone[-2:])

    def last_mcn_call(self, *, phone: str | None = None, uuid: str | None = None) -> McnCall | None:
        """Find the last Password Call placed to a phone, or the one with this code."""
        with self._lock:
            for call in reversed(self._mcn_calls):
                if phone in (None, call.phone) and uuid in (None, call.verification_call_uuid):
                    return call
            return None

    @property
    def epoch(self) -> int:
        """The number of resets so far."""
        with self._lock:
            return self._epoch

    def reset(self) -> None:
        """Forget everything, and begin a new epoch."""
        with self._lock:
            self._epoch += 1
            self._seen.clear()
            self._heard.clear()
            self._scripts.clear()
            self._mcn_calls.clear()


def now() -> str:
    """Give the time as RFC 3339 in UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
