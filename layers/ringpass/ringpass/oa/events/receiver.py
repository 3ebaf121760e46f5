"""Stores Zalo's events about calls and permissions to call; they are handled later.

Zalo waits two seconds for an answer. So the receiver does one write; the table's stream triggers
the rest.
"""

from dataclasses import dataclass
from datetime import datetime

from ringpass.oa.access import OaAccess
from ringpass.oa.events.model import OaEvent, event_digest
from ringpass.oa.events.store import OaEventRepository
from ringpass.observability import logger
from ringpass.providers.zalo import webhook


@dataclass(frozen=True, slots=True)
class OaEventReceiver:
    """Stores events.

    Attributes:
        access: The OA whose events are stored.
        events: Repository of events.
    """

    access: OaAccess
    events: OaEventRepository

    def keep(self, event: webhook.ZaloEvent, now: datetime) -> str | None:
        """Store an event; a repetition changes nothing.

        Returns None if it is stored, otherwise why it is not for this call desk. An event without
        an OA belongs to the stack's OA: not all of Zalo's events name one.

        Raises:
            Unavailable: The table cannot be reached; Zalo sends the event again.
        """
        oa_id = event.fields.get("oa_id")
        if not self.access.oa_id or not self.access.client:
            return "no_call_desk"
        if oa_id not in (None, "", self.access.oa_id):
            return "other_oa"
        try:
            oa_event = OaEvent(event.name, event.fields, event_digest(event.fields), now)
            is_new = self.events.add(oa_event)
        except RecursionError:
            # Too deep to be written as JSON: no event of Zalo's is nested like that.
            return "unreadable"
        logger().info("oa event kept", event=event.name, digest=oa_event.digest, new=is_new)
        return None
