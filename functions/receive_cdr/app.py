"""Receives results of calls: the CDRs of MCN, by POST or GET, and those of a voice gateway."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import mcn_webhook, voice_gateway_webhook

api = Api()
TOKEN_HEADER = "x-ringpass-token"  # noqa: S105 - a header's name


@api.route(
    "POST /v1/webhooks/mcn/{token}",
    "GET /v1/webhooks/mcn/{token}",
    "POST /v1/webhooks/mcn",
    "GET /v1/webhooks/mcn",
)
def receive_cdr(request: Request) -> Response:
    """Answer 200 only once everything that came is stored."""
    mcn_webhook.sources().check(request.source_ip)
    # The address may end in a slash, with the token in it or without.
    token = request.path.get("token", "").strip("/") or request.headers.get(TOKEN_HEADER, "")
    count = mcn_webhook.receiver().receive(token, request.body, request.raw_query)
    return Response({"received": count})


@api.route("POST /v1/webhooks/voice-gateway")
def receive_voice_gateway(request: Request) -> Response:
    """Answer 200 only once what came is stored."""
    count = voice_gateway_webhook.receiver().receive(request.headers, request.body)
    return Response({"received": count})


handler = api.handle
