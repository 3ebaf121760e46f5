"""Looks templates up by their names, for those who send.

What is found is held: a change holds everywhere a minute later at the latest, as one of a client's
settings does.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import Clock
from ringpass.errors import invalid_field
from ringpass.store.zns_templates import Templates
from ringpass.zns_templates.template import Template

CACHE_SECONDS: Final = 60
# A function's instance holds no more templates than this.
_MOST_HELD: Final = 1_000


@dataclass(frozen=True, slots=True)
class TemplateBook:
    """Finds templates.

    Attributes:
        templates: The table's templates.
        clock: Tells the time.
    """

    templates: Templates
    clock: Clock
    _held: dict[tuple[str, str], tuple[datetime, Template]] = field(
        default_factory=dict, repr=False
    )

    def find(self, client: str, name: str) -> Template:
        """The client's template of this name, as it was a minute ago at the most.

        A name that is not registered is looked up every time: it may be by now.

        Raises:
            ValidationFailed: ``template_unknown``.
            Unavailable: The table cannot be reached.
        """
        now = self.clock()
        held = self._held.get((client, name))
        if held is not None and now - held[0] < timedelta(seconds=CACHE_SECONDS):
            return held[1]
        found = self.current(client, name)
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[client, name] = now, found
        return found

    def current(self, client: str, name: str) -> Template:
        """The client's template of this name, as it is now.

        Raises:
            ValidationFailed: ``template_unknown``.
            Unavailable: The table cannot be reached.
        """
        found = self.templates.named(client, name)
        if found is None:
            raise invalid_field(
                ["template"], "template_unknown", "no template of this name is registered"
            )
        return found
