"""Creates the rotation of code peppers."""

from functools import cache

from ringpass.aws import session
from ringpass.clock import utc_now
from ringpass.verifications.pepper_rotation import PepperRotation
from ringpass.wiring import stack


@cache
def pepper_rotation() -> PepperRotation:
    """Returns the rotation of code peppers."""
    arn = stack.settings().secret("code_peppers")
    return PepperRotation(session.client("secretsmanager"), arn, utc_now)
