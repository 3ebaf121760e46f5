"""Cache of ZNS templates by name, for sends.

A change is in effect everywhere after a minute at most, as with a client's settings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ringpass.aws.ttl_cache import TtlCache
from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.clock import Clock
from ringpass.errors import ValidationFailed, invalid_field

CACHE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class TemplateCache:
    """Finds templates by name.

    Attributes:
        templates: Repository of templates.
        clock: Tells the time.
    """

    templates: TemplateRepository
    clock: Clock
    _cache: TtlCache[tuple[str, str], Template] = field(
        default_factory=lambda: TtlCache(CACHE_SECONDS), repr=False
    )

    def find(self, client: str, name: str) -> Template:
        """Return the client's template of this name, at most a minute old.

        A name that is not registered is read every time: it may be registered by now.

        Raises:
            ValidationFailed: On ``template``: ``template_unknown``.
            Unavailable: The table cannot be reached.
        """
        return self._cache.get((client, name), self.clock()) or self.current(client, name)

    def current(self, client: str, name: str) -> Template:
        """Read the client's current template of this name.

        Raises:
            ValidationFailed: On ``template``: ``template_unknown``.
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        template = self.templates.get_by_name(client, name)
        if template is None:
            self._cache.discard((client, name))
            raise invalid_field(
                ["template"], "template_unknown", "no template of this name is registered"
            )
        return self._cache.put((client, name), template, now)

    def fill[T](self, client: str, name: str, fill: Callable[[Template], T]) -> T:
        """Return the result of ``fill`` for the client's template of this name.

        A refusal never comes from the cache: a template that was just approved or changed can be
        used at once.

        Raises:
            ValidationFailed: There is no such template, or ``fill`` refuses its current version.
            Unavailable: The table cannot be reached.
        """
        cached = self.find(client, name)
        try:
            return fill(cached)
        except ValidationFailed:
            current = self.current(client, name)
            if current == cached:
                raise
            return fill(current)

    def check(
        self,
        client: str,
        name: str,
        check: Callable[[Template], object],
        loc: Sequence[str | int],
    ) -> None:
        """Refuse a template that ``check`` refuses, with the location in a larger document.

        Args:
            client: Its owner.
            name: Its name.
            check: Raises ``ValidationFailed`` if it refuses the template.
            loc: Location of the field ``template`` in the document.

        Raises:
            ValidationFailed: There is no such template, or ``check`` refuses it.
            Unavailable: The table cannot be reached.
        """
        try:
            self.fill(client, name, check)
        except ValidationFailed as refusal:
            errors = [error | {"loc": [*loc, *error["loc"]]} for error in refusal.errors]
            raise ValidationFailed(refusal.detail, errors=errors) from None
