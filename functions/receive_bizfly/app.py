"""Receives call results from Bizfly's webhook."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import bizfly_webhook

api = Api()


@api.route("POST /v1/webhooks/bizfly")
def receive_bizfly(request: Request) -> Response:
    """Answer 200 only once everything that came is stored."""
    token = request.headers.get("authorization", "")
    count = bizfly_webhook.receiver().receive(token, request.body)
    return Response({"received": count})


handler = api.handle
