"""Creates the checker of codes, and the recorder of clients' own checks."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.deliveries.feedback import FeedbackRecorder
from ringpass.verifications.check import CodeChecker
from ringpass.wiring import deliveries, stack, verifications


@cache
def checker() -> CodeChecker:
    """Returns the service that checks codes and cancels verifications."""
    return CodeChecker(
        verifications.repository(),
        deliveries.repository(),
        verifications.codes(),
        stack.secrets(),
        utc_now,
    )


@cache
def feedback_recorder() -> FeedbackRecorder:
    """Returns the service that records whether the codes of single sends were verified."""
    return FeedbackRecorder(deliveries.repository(), utc_now)
