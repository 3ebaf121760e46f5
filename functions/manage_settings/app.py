"""Reads and replaces a client's settings for its verifications, and its cause table."""

from ringpass.clients.settings.requests import ReplaceCauseTable, ReplaceSettings
from ringpass.clients.settings.views import cause_table_view, settings_view
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import client_settings, settings_editor, template_cache

api = Api()


@api.route("GET /v1/settings", scope="read")
def read_settings(request: Request) -> Response:
    """What the client has set."""
    return Response(settings_view(client_settings.service().current(request.client.client)))


@api.route("PUT /v1/settings", scope="admin", body=ReplaceSettings)
def replace_settings(request: Request) -> Response:
    """Replace all settings of the client but its cause table."""
    command = ReplaceSettings.from_json(request.bounded_body())
    actor, templates = request.actor, template_cache.template_cache()
    return Response(
        settings_view(settings_editor.editor().replace_settings(actor, command, templates))
    )


@api.route("GET /v1/cause-table", scope="read")
def read_cause_table(request: Request) -> Response:
    """What follows from each outcome of a delivery, and why."""
    return Response(cause_table_view(client_settings.service().current(request.client.client)))


@api.route("PUT /v1/cause-table", scope="admin", body=ReplaceCauseTable)
def replace_cause_table(request: Request) -> Response:
    """Replace all that the client changes of the default table."""
    command = ReplaceCauseTable.from_json(request.bounded_body())
    actor = request.actor
    return Response(cause_table_view(settings_editor.editor().replace_cause_table(actor, command)))


handler = api.handle
