from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_problem_code import KnownProblemCode

if TYPE_CHECKING:
    from ..models.oa_call_check import OaCallCheck


T = TypeVar("T", bound="OaCallProblem")


@_attrs_define
class OaCallProblem:
    """The problems `call_not_allowed` and `link_ended`."""

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
    checks: list[OaCallCheck]
    """ Every check that does not hold. """
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

        checks = []
        for checks_item_data in self.checks:
            checks_item = checks_item_data.to_dict()
            checks.append(checks_item)

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
                "checks": checks,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.oa_call_check import OaCallCheck

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

        checks = []
        _checks = d.pop("checks")
        for checks_item_data in _checks:
            checks_item = OaCallCheck.from_dict(checks_item_data)

            checks.append(checks_item)

        oa_call_problem = cls(
            type_=type_,
            title=title,
            status=status,
            code=code,
            detail=detail,
            instance=instance,
            checks=checks,
        )

        oa_call_problem.additional_properties = d
        return oa_call_problem

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
