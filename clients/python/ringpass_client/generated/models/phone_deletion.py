from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.phone_deletion_deleted import PhoneDeletionDeleted


T = TypeVar("T", bound="PhoneDeletion")


@_attrs_define
class PhoneDeletion:
    """What a request has deleted."""

    complete: bool
    """ Whether nothing is left. If not, the same request again goes on. """
    phone_hash: str
    """ The number as events and the audit log show it. """
    deleted: PhoneDeletionDeleted
    """ How many records of each kind this request deleted, or removed the number from. """
    kept: list[str]
    """ What protects the person and stays: `limit_counters`, `deny_list`, `allow_list`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        complete = self.complete

        phone_hash = self.phone_hash

        deleted = self.deleted.to_dict()

        kept = self.kept

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "complete": complete,
                "phone_hash": phone_hash,
                "deleted": deleted,
                "kept": kept,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.phone_deletion_deleted import PhoneDeletionDeleted

        d = dict(src_dict)
        complete = d.pop("complete")

        phone_hash = d.pop("phone_hash")

        deleted = PhoneDeletionDeleted.from_dict(d.pop("deleted"))

        kept = cast(list[str], d.pop("kept"))

        phone_deletion = cls(
            complete=complete,
            phone_hash=phone_hash,
            deleted=deleted,
            kept=kept,
        )

        phone_deletion.additional_properties = d
        return phone_deletion

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
