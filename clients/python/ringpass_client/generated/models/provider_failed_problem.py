from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_problem_code import KnownProblemCode

T = TypeVar("T", bound="ProviderFailedProblem")


@_attrs_define
class ProviderFailedProblem:
    """The problem `provider_failed`."""

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
    reason: str
    """ Why the provider failed, in a word. """
    zalo_error: int | None
    """ Zalo's own number for it; null: it told none. """
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

        reason = self.reason

        zalo_error: int | None
        zalo_error = self.zalo_error

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
                "reason": reason,
                "zalo_error": zalo_error,
            }
        )

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

        reason = d.pop("reason")

        def _parse_zalo_error(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        zalo_error = _parse_zalo_error(d.pop("zalo_error"))

        provider_failed_problem = cls(
            type_=type_,
            title=title,
            status=status,
            code=code,
            detail=detail,
            instance=instance,
            reason=reason,
            zalo_error=zalo_error,
        )

        provider_failed_problem.additional_properties = d
        return provider_failed_problem

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
