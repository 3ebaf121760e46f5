"""Keeps what Zalo tells of the OA's calls and of permissions to call; the work is done later.

Zalo waits two seconds for an answer. So an event is one write, and what follows from it is derived
from the table's stream.
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
    """Keeps events.

    Attributes:
        access: The OA whose events are kept.
        events: The table's events.
    """

    access: OaAccess
    events: OaEventRepository

    def keep(self, event: webhook.Event, now: datetime) -> str | None:
        """Keep an event; the same again changes nothing.

        None once it is kept; otherwise why it is not one of a call desk's. An event that names no
        OA is taken for the stack's: not all of Zalo's do.

        Raises:
            Unavailable: The table cannot be reached; Zalo sends it again.
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
            # What could just be read cannot be written: nothing of Zalo's is nested like that.
            return "unreadable"
        logger().info("oa event kept", event=event.name, digest=oa_event.digest, new=is_new)
        return None
