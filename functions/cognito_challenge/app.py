"""Cognito's triggers of custom authentication: a sign-in with a code that Ringpass checks."""

from collections.abc import Mapping
from typing import Any

from ringpass.wiring import sign_in


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer the define, create or verify trigger."""
    return sign_in.challenge_triggers().answer(event)
