"""Exports and deletes what is known of a person, by phone number."""

from ringpass.http.router import Api, Request, Response
from ringpass.phones.views import deletion_response, export_response, phone_of
from ringpass.wiring import phones

api = Api()


@api.route("GET /v1/phones/{phone}", scope="admin")
def export_phone(request: Request) -> Response:
    """All that is known of a number, one record in a line."""
    return export_response(phones.export().page(request.client, phone_of(request), request.query))


@api.route("DELETE /v1/phones/{phone}", scope="admin")
def delete_phone(request: Request) -> Response:
    """Delete what is known of a number; the same request again goes on."""
    return deletion_response(phones.deletion().delete(request.actor, phone_of(request)))


handler = api.handle
