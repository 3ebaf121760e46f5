"""What every simulated provider offers. Each is a module with these functions."""

from dataclasses import dataclass
from typing import Protocol

from sandbox.endings import Ending
from sandbox.settings import Settings
from sandbox.wire import Json, Reply, Request


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A request that was taken: what is answered, what the callee hears, what it is called."""

    reply: Reply
    code: str | None
    reference: str | None = None


class Provider(Protocol):
    """A module such as bizfly.py: what it accepts, refuses and answers."""

    NAME: str

    def examine(self, request: Request, settings: Settings) -> dict[str, Json]:
        """Give the body if the real provider would take the request. Raises Refused."""

    def phone_of(self, body: Json) -> str | None:
        """Give the E.164 number in a body, also in one that is refused for another reason."""

    def accept(self, body: dict[str, Json], ending: Ending, settings: Settings) -> Acceptance:
        """Take an examined body."""

    def refuse(self, status: int, why: str) -> Reply:
        """Answer in the provider's own failure form."""

    def throttle(self) -> Reply:
        """Answer as the provider does when there are too many requests."""
