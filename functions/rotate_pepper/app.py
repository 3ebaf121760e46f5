"""Rotates the pepper that codes are derived from, as Secrets Manager asks for it in four steps."""

from collections.abc import Mapping

from ringpass.wiring import pepper_rotation


def handler(event: Mapping[str, str], _context: object) -> None:
    """Do one step. Which secret is meant is known: the function may touch one alone."""
    pepper_rotation.pepper_rotation().do(event["Step"], event["ClientRequestToken"])
