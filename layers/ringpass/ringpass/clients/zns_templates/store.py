"""Repository of ZNS templates.

    PK TPL#<client>   SK <id>            entity "zns_template": the template
    PK TPL#<client>   SK NAME#<name>     entity "zns_template_name": the id of its template

Both are written in one transaction, so a client's names are unique. The list index has templates
under ``TEMPLATES#<client>``; clients' names are in lower case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Delete, Put, Transaction
from ringpass.clients.zns_templates.model import Template

TEMPLATE: Final = "template"
"""Tag of the template in a transaction."""
_PAGE: Final = 50
_EARLIEST, _LATEST = "0", "9"  # sort before and after every instant
_ABSENT: Final = "attribute_not_exists(PK)"
_EXISTS: Final = "attribute_exists(PK)"
_UNCHANGED: Final = "version = :expected"


@dataclass(frozen=True, slots=True)
class TemplateRepository:
    """Reads and writes ZNS templates."""

    table: Table

    def get(self, client: str, template_id: str) -> Template | None:
        """Read one of the client's templates; None if there is none."""
        item = self.table.get(_key(client, template_id))
        return Template.from_item(item) if item else None

    def get_by_name(self, client: str, name: str) -> Template | None:
        """Read the client's template of this name, in two reads; None if there is none."""
        entry = self.table.get(_name_key(client, name))
        template = self.get(client, entry["template_id"]) if entry else None
        # Its name may have changed between the two reads.
        return template if template and template.name == name else None

    def add(self, template: Template, entry: Put) -> None:
        """Write a new template, and the entry of the audit log.

        Raises:
            ConditionsFailed: There is one with this id (``TEMPLATE``), or another one has the name.
        """
        tx = Transaction(self.table)
        tx.add(Put(_to_item(template), _ABSENT), TEMPLATE)
        tx.add(_put_name(template))
        tx.add(entry)
        tx.commit()

    def replace(self, old: Template, new: Template, entry: Put) -> None:
        """Replace the older version of a template, and write the entry of the audit log.

        Raises:
            ConditionsFailed: Another version is stored (``TEMPLATE``), or another template has the
                new name.
        """
        tx = Transaction(self.table)
        tx.add(Put(_to_item(new), _UNCHANGED, {":expected": old.version}), TEMPLATE)
        if new.name != old.name:
            tx.add(_put_name(new))
            tx.add(Delete(_name_key(old.client, old.name), _EXISTS))
        tx.add(entry)
        tx.commit()

    def remove(self, template: Template, entry: Put) -> None:
        """Delete a template, if this version is stored, and write the entry of the audit log.

        Raises:
            ConditionsFailed: It has another version, or was deleted (``TEMPLATE``).
        """
        key, expected = _key(template.client, template.id), {":expected": template.version}
        tx = Transaction(self.table)
        tx.add(Delete(key, _UNCHANGED, expected), TEMPLATE)
        tx.add(Delete(_name_key(template.client, template.name), _EXISTS))
        tx.add(entry)
        tx.commit()

    def for_client(self, client: str, before: str = _LATEST) -> Iterator[Template]:
        """List a client's templates, newest first, ``listed_at < before``."""
        items = self.table.list_items(BY_CLIENT, [_bucket(client)], _EARLIEST, before, _PAGE)
        return map(Template.from_item, items)


def _to_item(template: Template) -> Item:
    return {
        **_key(template.client, template.id),
        "entity": "zns_template",
        **template.to_item(),
        "client_bucket": _bucket(template.client),
        "listed_at": listed_at(template),
    }


def _put_name(template: Template) -> Put:
    """Return the put of the name, if no other template has it."""
    entry = {
        **_name_key(template.client, template.name),
        "entity": "zns_template_name",
        "template_id": template.id,
    }
    return Put(entry, _ABSENT)


def _key(client: str, template_id: str) -> Item:
    return {"PK": f"TPL#{client}", "SK": template_id}


def _name_key(client: str, name: str) -> Item:
    return {"PK": f"TPL#{client}", "SK": f"NAME#{name}"}


def _bucket(client: str) -> str:
    return f"TEMPLATES#{client}"
