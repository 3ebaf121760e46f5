"""Registers, replaces, deletes and lists a client's ZNS templates.

    register   one transaction: puts the template and its name, if neither exists
    replace    one transaction, if the template has not changed meanwhile
    delete     one transaction

Each transaction includes the entry of the audit log.

No request goes to Zalo or to CareSoft: a registered template is a copy of the one there.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.client_index import position_pattern
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.transaction import ConditionsFailed
from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.store import TEMPLATE, TemplateRepository
from ringpass.clock import Clock, to_text
from ringpass.errors import NameTaken, NotFound, TemplateChanged
from ringpass.http.actor import Actor
from ringpass.http.idempotency import Result, check_key, key_reused_error
from ringpass.http.pagination import Page, list_page
from ringpass.ids import template_id as new_template_id
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate

_ROUTE: Final = "POST /v1/zns-templates"
_CHANGED_TOO_OFTEN: Final = "The template is changed too often at once."
_ID: Final = re.compile(r"tpl_[a-z2-7]{32}")
_POSITION: Final = position_pattern(_ID)


@dataclass(frozen=True, slots=True)
class TemplateService:
    """Manages the templates of each client.

    Attributes:
        stack: Name of the stack.
        templates: Repository of templates.
        clock: Tells the time.
    """

    stack: str
    templates: TemplateRepository
    clock: Clock

    def register(
        self, command: "RegisterTemplate", actor: Actor, idempotency_key: str | None = None
    ) -> Result[Template]:
        """Register a template.

        Raises:
            NameTaken: Another template of the client has the name.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The idempotency key was used for another request.
            Unavailable: The table cannot be reached.
        """
        check_key(idempotency_key)
        now = to_text(self.clock())
        base = Template(
            id=new_template_id(self.stack, actor.client, _ROUTE, idempotency_key),
            client=actor.client,
            name=command.name,
            created_at=now,
            updated_at=now,
            fingerprint=hashlib.sha256(command.model_dump_json().encode()).hexdigest(),
        )
        new = command.to_template(base)
        change = Change.between(Resource.ZNS_TEMPLATE, new.id, Action.CREATED, None, new)
        try:
            self.templates.add(new, audit_entry(actor, change, now))
        except ConditionsFailed as refusal:
            if TEMPLATE in refusal.items:
                return _replay(new, refusal)
            raise _name_taken() from None
        logger().info("template registered", template=new.id, client=new.client)
        return Result(new, replayed=False)

    def get(self, client: str, template_id: str) -> Template:
        """Read one of the client's templates.

        Raises:
            NotFound: There is no such template, or it is another client's.
            Unavailable: The table cannot be reached.
        """
        match = _ID.fullmatch(template_id)
        template = self.templates.get(client, template_id) if match else None
        if template is None:
            raise NotFound("There is no such template.")
        return template

    def replace(self, actor: Actor, template_id: str, command: "ReplaceTemplate") -> Template:
        """Replace a whole template; return the new one.

        A request without a version changes the newest one, also if others change it meanwhile.

        Raises:
            NotFound: There is no such template, or it is another client's.
            TemplateChanged: The change is based on another version.
            NameTaken: Another template of the client has the new name.
            Unavailable: The table cannot be reached.
        """

        def attempt() -> Template:
            old = self.get(actor.client, template_id)
            if command.version not in (None, old.version):
                raise TemplateChanged("There is another version by now: read it first.")
            now = to_text(self.clock())
            new = replace(command.to_template(old), version=old.version + 1, updated_at=now)
            change = Change.between(Resource.ZNS_TEMPLATE, new.id, Action.REPLACED, old, new)
            try:
                self.templates.replace(old, new, audit_entry(actor, change, now))
            except ConditionsFailed as refusal:
                if TEMPLATE in refusal.items:
                    raise
                raise _name_taken() from None
            return new

        new = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=TEMPLATE)
        logger().info("template replaced", template=new.id, client=new.client, version=new.version)
        return new

    def delete(self, actor: Actor, template_id: str) -> Template:
        """Delete a template; return its last version.

        Raises:
            NotFound: There is no such template, or it is another client's.
            Unavailable: The table cannot be reached.
        """

        def attempt() -> Template:
            old = self.get(actor.client, template_id)
            change = Change.between(Resource.ZNS_TEMPLATE, old.id, Action.DELETED, old, None)
            self.templates.remove(old, audit_entry(actor, change, to_text(self.clock())))
            return old

        old = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=TEMPLATE)
        logger().info("template deleted", template=old.id, client=old.client)
        return old

    def page(self, client: str, query: Mapping[str, str]) -> Page[Template]:
        """Return a page of the client's templates, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
            Unavailable: The table cannot be reached.
        """
        return list_page(query, _POSITION, lambda before: self.templates.for_client(client, before))


def _name_taken() -> NameTaken:
    return NameTaken("Another template of yours has this name.")


def _replay(new: Template, refusal: ConditionsFailed) -> Result[Template]:
    """Return the current template of an earlier request with the same idempotency key."""
    item = refusal.items[TEMPLATE]
    if item is None:
        raise refusal
    existing = Template.from_item(item)
    if existing.fingerprint != new.fingerprint:
        raise key_reused_error()
    return Result(existing, replayed=True)
