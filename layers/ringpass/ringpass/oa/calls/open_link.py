"""Opens the link of a call, or its QR code: the first opening starts the two minutes.

Each opening repeats all checks of the placing. An opening that fails a check does not start the two
minutes: the link can still be used when the check holds again.
"""

from dataclasses import dataclass
from datetime import datetime

from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock
from ringpass.errors import NotFound
from ringpass.oa.access import OaAccess
from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.call_blockers import CallAttempt, list_blockers
from ringpass.oa.calls.links import is_token, token_digest
from ringpass.oa.calls.links import list_blockers as link_blockers
from ringpass.oa.calls.model import Call, Customer, Link
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.consents.model import Consent
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.desk.service import DeskService
from ringpass.observability import logger
from ringpass.providers.zalo.call_type import CallType

_DENIED = Blocker("not_allowed", "The number is on the deny list: do not call it.")
_NO_LINK = "There is no such link."


@dataclass(frozen=True, slots=True)
class OpenLinkResult:
    """Result of an opening.

    Attributes:
        call: The call.
        link: Its link, as it is now.
        blockers: Why it cannot be used; empty: it can.
    """

    call: Call
    link: Link
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class LinkOpener:
    """Opens links.

    Attributes:
        access: The stack's OA.
        desk: Its settings and agents.
        consents: Its customers' permissions.
        client_settings: Settings of its client: the deny list.
        calls: Repository of calls.
        clock: Tells the time.
    """

    access: OaAccess
    desk: DeskService
    consents: ConsentRecorder
    client_settings: ClientSettingsService
    calls: CallRepository
    clock: Clock

    def open(self, token: str) -> OpenLinkResult:
        """Open the link with this token.

        Raises:
            NotFound: There is none.
            Unavailable: The table cannot be reached.
        """
        call = self.calls.get_by_link(token_digest(token)) if is_token(token) else None
        if call is None or call.link is None or call.oa_id != self.access.oa_id:
            raise NotFound(_NO_LINK)
        now = self.clock()
        blockers = [*link_blockers(call.link, now), *self._blockers(call, now)]
        link = call.link
        if not blockers and link.opened_at is None:
            # Two openings at the same moment get the same start.
            link = self.calls.open(call.id, now).link or link
            logger().info("oa call link opened", call=call.id)
        return OpenLinkResult(call, link, tuple(blockers))

    def _blockers(self, call: Call, now: datetime) -> list[Blocker]:
        """Returns why the call itself is not possible now."""
        state, consent = self.desk.state(), self._consent(call.customer)
        attempt = CallAttempt(
            agent_id=call.agent.id if call.agent else "",
            call_type=call.call_type or CallType.AUDIO,
            consent=consent,
        )
        blockers = list_blockers(state.settings, state.agents, attempt, now)
        if consent and self.client_settings.denies(call.client, consent.phone, consent.phone_key):
            blockers.append(_DENIED)
        return blockers

    def _consent(self, customer: Customer) -> Consent | None:
        """Returns the customer's permission; None if Zalo's link now calls somebody else.

        Zalo made its link for a user id, if one was known. The link is valid only while Zalo's
        latest event still assigns this id to the number.
        """
        consent = self.consents.find(customer.phone_key, customer.user_id)
        if consent is None or customer.user_id is None:
            return consent
        return consent if self.consents.confirmed_user_id(consent) == customer.user_id else None
