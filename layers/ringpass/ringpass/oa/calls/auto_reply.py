"""Auto-reply: sends a text message to a customer whose call nobody took.

    claim    one write of "it may have been sent", if no reply is stored yet
    send     one request to Zalo
    settle   one write of the outcome

So a call is answered at most once, however often Zalo repeats its event, and whatever fails in
between. Zalo does not say which agents are talking: a call that nobody took within the hours gets
the reply "busy".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import from_text, to_text
from ringpass.errors import Unavailable
from ringpass.oa.calls.model import AutoReply, Call, CallEnd, CallResult, Direction, ReplyState
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.desk.reply_texts import Reply
from ringpass.oa.desk.service import DeskService
from ringpass.observability import logger
from ringpass.outcomes import Unknown
from ringpass.providers.zalo.oa_client import Done, Refused, ZaloOaClient

REPLY_DEADLINE: Final = timedelta(minutes=15)
"""Later a message about a call confuses the customer."""

_INTERRUPTED: Final = "function_ended"
"""The reason that stays if nothing is written after the claim."""


@dataclass(frozen=True, slots=True)
class AutoReplySender:
    """Sends auto-replies.

    Attributes:
        desk: The OA's settings.
        client_settings: Settings of its client: the deny list.
        zalo: Sends messages.
        calls: Repository of calls.
    """

    desk: DeskService
    client_settings: ClientSettingsService
    zalo: ZaloOaClient
    calls: CallRepository

    def answer(self, call: Call, now: datetime) -> None:
        """Answer a customer's call that has ended and that nobody took.

        Raises:
            Unavailable: The table or the access token cannot be reached; nothing was sent.
        """
        end = call.end
        if (
            end is None
            or call.auto_reply is not None
            or call.direction is Direction.OUT
            or call.result is CallResult.ANSWERED
        ):
            return
        called_at = end.began_at or from_text(end.reported_at)
        settings = self.desk.state().settings
        kind = Reply.BUSY if settings.hours.is_open(called_at) else Reply.OUT_OF_HOURS
        text, user_id = settings.reply(kind, called_at), call.customer.user_id
        if not settings.enabled:
            self._skip(call, None, "feature_off", now)
        elif now - ended_at(end) > REPLY_DEADLINE:
            self._skip(call, kind, "too_late", now)
        elif not text:
            self._skip(call, kind, "no_text", now)
        elif user_id is None:
            self._skip(call, kind, "no_user_id", now)
        elif self._is_denied(call):
            self._skip(call, kind, "not_allowed", now)
        else:
            self._send(call, kind, user_id, text, now)

    def _is_denied(self, call: Call) -> bool:
        """Whether the customer's number, where it is known, is on the client's deny list."""
        phone, key = call.customer.phone, call.customer.phone_key
        if phone is None or key is None:
            return False
        return self.client_settings.denies(call.client, phone, key)

    def _skip(self, call: Call, kind: Reply | None, reason: str, now: datetime) -> None:
        reply = AutoReply(kind, ReplyState.SKIPPED, reason, to_text(now))
        if self.calls.claim_reply(call.id, reply):
            logger().info("oa auto-reply skipped", call=call.id, why=reason)

    def _send(self, call: Call, kind: Reply, user_id: str, text: str, now: datetime) -> None:
        at = to_text(now)
        if not self.calls.claim_reply(
            call.id, AutoReply(kind, ReplyState.UNKNOWN, _INTERRUPTED, at)
        ):
            return
        try:
            result = self.zalo.send_message(user_id, text)
        except Unavailable:
            # Nothing was sent: the next attempt may send it.
            self.calls.release_reply(call.id)
            raise
        match result:
            case Done():
                outcome = AutoReply(kind, ReplyState.SENT, None, at)
            case Refused(_, reason):
                outcome = AutoReply(kind, ReplyState.REFUSED, reason, at)
            case Unknown(reason):
                outcome = AutoReply(kind, ReplyState.UNKNOWN, reason, at)
            case _:
                assert_never(result)
        try:
            self.calls.settle_reply(call.id, outcome)
        except (ConditionFailed, Unavailable):
            # The state stays "may have been sent".
            logger().exception("oa auto-reply not recorded", call=call.id)
        logger().info(
            "oa auto-reply", call=call.id, kind=kind, state=outcome.state, why=outcome.reason
        )


def ended_at(end: CallEnd) -> datetime:
    """Returns when a call was over, as far as Zalo reported it."""
    if end.began_at is None:
        return from_text(end.reported_at)
    parts = (end.waiting_ms or 0) + (end.talk_ms or 0)
    return end.began_at + timedelta(milliseconds=max(parts, end.duration_ms or 0))
