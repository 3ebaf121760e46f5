"""Registers, replaces, deletes and lists a client's ZNS templates.

    register   one transaction: puts the template and its name, if neither exists
    replace    one put, if the template has not changed meanwhile; with a new name, one transaction
    delete     one transaction

No request goes to Zalo or to CareSoft: a registered template is a copy of the one there.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.transaction import ConditionsFailed
from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.store import TEMPLATE, TemplateRepository
from ringpass.clock import Clock, to_text
from ringpass.errors import NameTaken, NotFound, TemplateChanged
from ringpass.http.idempotency import Result, check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.ids import template_id as new_template_id
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.zns_templates.requests import RegisterTemplate, ReplaceTemplate

_ROUTE: Final = "POST /v1/zns-templates"
_CHANGED_TOO_OFTEN: Final = "The template is changed too often at once."
_ID: Final = re.compile(r"tpl_[a-z2-7]{32}")
_POSITION: Final = position_pattern(_ID)
_PARAMETERS: Final = frozenset({"limit", "cursor"})


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
        self, command: "RegisterTemplate", client: str, idempotency_key: str | None = None
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
            id=new_template_id(self.stack, client, _ROUTE, idempotency_key),
            client=client,
            name=command.name,
            created_at=now,
            updated_at=now,
            fingerprint=hashlib.sha256(command.model_dump_json().encode()).hexdigest(),
        )
        new = command.to_template(base)
        try:
            self.templates.add(new)
        except ConditionsFailed as refusal:
            if TEMPLATE in refusal.items:
                return _replay(new, refusal)
            raise _name_taken() from None
        logger().info("template registered", template=new.id, client=client)
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

    def replace(self, client: str, template_id: str, command: "ReplaceTemplate") -> Template:
        """Replace a whole template; return the new one.

        A request without a version changes the newest one, also if others change it meanwhile.

        Raises:
            NotFound: There is no such template, or it is another client's.
            TemplateChanged: The change is based on another version.
            NameTaken: Another template of the client has the new name.
            Unavailable: The table cannot be reached.
        """

        def attempt() -> Template:
            old = self.get(client, template_id)
            if command.version not in (None, old.version):
                raise TemplateChanged("There is another version by now: read it first.")
            now = to_text(self.clock())
            new = replace(command.to_template(old), version=old.version + 1, updated_at=now)
            try:
                self.templates.replace(old, new)
            except ConditionsFailed as refusal:
                if TEMPLATE in refusal.items:
                    raise
                raise _name_taken() from None
            return new

        new = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=TEMPLATE)
        logger().info("template replaced", template=new.id, client=client, version=new.version)
        return new

    def delete(self, client: str, template_id: str) -> Template:
        """Delete a template; return its last version.

        Raises:
            NotFound: There is no such template, or it is another client's.
            Unavailable: The table cannot be reached.
        """

        def attempt() -> Template:
            old = self.get(client, template_id)
            self.templates.remove(old)
            return old

        old = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=TEMPLATE)
        logger().info("template deleted", template=old.id, client=client)
        return old

    def page(self, client: str, query: Mapping[str, str]) -> Page[Template]:
        """Return a page of the client's templates, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
            Unavailable: The table cannot be reached.
        """
        params = Parameters(query, _PARAMETERS)
        before = params.cursor(_POSITION)
        limit = params.limit()
        params.check()
        rows = self.templates.for_client(client, before)
        return take_page(rows, limit, listed_at)


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
