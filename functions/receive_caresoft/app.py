"""Receives what CareSoft tells of tickets, signed with the secret that was agreed on."""

from ringpass import wiring
from ringpass.http.router import Api, Request, Response

api = Api()
SIGNATURE_HEADER = "x-hub-signature"


@api.route("POST /v1/webhooks/caresoft")
def receive_caresoft(request: Request) -> Response:
    """Answer 200 only once everything that came is stored."""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    return Response({"received": wiring.ticket_inbox().receive(signature, request.body)})


handler = api.handle
