"""Requests customers' consents to calls of the OA, and lists, exports and deletes consents."""

from ringpass.http.router import Api, Request, Response
from ringpass.oa.consents import views
from ringpass.oa.consents.requests import AskConsent
from ringpass.oa.request_args import command_args, oa_args
from ringpass.wiring.oa_calls import consents

api = Api()


@api.route("POST /v1/oa/{oa_id}/consents", scope="send", body=AskConsent)
def ask_consent(request: Request) -> Response:
    """Have a customer asked for a permission to be called."""
    key = request.headers.get("idempotency-key")
    return views.accepted(consents().ask(*command_args(request, AskConsent), key), request.client)


@api.route("GET /v1/oa/{oa_id}/consents", scope="read")
def list_consents(request: Request) -> Response:
    """The OA's permissions, newest first."""
    page = consents().page(*oa_args(request), request.query, request.client.blind_key)
    return views.page(page, request.client)


@api.route("GET /v1/oa/{oa_id}/consents/export", scope="admin")
def export_consents(request: Request) -> Response:
    """All facts that permissions follow from, one in a line."""
    return views.export(consents().export(*oa_args(request), request.query), request.client)


@api.route("GET /v1/oa/{oa_id}/consents/{id}", scope="read")
def read_consent(request: Request) -> Response:
    """One permission, with all that it follows from."""
    return views.consent(consents().get(*oa_args(request), request.path["id"]), request.client)


@api.route("POST /v1/oa/{oa_id}/consents/{id}/check", scope="send")
def check_consent(request: Request) -> Response:
    """Have Zalo asked what a permission is now."""
    return views.consent(consents().check(*oa_args(request), request.path["id"]), request.client)


@api.route("DELETE /v1/oa/{oa_id}/consents/{id}", scope="admin")
def delete_consent(request: Request) -> Response:
    """Delete a permission with all that it follows from."""
    consent = consents().delete(*oa_args(request), request.path["id"])
    return views.deleted(consent, request.client)


@api.route("DELETE /v1/oa/{oa_id}/consents", scope="admin")
def delete_consents_of_a_number(request: Request) -> Response:
    """Delete what is known of a number."""
    consent = consents().delete_number(*oa_args(request), request.query)
    return views.deleted(consent, request.client)


handler = api.handle
