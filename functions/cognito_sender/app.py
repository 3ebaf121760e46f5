"""Cognito's custom SMS sender: sends a code that Cognito has made and encrypted."""

from collections.abc import Mapping
from typing import Any

from ringpass.wiring import sign_in


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Send the code of an event; Cognito reads no response."""
    sign_in.custom_sms_sender().send(event)
