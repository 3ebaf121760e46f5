"""Receives ticket events from CareSoft's webhook, signed with the shared secret."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import caresoft_webhook

api = Api()
SIGNATURE_HEADER = "x-hub-signature"


@api.route("POST /v1/webhooks/caresoft")
def receive_caresoft(request: Request) -> Response:
    """Answer 200 only once everything that came is stored."""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    return Response({"received": caresoft_webhook.receiver().receive(signature, request.body)})


handler = api.handle
