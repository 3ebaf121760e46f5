"""Response types of a person's data."""

from typing import TypedDict


class PhoneDeletion(TypedDict):
    """What a request has deleted."""

    complete: bool
    """Whether nothing is left. If not, the same request again goes on."""
    phone_hash: str
    """The number as events and the audit log show it."""
    deleted: dict[str, int]
    """How many records of each kind this request deleted, or removed the number from."""
    kept: list[str]
    """What protects the person and stays: `limit_counters`, `deny_list`, `allow_list`."""
