from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VerificationEndCounts")


@_attrs_define
class VerificationEndCounts:
    """How verifications ended."""

    approved: int
    canceled: int
    expired: int
    max_attempts_reached: int
    failed: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        approved = self.approved

        canceled = self.canceled

        expired = self.expired

        max_attempts_reached = self.max_attempts_reached

        failed = self.failed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "approved": approved,
                "canceled": canceled,
                "expired": expired,
                "max_attempts_reached": max_attempts_reached,
                "failed": failed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        approved = d.pop("approved")

        canceled = d.pop("canceled")

        expired = d.pop("expired")

        max_attempts_reached = d.pop("max_attempts_reached")

        failed = d.pop("failed")

        verification_end_counts = cls(
            approved=approved,
            canceled=canceled,
            expired=expired,
            max_attempts_reached=max_attempts_reached,
            failed=failed,
        )

        verification_end_counts.additional_properties = d
        return verification_end_counts

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
