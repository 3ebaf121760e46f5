"""Receives Zalo's webhook: that a message has arrived, and what else happens to the OA."""

from ringpass import wiring
from ringpass.http.router import Api, Request, Response

api = Api()


@api.route("POST /v1/webhooks/zalo")
def receive_zalo(request: Request) -> Response:
    """Answer 200 only once what came is stored."""
    signature = request.headers.get("x-zevent-signature", "")
    server = request.headers.get("x-zevent-server", "")
    received = wiring.zalo_inbox().receive(signature, server, request.body)
    return Response({"received": received})


handler = api.handle
