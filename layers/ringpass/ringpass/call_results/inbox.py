"""Receives Bizfly's call-result webhook: the token first, then everything is kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from ringpass.call_results.results import CallResults
from ringpass.call_results.rows import Row, Witness
from ringpass.clock import Clock
from ringpass.credentials import Secrets
from ringpass.digests import phone_key
from ringpass.errors import Unauthorized
from ringpass.observe import logger
from ringpass.outcomes import Status
from ringpass.redaction import redact
from ringpass.store.strays import Strays
from ringpass.webhooks import bizfly, tokens

_PROVIDER: Final = "bizfly"
_SECRET: Final = "bizfly_webhook"  # noqa: S105 - a name
# Forty rows stand in one item, which may have 400 KB; a row of the log has some 300 characters.
_KEPT_CHARACTERS: Final = 2_000
# What is larger is no call, and reading it could take longer than the function has.
_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class BizflyInbox:
    """Receives deliveries of Bizfly's webhook.

    Attributes:
        secrets: The stack's secrets.
        results: Settles deliveries.
        strays: Where deliveries go that tell of no call of ours.
        states: The stack's own words for what became of a call.
        clock: Tells the time.
    """

    secrets: Secrets
    results: CallResults
    strays: Strays
    states: Mapping[str, Status]
    clock: Clock

    def receive(self, token: str, body: bytes) -> int:
        """Keep every call that a delivery tells of, and settle what it settles; returns how many.

        Whatever comes with a valid token is stored: how Bizfly treats a hook that refuses is not
        known.

        Args:
            token: The ``Authorization`` header: the token that the webhook was registered with, as
                it is. It is a shared secret, not a signature.
            body: The raw body.

        Raises:
            Unauthorized: The token is not valid.
            Unavailable: The table or a secret cannot be reached.
        """
        if not self.secrets.admit(_SECRET, "token", partial(tokens.is_valid, token)):
            raise Unauthorized(tokens.REFUSAL)
        now = self.clock()
        if len(body) > _MOST_BYTES:
            self._keep_stray(body, "oversized", now)
            return 0
        events = bizfly.parse(body, self.states)
        if not events:
            self._keep_stray(body, "unreadable", now)
        if len(events) > bizfly.MOST_CALLS:
            # Each call costs its writes, and the function has its time. The whole is kept.
            self._keep_stray(body, "too_many", now)
        for event in events[: bizfly.MOST_CALLS]:
            self._take(event, now)
        return min(len(events), bizfly.MOST_CALLS)

    def _take(self, event: bizfly.CallEvent, now: datetime) -> None:
        logger().info("call result", outcome=event.outcome, reason=event.reason)
        if event.callee is None or event.inbound:
            why = "inbound" if event.inbound else "no_callee"
            self._keep_stray(event.raw.encode(), why, now)
            return
        key = phone_key(self.secrets.value("lookup", "key"), event.callee)
        self.results.take(_PROVIDER, key, [row_of(event, Witness.WEBHOOK, now)], now)

    def _keep_stray(self, raw: bytes, why: str, now: datetime) -> None:
        if why == "inbound":
            # The switchboard's daily work, and no reason to look.
            logger().info("call that came in", bytes=len(raw))
        else:
            logger().warning("webhook delivery without a call", why=why, bytes=len(raw))
        digest = hashlib.sha256(raw).hexdigest()
        self.strays.add(_PROVIDER, digest, redact(raw), why, now)


def row_of(event: bizfly.CallEvent, witness: Witness, now: datetime) -> Row:
    """A call that Bizfly tells of, as a row."""
    return Row(
        witness=witness,
        key=event.key,
        came_at=now,
        started_at=event.started_at,
        outcome=event.outcome,
        reason=event.reason,
        request_id=event.request_id,
        raw=event.raw[:_KEPT_CHARACTERS],
    )
