"""Reads verifications: ``GET /v1/verifications/{id}`` and ``GET /v1/verifications``."""

from ringpass.clock import utc_now
from ringpass.http.router import Api, Request, Response
from ringpass.verifications.views import page_response, poll_response
from ringpass.wiring import queries

api = Api()


@api.route("GET /v1/verifications/{id}", scope="read")
def read_verification(request: Request) -> Response:
    """One verification, with its deliveries and its story; also once it has ended."""
    caller = request.client
    result = queries.long_poll().read(caller.client, request.path["id"], request.query)
    return poll_response(result, caller, utc_now())


@api.route("GET /v1/verifications", scope="read")
def list_verifications(request: Request) -> Response:
    """The client's verifications, newest first."""
    caller = request.client
    result = queries.verification_queries().page(caller.client, request.query, caller.blind_key)
    return page_response(result, caller, utc_now())


handler = api.handle
