"""Tells whether the stack can serve: ``GET /v1/health``."""

from ringpass import __version__, wiring
from ringpass.api import Api, Request, Response

api = Api()


@api.route("GET /v1/health")
def health(_request: Request) -> Response:
    """200 when the table answers; else 503 as every problem."""
    wiring.table().get({"PK": "HEALTH", "SK": "HEALTH"})
    return Response({"status": "ok", "version": __version__})


handler = api.handle
