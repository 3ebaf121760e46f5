"""Health check of the stack: ``GET /v1/health``."""

from importlib.machinery import PathFinder
from importlib.util import find_spec

from ringpass import __version__
from ringpass.errors import Unavailable
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import parameters, stack

api = Api()


@api.route("GET /v1/health")
def health(_request: Request) -> Response:
    """200 when the table answers and the functions are set up right; else 503 as every problem."""
    _find_binaries()
    parameters.prices()
    parameters.bizfly_call_states()
    stack.table().get({"PK": "HEALTH", "SK": "HEALTH"})
    return Response({"status": "ok", "version": __version__})


def _find_binaries() -> None:
    """Check that the binaries fit the processor; one that the senders need stands for all.

    Its file's name says for which processor it is. It is only found: loading it would take longer
    than all other checks.
    """
    package = find_spec("pydantic_core")
    folders = package.submodule_search_locations if package else None
    if PathFinder.find_spec("_pydantic_core", folders) is None:
        raise Unavailable(
            "The layers have no binaries for this processor: were they built for the functions'?"
        )


handler = api.handle
