"""Has Zalo asked what a permission has become; what it answers is one more fact."""

from dataclasses import dataclass
from datetime import datetime

from ringpass.clock import Clock
from ringpass.oa.consents.evidence import ConsentFact, Evidence
from ringpass.oa.consents.model import Consent
from ringpass.oa.consents.recorder import ConsentRecorder
from ringpass.oa.consents.zalo_replies import fact_from_check
from ringpass.observability import logger
from ringpass.outcomes import Unknown
from ringpass.phone import Phone
from ringpass.providers.zalo.oa_client import ConsentResult, Refused, ZaloOaClient, ZaloResult


@dataclass(frozen=True, slots=True)
class ConsentChecker:
    """Asks Zalo about the permissions of the stack's OA.

    Attributes:
        recorder: Reads and adds to permissions.
        zalo: Is asked.
        clock: Tells the time.
    """

    recorder: ConsentRecorder
    zalo: ZaloOaClient
    clock: Clock

    def refresh(self, customer: Consent | Phone | None, now: datetime) -> Consent | None:
        """The permission of a customer after Zalo was asked about it.

        Where Zalo does not say, it is what it was; None if nothing is known of the number, or if
        there is none to ask about.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """
        if customer is None:
            return None
        phone = customer.phone if isinstance(customer, Consent) else customer.e164
        current = self.recorder.find(self.recorder.phone_key(phone), None)
        fact, _ = self.fetch(phone)
        if fact is None or (current is None and fact.kind is ConsentFact.NEVER_ASKED):
            return current
        return self.recorder.add(phone, fact, now)

    def fetch(self, phone: str) -> tuple[Evidence | None, ZaloResult[ConsentResult]]:
        """What Zalo says of a number (E.164), as a fact; None if it says nothing of the kind.

        Raises:
            Unavailable: The access token cannot be read.
        """
        # What Zalo answers was so at the earliest when it was asked.
        at = self.clock()
        result = self.zalo.check_consent(Phone(phone, "VN"))
        fact = fact_from_check(result, at, self.clock())
        logger().info(
            "zalo asked about a consent",
            said=fact.kind if fact else None,
            why=fact.why if fact else failure_reason(result),
        )
        return fact, result


def failure_reason(result: ZaloResult[ConsentResult]) -> str | None:
    """Why Zalo did not say, in a word."""
    return result.reason if isinstance(result, (Refused, Unknown)) else None
