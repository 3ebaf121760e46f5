"""Rotates the tokens that Zalo knows us by, as Secrets Manager asks for it in four steps."""

from collections.abc import Mapping

from ringpass.wiring import zalo_token_rotation


def handler(event: Mapping[str, str], _context: object) -> None:
    """Do one step; or, once a day, tell how long the tokens live.

    Which secret is meant is known: the function may rotate one alone.
    """
    rotation = zalo_token_rotation.token_rotation()
    if "Step" in event:
        rotation.run_step(event["Step"], event["ClientRequestToken"])
    else:
        rotation.report_lifetimes()
