"""Items of ZNS templates.

    PK TPL#<client>   SK <id>            entity "zns_template": the template
    PK TPL#<client>   SK NAME#<name>     entity "zns_template_name": which template has the name

Both are written in one transaction, so a client's names are unique. Templates stand in the list
index under ``TEMPLATES#<client>``; clients' names are in lower case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringpass.aws.dynamodb import Delete, Index, Item, Put, Table
from ringpass.clients.zns_templates.model import Template

_PAGE: Final = 50
_BY_CLIENT: Final = Index("by_client", "client_bucket", "listed_at")
_NEVER, _EVER = "0", "9"  # before and after any instant as text
_ABSENT: Final = "attribute_not_exists(PK)"
_THERE: Final = "attribute_exists(PK)"
_UNCHANGED: Final = "version = :expected"


@dataclass(frozen=True, slots=True)
class TemplateRepository:
    """Reads and writes ZNS templates."""

    table: Table

    def get(self, client: str, template_id: str) -> Template | None:
        """One of the client's templates, or None."""
        item = self.table.get(_key(client, template_id))
        return Template.from_item(item) if item else None

    def named(self, client: str, name: str) -> Template | None:
        """The client's template of this name, or None; two reads."""
        entry = self.table.get(_name_key(client, name))
        found = self.get(client, entry["template_id"]) if entry else None
        # Between the two reads it may have got another name.
        return found if found and found.name == name else None

    def add(self, template: Template) -> None:
        """Write a new template.

        Raises:
            ConditionFailed: There is one with this id.
            Blocked: Another one has the name.
        """
        self.table.transact(Put(_to_item(template), _ABSENT), _name(template))

    def replace(self, old: Template, new: Template) -> None:
        """Write a template in the place of its older version.

        Raises:
            ConditionFailed: The older version is not the one that is there.
            Blocked: Another template has the new name.
        """
        expected = {":expected": old.version}
        if new.name == old.name:
            self.table.put(_to_item(new), _UNCHANGED, expected)
            return
        self.table.transact(
            Put(_to_item(new), _UNCHANGED, expected),
            _name(new),
            Delete(_name_key(old.client, old.name), _THERE),
        )

    def remove(self, template: Template) -> None:
        """Delete a template in this version.

        Raises:
            ConditionFailed: It has another version, or is gone.
        """
        self.table.transact(
            Delete(_key(template.client, template.id), _UNCHANGED, {":expected": template.version}),
            Delete(_name_key(template.client, template.name), _THERE),
        )

    def of_client(self, client: str, before: str = _EVER) -> Iterator[Template]:
        """A client's templates, newest first, ``listed_at < before``."""
        items = self.table.list_items(_BY_CLIENT, [_bucket(client)], _NEVER, before, _PAGE)
        return map(Template.from_item, items)


def listed_at(template: Template) -> str:
    """Where a template stands in a list: its creation, and its id to tell equal ones apart."""
    return f"{template.created_at}#{template.id}"


def _to_item(template: Template) -> Item:
    return {
        **_key(template.client, template.id),
        "entity": "zns_template",
        **template.to_item(),
        "client_bucket": _bucket(template.client),
        "listed_at": listed_at(template),
    }


def _name(template: Template) -> Put:
    """Takes the name, if no other template has it."""
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
