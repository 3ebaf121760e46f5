"""Rotates the pepper of codes, in the four steps of Secrets Manager."""

from collections.abc import Mapping

from ringpass.wiring import pepper_rotation


def handler(event: Mapping[str, str], _context: object) -> None:
    """Run one step. The secret is fixed: the function may access only one."""
    pepper_rotation.pepper_rotation().do(event["Step"], event["ClientRequestToken"])
