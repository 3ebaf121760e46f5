"""Checks permissions at Zalo; the answer is one more fact."""

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
    """Checks the permissions of the stack's OA at Zalo.

    Attributes:
        recorder: Reads permissions and adds facts.
        zalo: Client of Zalo's OA API.
        clock: Tells the time.
    """

    recorder: ConsentRecorder
    zalo: ZaloOaClient
    clock: Clock

    def refresh(self, customer: Consent | Phone | None, now: datetime) -> Consent | None:
        """Check a customer's permission at Zalo and return it.

        It is unchanged if Zalo does not answer; None if nothing is known of the number, or if there
        is no number.

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
        """Returns Zalo's answer about a number (E.164) as a fact, if it is one, and the result.

        Raises:
            Unavailable: The access token cannot be read.
        """
        # The answer is at least as new as the question.
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
    """Returns a word for why Zalo did not answer."""
    return result.reason if isinstance(result, (Refused, Unknown)) else None
