from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.verification_data import VerificationData


T = TypeVar("T", bound="VerificationStepTakenEvent")


@_attrs_define
class VerificationStepTakenEvent:
    """A delivery was made for it: that of the first step, of a later one, or a repeated one."""

    id: str
    """ The same whenever and however often the event is told. """
    type_: Literal["verification.step_taken"]
    timestamp: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    sequence: int
    """ Its number among the events of its subject, from 1 without gaps. """
    subject: str
    """ The id of the record that it is about. """
    test: bool
    """ Whether the record's number is a test number. """
    data: VerificationData
    """ A verification after something happened to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        type_ = self.type_

        timestamp = self.timestamp.isoformat()

        sequence = self.sequence

        subject = self.subject

        test = self.test

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "timestamp": timestamp,
                "sequence": sequence,
                "subject": subject,
                "test": test,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.verification_data import VerificationData

        d = dict(src_dict)
        id = d.pop("id")

        type_ = cast(Literal["verification.step_taken"], d.pop("type"))
        if type_ != "verification.step_taken":
            raise ValueError(f"type must match const 'verification.step_taken', got '{type_}'")

        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))

        sequence = d.pop("sequence")

        subject = d.pop("subject")

        test = d.pop("test")

        data = VerificationData.from_dict(d.pop("data"))

        verification_step_taken_event = cls(
            id=id,
            type_=type_,
            timestamp=timestamp,
            sequence=sequence,
            subject=subject,
            test=test,
            data=data,
        )

        verification_step_taken_event.additional_properties = d
        return verification_step_taken_event

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
