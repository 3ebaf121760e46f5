"""Tells how the providers are doing, and ends a suspension by hand."""

from ringpass import wiring
from ringpass.http.router import Api, Request, Response

api = Api()


@api.route("GET /v1/providers", scope="read")
def list_providers(_request: Request) -> Response:
    """Every provider, its channel, and whether it is asked at present."""
    return Response({"items": list(wiring.overview().providers()), "next_cursor": None})


@api.route("DELETE /v1/providers/{name}/suspension", scope="admin")
def end_suspension(request: Request) -> Response:
    """Ask the provider again from now on."""
    wiring.overview().end_suspension(request.path["name"], request.client.client)
    return Response({"name": request.path["name"], "status": "active"})


handler = api.handle
