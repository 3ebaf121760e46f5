"""Carries what providers tell to their webhooks: now, or after a delay with retries, as MCN does.

A CDR of MCN's is such a letter, and so is each event of another provider's.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from sandbox import log, phones
from sandbox.cdr import Message
from sandbox.ledger import Ledger, now
from sandbox.settings import Settings
from sandbox.wire import Json

# A webhook's first answer may wait for a cold start.
_ANSWER_TIMEOUT_SECONDS = 30.0
_LONGEST_ANSWER_BYTES = 65_536
_RESET_WAITS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the webhook answered. status is None where no answer came, and error says why."""

    status: int | None
    body: str
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Tell whether the answer was 2xx; MCN sends again otherwise."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004

    def as_json(self) -> dict[str, Json]:
        """Give the item of ``deliveries``."""
        return {"status": self.status, "body": self.body, "error": self.error}


@dataclass(slots=True)
class Letter:
    """One CDR or event on its way, with every answer it got so far.

    epoch is the ledger's when its call was placed: a reset forgets letters of earlier ones.
    path and headers replace or add to what the webhook's setting says. provider says whose webhook
    it goes to.
    """

    message: Message
    phone: str | None
    epoch: int
    path: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    provider: str = "mcn"
    at: str = ""
    deliveries: list[Delivery] = field(default_factory=list)

    def as_json(self) -> dict[str, Json]:
        """Give the item of GET /_sandbox/cdrs."""
        return {
            "at": self.at,
            "provider": self.provider,
            "phone": self.phone,
            "method": self.message.method,
            "content_type": self.message.content_type,
            "body": self.message.body or self.message.query,
            "statuses": [delivery.status for delivery in self.deliveries],
        }


class Courier:
    """Sends letters, one thread each, and keeps those it has sent. Its methods may be shared."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._changed = threading.Condition()
        self._settings = Settings()
        self._due: list[tuple[float, int, Letter]] = []
        self._numbers = itertools.count()
        self._sent: list[Letter] = []
        self._under_way = 0
        threading.Thread(target=self._run, name="cdr-scheduler", daemon=True).start()

    def use(self, settings: Settings) -> None:
        """Take the webhook and the retries from these settings from now on."""
        with self._changed:
            self._settings = settings

    def schedule(self, letter: Letter, delay_seconds: float) -> None:
        """Send a letter later, and again while it fails."""
        with self._changed:
            # The number settles ties, so that letters are never compared.
            entry = (time.monotonic() + delay_seconds, next(self._numbers), letter)
            heapq.heappush(self._due, entry)
            self._changed.notify_all()

    def send(self, letter: Letter) -> Delivery:
        """Send a letter once, now, and wait for the answer."""
        with self._changed:
            url = self._settings.webhook_url(letter.provider)
            if not letter.at:
                letter.at = now()
                if letter.epoch == self._ledger.epoch:
                    self._sent.append(letter)
        delivery = _no_webhook(letter) if url is None else _post(letter, url)
        answer = delivery.error or f"answered {delivery.status}"
        what = "cdr" if letter.provider == "mcn" else f"{letter.provider} event"
        log.line(what, f"{phones.mask(letter.phone)} {letter.message.method}, {answer}")
        with self._changed:
            letter.deliveries.append(delivery)
        return delivery

    def send_until_taken(self, letter: Letter) -> None:
        """Send a letter now, and schedule it again if it fails; not if all was forgotten since."""
        with self._changed:
            if letter.epoch != self._ledger.epoch:
                return
            self._under_way += 1
            retries = self._settings.cdr_retry_seconds
            webhook_is_set = self._settings.webhook_url(letter.provider) is not None
        tries = len(letter.deliveries)
        try:
            delivery = self.send(letter)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()
        if delivery.succeeded or not webhook_is_set or tries >= len(retries):
            return
        self.schedule(letter, retries[tries])

    def sent(self, provider: str | None = None) -> list[dict[str, Json]]:
        """List the letters sent since the last reset, in the order of their first sending."""
        with self._changed:
            return [
                letter.as_json() for letter in self._sent if provider in (None, letter.provider)
            ]

    def reset(self) -> None:
        """Forget what was sent and what is due. The ledger's epoch must have been raised.

        A letter that is being sent has arrived by then, if the webhook answers in time.
        """
        with self._changed:
            self._due.clear()
            self._sent.clear()
            self._changed.wait_for(lambda: not self._under_way, _RESET_WAITS_SECONDS)

    def _run(self) -> None:
        while True:
            letter = self._wait_for_due()
            threading.Thread(
                target=self.send_until_taken, args=(letter,), name="cdr", daemon=True
            ).start()

    def _wait_for_due(self) -> Letter:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)


def _no_webhook(letter: Letter) -> Delivery:
    return Delivery(None, "", f"no {letter.provider}_webhook_url is set")


def _post(letter: Letter, url: str) -> Delivery:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connection = (HTTPSConnection if secure else HTTPConnection)(
        parts.hostname or "", parts.port, timeout=_ANSWER_TIMEOUT_SECONDS
    )
    message = letter.message
    headers = {"Connection": "close", "User-Agent": f"sandbox-{letter.provider}"}
    if message.content_type is not None:
        headers["Content-Type"] = message.content_type
    headers.update(letter.headers)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    target = letter.path if letter.path is not None else path
    if message.query:
        target += ("&" if "?" in target else "?") + message.query
    body = message.body.encode() if message.method == "POST" else None
    try:
        connection.request(message.method, target, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read(_LONGEST_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, HTTPException, ValueError) as error:
        return Delivery(None, "", f"no answer from the webhook ({type(error).__name__})")
    finally:
        connection.close()
    return Delivery(answer.status, text)
