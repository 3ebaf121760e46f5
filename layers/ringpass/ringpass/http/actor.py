"""The author of a change: a client, and the API key that it used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change.

    Attributes:
        client: The client.
        key_id: The id of its API key; empty: the operator of the stack, or another service, with
            rights of AWS.
    """

    client: str
    key_id: str

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table."""
        return {"client": self.client, "key_id": self.key_id}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned."""
        return cls(item["client"], item["key_id"])
