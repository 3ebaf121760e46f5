"""Rotates our tokens at Zalo, in the four steps of Secrets Manager."""

from collections.abc import Mapping

from ringpass.wiring import zalo_token_rotation


def handler(event: Mapping[str, str], _context: object) -> None:
    """Run one step; or, once a day, log how long the tokens are still valid.

    The secret is fixed: the function may rotate only one.
    """
    rotation = zalo_token_rotation.token_rotation()
    if "Step" in event:
        rotation.run_step(event["Step"], event["ClientRequestToken"])
    else:
        rotation.report_lifetimes()
