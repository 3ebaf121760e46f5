"""Places calls from the stack's Official Account to its customers, and reads their history."""

from ringpass.clock import utc_now
from ringpass.http.router import Api, Request, Response
from ringpass.oa.calls import views
from ringpass.oa.calls.requests import PlaceCall
from ringpass.oa.request_args import command_args, oa_args
from ringpass.wiring import oa, oa_calls

api = Api()


@api.route("POST /v1/oa/{oa_id}/calls", scope="send", body=PlaceCall)
def place_oa_call(request: Request) -> Response:
    """Make a call ready: a link, and its QR code, for an agent to open."""
    idempotency_key = request.headers.get("idempotency-key")
    result = oa_calls.calls().place(*command_args(request, PlaceCall), idempotency_key)
    return views.placed_response(result, oa.public_url(request.domain), request.client, utc_now())


@api.route("GET /v1/oa/{oa_id}/calls", scope="read")
def list_oa_calls(request: Request) -> Response:
    """The OA's calls in both directions, newest first."""
    page = oa_calls.calls().page(*oa_args(request), request.query)
    return views.page_response(page, request.client, utc_now())


@api.route("GET /v1/oa/{oa_id}/calls/{id}", scope="read")
def read_oa_call(request: Request) -> Response:
    """One of the OA's calls."""
    call = oa_calls.calls().get(*oa_args(request), request.path["id"])
    return views.call_response(call, request.client, utc_now())


handler = api.handle
