"""Tells whether the stack can serve: ``GET /v1/health``."""

from importlib import import_module

from ringpass import __version__, wiring
from ringpass.api import Api, Request, Response
from ringpass.errors import Unavailable

api = Api()


@api.route("GET /v1/health")
def health(_request: Request) -> Response:
    """200 when the table answers and the functions are set up right; else 503 as every problem."""
    _load_binaries()
    wiring.prices()
    wiring.bizfly_call_states()
    wiring.table().get({"PK": "HEALTH", "SK": "HEALTH"})
    return Response({"status": "ok", "version": __version__})


def _load_binaries() -> None:
    """The senders' biggest one stands for all: a layer for another processor loads none."""
    try:
        import_module("pydantic_core")
    except ImportError as error:
        raise Unavailable(
            "The layers' binaries do not load: were they built for the functions' processor?"
        ) from error


handler = api.handle
