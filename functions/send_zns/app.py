"""Sends a Zalo message: ``POST /v1/zns``, or invoked directly with the same fields."""

from ringpass.deliveries.requests import Zns
from ringpass.deliveries.views import send_response
from ringpass.http.router import Api, Caller, Response
from ringpass.wiring import sending, zns

ROUTE = "POST /v1/zns"

api = Api()


@api.command(ROUTE, Zns, scope="send")
def send_zns(command: Zns, caller: Caller, idempotency_key: str | None) -> Response:
    """Have a template sent over Zalo."""
    service = sending.service(ROUTE, zns.channel())
    return send_response(service.send(command, caller.client, idempotency_key), caller)


handler = api.handle
