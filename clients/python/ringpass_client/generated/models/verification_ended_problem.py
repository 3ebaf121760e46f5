from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_problem_code import KnownProblemCode
from ..models.known_verification_end import KnownVerificationEnd
from ..models.known_verification_reason import KnownVerificationReason
from ..types import UNSET, Unset

T = TypeVar("T", bound="VerificationEndedProblem")


@_attrs_define
class VerificationEndedProblem:
    """The problem `verification_ended`."""

    type_: str
    """ A URN that ends in the code. """
    title: str
    status: int
    """ The HTTP status. """
    code: KnownProblemCode | str
    """ What is wrong, for programs. """
    detail: str
    """ What is wrong, for people. """
    instance: str
    """ A URN that ends in the request's id, as it stands in the logs. """
    ended_as: KnownVerificationEnd | str
    """ How a verification has ended. """
    reason: KnownVerificationReason | str | Unset = UNSET
    """ Why a verification has ended. """
    replaced_by: str | Unset = UNSET
    """ The newer verification of the same phone, where it ended this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        code: str
        if isinstance(self.code, KnownProblemCode):
            code = self.code.value
        else:
            code = self.code

        detail = self.detail

        instance = self.instance

        ended_as: str
        if isinstance(self.ended_as, KnownVerificationEnd):
            ended_as = self.ended_as.value
        else:
            ended_as = self.ended_as

        reason: str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, KnownVerificationReason):
            reason = self.reason.value
        else:
            reason = self.reason

        replaced_by = self.replaced_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "code": code,
                "detail": detail,
                "instance": instance,
                "ended_as": ended_as,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if replaced_by is not UNSET:
            field_dict["replaced_by"] = replaced_by

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        def _parse_code(data: object) -> KnownProblemCode | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_problem_code_type_0 = KnownProblemCode(data)

                return componentsschemas_problem_code_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProblemCode | str, data)

        code = _parse_code(d.pop("code"))

        detail = d.pop("detail")

        instance = d.pop("instance")

        def _parse_ended_as(data: object) -> KnownVerificationEnd | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_verification_end_type_0 = KnownVerificationEnd(data)

                return componentsschemas_verification_end_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownVerificationEnd | str, data)

        ended_as = _parse_ended_as(d.pop("ended_as"))

        def _parse_reason(data: object) -> KnownVerificationReason | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_verification_reason_type_0 = KnownVerificationReason(data)

                return componentsschemas_verification_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownVerificationReason | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        replaced_by = d.pop("replaced_by", UNSET)

        verification_ended_problem = cls(
            type_=type_,
            title=title,
            status=status,
            code=code,
            detail=detail,
            instance=instance,
            ended_as=ended_as,
            reason=reason,
            replaced_by=replaced_by,
        )

        verification_ended_problem.additional_properties = d
        return verification_ended_problem

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
