"""Triggers a Password Call: ``POST /v1/password-calls``, or invoked directly."""

from ringpass.deliveries.requests import PasswordCall
from ringpass.deliveries.views import send_response
from ringpass.http.router import Api, Caller, Response
from ringpass.wiring import password_call, sending

ROUTE = "POST /v1/password-calls"

api = Api()


@api.command(ROUTE, PasswordCall, scope="send")
def send_password_call(
    command: PasswordCall, caller: Caller, idempotency_key: str | None
) -> Response:
    """Have a number call that ends in the code."""
    service = sending.service(ROUTE, password_call.channel())
    return send_response(service.send(command, caller.client, idempotency_key), caller)


handler = api.handle
