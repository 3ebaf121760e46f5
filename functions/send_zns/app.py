"""Sends a Zalo message: ``POST /v1/zns``, or invoked directly with the same fields."""

from ringpass.deliveries.requests import Zns
from ringpass.deliveries.views import send_response
from ringpass.http.router import Api, Caller, Response
from ringpass.wiring import zns

api = Api()


@api.command("POST /v1/zns", Zns, scope="send")
def send_zns(command: Zns, caller: Caller, idempotency_key: str | None) -> Response:
    """Have a template sent over Zalo."""
    return send_response(zns.service().send(command, caller.client, idempotency_key), caller)


handler = api.handle
