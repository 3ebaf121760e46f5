from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RecordDeliveryFeedback")


@_attrs_define
class RecordDeliveryFeedback:
    """``POST /v1/deliveries/{id}/feedback``: what became of the code of a single send."""

    verified: bool
    """ whether the person entered the right code; `true` is final """

    def to_dict(self) -> dict[str, Any]:
        verified = self.verified

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "verified": verified,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        verified = d.pop("verified")

        record_delivery_feedback = cls(
            verified=verified,
        )

        return record_delivery_feedback
