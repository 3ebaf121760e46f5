"""Looks templates up by their names, for those who send.

What is found is held: a change holds everywhere a minute later at the latest, as one of a client's
settings does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.store import TemplateRepository
from ringpass.clock import Clock
from ringpass.errors import ValidationFailed, invalid_field

CACHE_SECONDS: Final = 60
# A function's instance holds no more templates than this.
_MOST_HELD: Final = 1_000


@dataclass(frozen=True, slots=True)
class TemplateCache:
    """Finds templates.

    Attributes:
        templates: The table's templates.
        clock: Tells the time.
    """

    templates: TemplateRepository
    clock: Clock
    _held: dict[tuple[str, str], tuple[datetime, Template]] = field(
        default_factory=dict, repr=False
    )

    def find(self, client: str, name: str) -> Template:
        """The client's template of this name, as it was a minute ago at the most.

        A name that is not registered is looked up every time: it may be by now.

        Raises:
            ValidationFailed: On ``template``: ``template_unknown``.
            Unavailable: The table cannot be reached.
        """
        held = self._held.get((client, name))
        if held is not None and self.clock() - held[0] < timedelta(seconds=CACHE_SECONDS):
            return held[1]
        return self.current(client, name)

    def current(self, client: str, name: str) -> Template:
        """The client's template of this name, as it is now.

        Raises:
            ValidationFailed: On ``template``: ``template_unknown``.
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        found = self.templates.named(client, name)
        if found is None:
            self._held.pop((client, name), None)
            raise invalid_field(
                ["template"], "template_unknown", "no template of this name is registered"
            )
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[client, name] = now, found
        return found

    def fill[T](self, client: str, name: str, fill: Callable[[Template], T]) -> T:
        """What ``fill`` makes of the client's template of this name.

        A refusal is never made from what is held: what has just been approved or changed can be
        used at once.

        Raises:
            ValidationFailed: There is no such template, or ``fill`` refuses it as it is now.
            Unavailable: The table cannot be reached.
        """
        held = self.find(client, name)
        try:
            return fill(held)
        except ValidationFailed:
            current = self.current(client, name)
            if current == held:
                raise
            return fill(current)

    def check(
        self,
        client: str,
        name: str,
        check: Callable[[Template], object],
        loc: Sequence[str | int],
    ) -> None:
        """Refuse a template that ``check`` refuses, by the field of a larger document.

        Args:
            client: Whose template it is.
            name: Its name.
            check: Refuses it.
            loc: Where the document has the field ``template``.

        Raises:
            ValidationFailed: There is no such template, or ``check`` refuses it.
            Unavailable: The table cannot be reached.
        """
        try:
            self.fill(client, name, check)
        except ValidationFailed as refusal:
            errors = [error | {"loc": [*loc, *error["loc"]]} for error in refusal.errors]
            raise ValidationFailed(refusal.detail, errors=errors) from None
