"""Lists the providers with their suspensions, and ends a suspension by hand."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import provider_health

api = Api()


@api.route("GET /v1/providers", scope="read")
def list_providers(_request: Request) -> Response:
    """Every provider, its channel, and whether it is asked at present."""
    return Response({"items": list(provider_health.health().providers()), "next_cursor": None})


@api.route("DELETE /v1/providers/{name}/suspension", scope="admin")
def end_suspension(request: Request) -> Response:
    """Ask the provider again from now on."""
    provider_health.health().end_suspension(request.path["name"], request.actor)
    return Response({"name": request.path["name"], "status": "active"})


handler = api.handle
