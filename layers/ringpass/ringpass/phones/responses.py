"""Response types of a person's data."""

from typing import Any, TypedDict


class PhoneLine(TypedDict):
    """A line of an export: one record."""

    kind: str
    """`verification`, `delivery`, `report`, `event`, `refusal`, `oa_call`, `oa_consent`,
    `oa_consent_evidence`, `limit_counter` or `list_entry`; more may be added."""
    data: dict[str, Any]
    """The record as its own route answers it."""


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
