"""Reads deliveries: ``GET /v1/deliveries/{id}`` and ``GET /v1/deliveries``."""

from ringpass.deliveries.views import delivery_view
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import queries

api = Api()


@api.route("GET /v1/deliveries/{id}", scope="read")
def read_delivery(request: Request) -> Response:
    """One delivery, with its history."""
    caller = request.client
    delivery = queries.delivery_queries().get(caller.client, request.path["id"])
    return Response(delivery_view(delivery, clear_phone=caller.sees_phones))


@api.route("GET /v1/deliveries", scope="read")
def list_deliveries(request: Request) -> Response:
    """The client's deliveries, newest first."""
    caller = request.client
    page = queries.delivery_queries().page(caller.client, request.query, caller.blind_key)
    items = [delivery_view(delivery, clear_phone=caller.sees_phones) for delivery in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


handler = api.handle
