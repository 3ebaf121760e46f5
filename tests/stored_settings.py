"""Settings of a client in the table, whatever was there before."""

from dataclasses import replace

from ringpass.aws.dynamodb import Table
from ringpass.clients.settings.model import ClientSettings
from ringpass.clients.settings.store import ClientSettingsRepository
from tests.audit_log import an_entry

AT = "2026-11-21T08:30:00.000Z"


def store_settings(table: Table, client: str, settings: ClientSettings) -> None:
    """Write the next version."""
    clients = ClientSettingsRepository(table)
    version = clients.get(client).version + 1
    clients.replace_settings(client, replace(settings, version=version), AT, an_entry(client))
