"""Replaces clients' settings: each change is one transaction with its entry of the audit log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ringpass.audit.model import Action, Change, Resource, changed_fields
from ringpass.audit.store import audit_entry
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import Put
from ringpass.clients.settings.model import ClientSettings, row_to_item
from ringpass.clients.settings.store import CURRENT, ClientSettingsRepository
from ringpass.clients.zns_templates.model import Template
from ringpass.clock import Clock, to_text
from ringpass.errors import SettingsChanged
from ringpass.http.actor import Actor
from ringpass.ids import list_key, phone_key
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.settings.requests import ReplaceCauseTable, ReplaceSettings
    from ringpass.clients.zns_templates.cache import TemplateCache


@dataclass(frozen=True, slots=True)
class SettingsEditor:
    """Replaces clients' settings and their cause tables.

    Attributes:
        clients: Repository of settings.
        secrets: The stack's secrets: lists of numbers hold keyed hashes.
        clock: Tells the time.
    """

    clients: ClientSettingsRepository
    secrets: Secrets
    clock: Clock

    def replace_settings(
        self, actor: Actor, command: "ReplaceSettings", templates: "TemplateCache"
    ) -> ClientSettings:
        """Replace all settings but the cause table; return the new settings.

        Raises:
            SettingsChanged: The change is based on another version.
            ValidationFailed: Two limits do not fit together, a limit is above the operator's
                ceiling, or a template is not registered or takes no code.
            Unavailable: The table or a secret cannot be reached.
        """
        document = command.to_settings(partial(self._number_key, actor.client))
        for name, loc in document.template_references():
            templates.check(actor.client, name, Template.check_for_codes, loc)

        def edit(old: ClientSettings) -> ClientSettings:
            command.limits.check_ceiling(document.limits, old.ceiling)
            return replace(document, cause_rows=old.cause_rows)

        settings = self._change(
            actor, Resource.SETTINGS, command.version, edit, self.clients.replace_settings
        )
        logger().info("settings replaced", client=actor.client, version=settings.version)
        return settings

    def replace_cause_table(self, actor: Actor, command: "ReplaceCauseTable") -> ClientSettings:
        """Replace the client's rows of the cause table; return the new settings.

        Raises:
            SettingsChanged: The change is based on another version.
            ValidationFailed: Two rows have the same key.
            Unavailable: The table cannot be reached.
        """
        rows = tuple(command.to_rows())

        def edit(old: ClientSettings) -> ClientSettings:
            return replace(old, cause_rows=rows)

        settings = self._change(
            actor, Resource.CAUSE_TABLE, command.version, edit, self.clients.replace_cause_rows
        )
        logger().info("cause table replaced", client=actor.client, version=settings.version)
        return settings

    def _change(
        self,
        actor: Actor,
        resource: Resource,
        expected_version: int | None,
        edit: Callable[[ClientSettings], ClientSettings],
        write: Callable[[str, ClientSettings, str, Put], None],
    ) -> ClientSettings:
        """Write the edited settings as the next version.

        Without an expected version the newest one is edited, also if others change it meanwhile.
        """

        def attempt() -> ClientSettings:
            old, now = self.clients.get(actor.client), to_text(self.clock())
            if expected_version not in (None, old.version):
                raise SettingsChanged("There is another version by now: read it first.")
            new = replace(edit(old), version=old.version + 1)
            effective = new.with_ceiling(old.ceiling)
            change = Change(
                resource=resource,
                resource_id=None,
                action=Action.REPLACED,
                from_version=old.version,
                to_version=new.version,
                fields=changed_fields(_document(resource, old), _document(resource, effective)),
            )
            write(actor.client, new, now, audit_entry(actor, change, now))
            return effective

        return retry_on_conflict(
            attempt, "The settings are changed too often at once.", tag=CURRENT
        )

    def _number_key(self, client: str, e164: str) -> str:
        return list_key(phone_key(self.secrets.value("lookup", "key"), e164), client)


def _document(resource: Resource, settings: ClientSettings) -> Mapping[str, Any]:
    """Returns what the log compares: the settings, or the rows by outcome and reason."""
    if resource is Resource.CAUSE_TABLE:
        rows = settings.cause_rows
        return {"/".join(filter(None, row.key)): row_to_item(row) for row in rows}
    return settings.to_item()
