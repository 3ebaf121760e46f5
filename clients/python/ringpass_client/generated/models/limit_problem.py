from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_problem_code import KnownProblemCode

T = TypeVar("T", bound="LimitProblem")


@_attrs_define
class LimitProblem:
    """The problems `limit_reached` and `not_allowed`."""

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
    limit: str
    """ The limit or the rule that refused. """
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

        limit = self.limit

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
                "limit": limit,
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

        limit = d.pop("limit")

        limit_problem = cls(
            type_=type_,
            title=title,
            status=status,
            code=code,
            detail=detail,
            instance=instance,
            limit=limit,
        )

        limit_problem.additional_properties = d
        return limit_problem

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
