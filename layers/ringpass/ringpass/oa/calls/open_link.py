"""Opening the link of a call, or its QR code: the first time begins the two minutes.

Each opening checks all again that was checked when the call was placed. What fails a check does not
begin the two minutes: once the check holds, the link can still be used.
"""

from dataclasses import dataclass
from datetime import datetime

from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock
from ringpass.errors import NotFound
from ringpass.oa.access import OaAccess
from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.links import faults as link_faults
from ringpass.oa.calls.links import is_token, token_digest
from ringpass.oa.calls.model import Call, Customer, Link
from ringpass.oa.calls.preconditions import WantedCall, faults
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.consents.model import Consent
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.desk.service import DeskService
from ringpass.observability import logger
from ringpass.providers.zalo.call_type import CallType

_DENIED = Blocker("not_allowed", "The number is on the deny list: do not call it.")
_NO_LINK = "There is no such link."


@dataclass(frozen=True, slots=True)
class Opened:
    """What an opening found.

    Attributes:
        call: The call.
        link: Its link, as it is now.
        checks: Why it cannot be used; nothing: it can.
    """

    call: Call
    link: Link
    checks: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class LinkOpener:
    """Opens links.

    Attributes:
        access: Which OA the stack has.
        desk: Its settings and agents.
        consents: Its customers' permissions.
        preferences: Whom its client denies.
        calls: The table's calls.
        clock: Tells the time.
    """

    access: OaAccess
    desk: DeskService
    consents: ConsentRecorder
    preferences: ClientSettingsService
    calls: CallRepository
    clock: Clock

    def open(self, token: str) -> Opened:
        """Open the link with this token.

        Raises:
            NotFound: There is none.
            Unavailable: The table cannot be reached.
        """
        call = self.calls.of_link(token_digest(token)) if is_token(token) else None
        if call is None or call.link is None or call.oa_id != self.access.oa_id:
            raise NotFound(_NO_LINK)
        now = self.clock()
        checks = [*link_faults(call.link, now), *self._faults(call, now)]
        link = call.link
        if not checks and link.opened_at is None:
            # Whoever opens it at the same moment gets the same start.
            link = self.calls.open(call.id, now).link or link
            logger().info("oa call link opened", call=call.id)
        return Opened(call, link, tuple(checks))

    def _faults(self, call: Call, now: datetime) -> list[Blocker]:
        """What has to hold for the call itself, as it is now."""
        state, consent = self.desk.state(), self._consent(call.customer)
        wanted = WantedCall(
            agent_id=call.agent.id if call.agent else "",
            call_type=call.call_type or CallType.AUDIO,
            consent=consent,
        )
        found = faults(state.settings, state.agents, wanted, now)
        if consent and self.preferences.denies(call.client, consent.phone, consent.phone_key):
            found.append(_DENIED)
        return found

    def _consent(self, customer: Customer) -> Consent | None:
        """The customer's permission; none if Zalo's link calls somebody else by now.

        Zalo's link was made for a user id, where one was known. It counts only as long as that
        is Zalo's last word about this number.
        """
        consent = self.consents.standing(customer.phone_key, customer.user_id)
        if consent is None or customer.user_id is None:
            return consent
        return consent if self.consents.user_of(consent) == customer.user_id else None
