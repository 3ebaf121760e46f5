"""Registering, replacing, deleting and listing a client's ZNS templates.

    register   one transaction: the template and its name, each if there is none
    replace    one put, if the template has not changed meanwhile; with a new name, one transaction
    delete     one transaction

Nothing here is told to Zalo or to CareSoft: what is registered mirrors what is set up there.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ringpass.aws.dynamodb import ConditionFailed, ConditionsFailed
from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.store import TemplateRepository, listed_at
from ringpass.clock import Clock, to_text
from ringpass.errors import NameTaken, NotFound, TemplateChanged, Unavailable
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, take
from ringpass.ids import template_id as new_template_id
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate

_ROUTE: Final = "POST /v1/zns-templates"
_ID: Final = re.compile(r"tpl_[a-z2-7]{32}")
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{_ID.pattern}")
_FIELDS: Final = frozenset({"limit", "cursor"})
# Whoever names no version changes the newest, also while others change it.
_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Registered:
    """A template, and whether an earlier request with the same idempotency key registered it."""

    template: Template
    replayed: bool


@dataclass(frozen=True, slots=True)
class TemplateService:
    """Keeps templates, each client's apart.

    Attributes:
        stack: Name of the stack.
        templates: The table's templates.
        clock: Tells the time.
    """

    stack: str
    templates: TemplateRepository
    clock: Clock

    def register(
        self, asked: "RegisterTemplate", client: str, idempotency_key: str | None = None
    ) -> Registered:
        """Register a template.

        Raises:
            NameTaken: Another template of the client has the name.
            InvalidHeader: The idempotency key cannot be one.
            IdempotencyKeyReused: It has served another request.
            Unavailable: The table cannot be reached.
        """
        check_key(idempotency_key)
        now = to_text(self.clock())
        owned = Template(
            id=new_template_id(self.stack, client, _ROUTE, idempotency_key),
            client=client,
            name=asked.name,
            created_at=now,
            updated_at=now,
            fingerprint=hashlib.sha256(asked.model_dump_json().encode()).hexdigest(),
        )
        new = asked.template(owned)
        try:
            self.templates.add(new)
        except ConditionFailed as failed:
            return _replay(new, failed)
        except ConditionsFailed:
            raise _taken() from None
        logger().info("template registered", template=new.id, client=client)
        return Registered(new, replayed=False)

    def one(self, client: str, template_id: str) -> Template:
        """One of the client's templates.

        Raises:
            NotFound: There is no such template, or it is another client's.
            Unavailable: The table cannot be reached.
        """
        known = _ID.fullmatch(template_id)
        found = self.templates.get(client, template_id) if known else None
        if found is None:
            raise NotFound("There is no such template.")
        return found

    def replace(self, client: str, template_id: str, asked: "ReplaceTemplate") -> Template:
        """Replace a template as a whole, and give what holds then.

        Raises:
            NotFound: There is no such template, or it is another client's.
            TemplateChanged: It was a change of another version.
            NameTaken: Another template of the client has the new name.
            Unavailable: The table cannot be reached.
        """
        for _ in range(_TRIES):
            old = self.one(client, template_id)
            if asked.version not in (None, old.version):
                break
            now = to_text(self.clock())
            new = replace(asked.template(old), version=old.version + 1, updated_at=now)
            try:
                self.templates.replace(old, new)
            except ConditionFailed:
                continue
            except ConditionsFailed:
                raise _taken() from None
            logger().info("template replaced", template=new.id, client=client, version=new.version)
            return new
        else:
            raise Unavailable("The template is changed too often at once.")
        raise TemplateChanged("There is another version by now: read it first.")

    def delete(self, client: str, template_id: str) -> Template:
        """Delete a template, and give it as it was.

        Raises:
            NotFound: There is no such template, or it is another client's.
            Unavailable: The table cannot be reached.
        """
        for _ in range(_TRIES):
            old = self.one(client, template_id)
            try:
                self.templates.remove(old)
            except ConditionFailed:
                continue
            logger().info("template deleted", template=old.id, client=client)
            return old
        raise Unavailable("The template is changed too often at once.")

    def page(self, client: str, query: Mapping[str, str]) -> Page[Template]:
        """A page of the client's templates, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
            Unavailable: The table cannot be reached.
        """
        given = Parameters(query, _FIELDS)
        before = given.cursor("9", _LISTED)
        limit = given.limit()
        given.check()
        rows = self.templates.of_client(client, before)
        return Page(*take(rows, lambda _: True, limit, listed_at))


def _taken() -> NameTaken:
    return NameTaken("Another template of yours has this name.")


def _replay(wanted: Template, failed: ConditionFailed) -> Registered:
    """What was registered before with the same idempotency key, as it is now."""
    if failed.item is None:
        raise failed
    existing = Template.from_item(failed.item)
    if existing.fingerprint != wanted.fingerprint:
        raise key_reused_error()
    return Registered(existing, replayed=True)
