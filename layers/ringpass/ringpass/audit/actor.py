"""The author of a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from ringpass.http.router import Caller


@dataclass(frozen=True, slots=True)
class Actor:
    """A client, and the API key that it used.

    Attributes:
        client: The client.
        key_id: The id of its API key; empty: the operator of the stack, or another service, with
            rights of AWS.
    """

    client: str
    key_id: str

    @classmethod
    def of(cls, caller: "Caller") -> Self:
        """Returns the actor of a request."""
        return cls(caller.client, caller.key_id)

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table."""
        return {"client": self.client, "key_id": self.key_id}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned."""
        return cls(item["client"], item["key_id"])
