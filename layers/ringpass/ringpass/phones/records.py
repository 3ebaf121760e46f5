"""The records of a number, of one client: where each kind of them is found.

verification, delivery, refusal, OA call   by the index by phone
their events                               their ids follow from the record's
correlation                                its key is in the delivery
call reports, consent, counters            their key is a keyed hash of the number
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.clients.settings.service import ClientSettingsService
from ringpass.deliveries.callees_store import Callee, CalleeRepository
from ringpass.deliveries.correlations_store import Correlation, CorrelationRepository
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.events.store import EventRepository
from ringpass.ids import consent_id, list_key
from ringpass.limits.counters import CounterRepository, phone_keys
from ringpass.limits.refusals_store import Refusal, RefusalRepository
from ringpass.limits.shared_sends import shared_key
from ringpass.oa.access import OaAccess
from ringpass.oa.calls.model import Call
from ringpass.oa.calls.store import CallRepository
from ringpass.oa.consents.store import ConsentRepository, StoredConsent
from ringpass.verifications.model import Verification
from ringpass.verifications.store import ActiveVerificationLock, VerificationRepository

EARLIEST: Final = "0"
LATEST: Final = "9"
"""Sort before and after every position."""


@dataclass(frozen=True, slots=True)
class Person:
    """A client's view of a number.

    Attributes:
        client: The client.
        e164: The number.
        phone_key: Its look-up key.
    """

    client: str
    e164: str
    phone_key: str


@dataclass(frozen=True, slots=True)
class Records:
    """Repositories of all that may name a person.

    Attributes:
        callee_provider: The provider whose calls have no id: they are found by the callee.
    """

    verifications: VerificationRepository
    lock: ActiveVerificationLock
    deliveries: DeliveryRepository
    correlations: CorrelationRepository
    callees: CalleeRepository
    refusals: RefusalRepository
    events: EventRepository
    access: OaAccess
    calls: CallRepository
    consents: ConsentRepository
    counters: CounterRepository
    client_settings: ClientSettingsService
    callee_provider: str

    def verifications_of(self, person: Person, before: str = LATEST) -> Iterator[Verification]:
        """Returns the verifications, newest first, ``listed_at < before``."""
        return self.verifications.of_phone(person.client, person.phone_key, EARLIEST, before)

    def deliveries_of(self, person: Person, before: str = LATEST) -> Iterator[Delivery]:
        """Returns the deliveries, newest first, ``listed_at < before``."""
        return self.deliveries.list_by_client_and_phone(
            person.client, person.phone_key, EARLIEST, before
        )

    def refusals_of(self, person: Person, before: str = LATEST) -> Iterator[Refusal]:
        """Returns the refused sends, newest first, ``listed_at < before``."""
        return self.refusals.of_phone(person.client, person.phone_key, EARLIEST, before)

    def calls_of(self, person: Person, before: str = LATEST) -> Iterator[Call]:
        """Returns the calls of the client's OA, newest first, ``listed_at < before``."""
        return self.calls.list_by_phone(person.client, person.phone_key, EARLIEST, before)

    def correlation_of(self, delivery: Delivery) -> Correlation | None:
        """Returns what the provider has reported of a delivery's call or message."""
        ref = delivery.provider_ref
        return self.correlations.get(delivery.provider, ref) if ref else None

    def consent_of(self, person: Person) -> StoredConsent | None:
        """Returns the permission to be called, if the client has an OA and there is one."""
        if self.access.client != person.client or not self.access.oa_id:
            return None
        stored = self.consents.read(
            self.access.oa_id, consent_id(person.phone_key, self.access.oa_id)
        )
        return stored if stored.consent is not None else None

    def callee_of(self, person: Person) -> tuple[Callee, frozenset[str]]:
        """Returns the number's calls without an id, and which of its deliveries are others'.

        A delivery that does not exist any more is nobody's.
        """
        callee = self.callees.get(self.callee_provider, person.phone_key)
        ids = [delivery.id for delivery in callee.deliveries]
        others = {
            delivery.id
            for delivery in self.deliveries.get_many(ids)
            if delivery.client != person.client
        }
        return callee, frozenset(others)

    def sends_of(self, person: Person) -> list[int]:
        """Returns when the client's sends that limits count were, milliseconds since 1970."""
        own, everyone = self.counters.read(
            [*phone_keys(person.client, person.phone_key), shared_key(person.phone_key)]
        )
        shared = zip(everyone.get("sent_at", ()), everyone.get("sent_by", ()), strict=True)
        sends = {at for at, client in shared if client == person.client}
        return sorted(sends | set(own.get("sent_at", ())))

    def lists_with(self, person: Person) -> list[str]:
        """Returns which of the client's lists name the number itself: ``deny``, ``allow``."""
        limits = self.client_settings.current(person.client).limits
        key = list_key(person.phone_key, person.client)
        lists = {"deny": limits.deny, "allow": limits.allow}
        return [name for name, numbers in lists.items() if key in numbers.numbers]
