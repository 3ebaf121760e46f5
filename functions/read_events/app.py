"""Reads events: ``GET /v1/events/{id}`` and ``GET /v1/events``."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import events

api = Api()


@api.route("GET /v1/events/{id}", scope="read")
def read_event(request: Request) -> Response:
    """One event, with the record after it happened."""
    return Response(events.queries().get(request.client.client, request.path["id"]).body)


@api.route("GET /v1/events", scope="read")
def list_events(request: Request) -> Response:
    """The client's events and those of the whole stack, newest first."""
    page = events.queries().page(request.client.client, request.query)
    items = [event.body for event in page.items]
    return Response({"items": items, "next_cursor": page.next_cursor})


handler = api.handle
