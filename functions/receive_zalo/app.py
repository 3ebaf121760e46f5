"""Receives Zalo's webhook: delivery receipts of messages, and other events of the OA."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import zalo_webhook

api = Api()


@api.route("POST /v1/webhooks/zalo")
def receive_zalo(request: Request) -> Response:
    """Answer 200 only once what came is stored."""
    signature = request.headers.get("x-zevent-signature", "")
    server = request.headers.get("x-zevent-server", "")
    count = zalo_webhook.receiver().receive(signature, server, request.body)
    return Response({"received": count})


handler = api.handle
