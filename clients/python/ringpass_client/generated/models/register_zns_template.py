from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.register_zns_template_ticket import RegisterZnsTemplateTicket
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.register_zns_param import RegisterZnsParam


T = TypeVar("T", bound="RegisterZnsTemplate")


@_attrs_define
class RegisterZnsTemplate:
    """``POST /v1/zns-templates``: a template, as it is at Zalo and at CareSoft."""

    name: str
    """ what sends, steps and settings call it; the client's only one of this name """
    caresoft_id: int | None | Unset = UNSET
    """ CareSoft's id of the scenario """
    zns_id: None | str | Unset = UNSET
    """ Zalo's id of the template (ZNS_ID) """
    oa_id: None | str | Unset = UNSET
    """ Zalo's id of the OA that the template belongs to """
    approved: bool | Unset = UNSET
    """ whether Zalo has approved it; until then it cannot be sent; `false` if left out """
    params: list[RegisterZnsParam] | Unset = UNSET
    ticket: RegisterZnsTemplateTicket | Unset = UNSET
    """ of a send that names no ticket: `new`, CareSoft makes one; `given`, it is refused; `"new"` if left out """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        caresoft_id: int | None | Unset
        if isinstance(self.caresoft_id, Unset):
            caresoft_id = UNSET
        else:
            caresoft_id = self.caresoft_id

        zns_id: None | str | Unset
        if isinstance(self.zns_id, Unset):
            zns_id = UNSET
        else:
            zns_id = self.zns_id

        oa_id: None | str | Unset
        if isinstance(self.oa_id, Unset):
            oa_id = UNSET
        else:
            oa_id = self.oa_id

        approved = self.approved

        params: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = []
            for params_item_data in self.params:
                params_item = params_item_data.to_dict()
                params.append(params_item)

        ticket: str | Unset = UNSET
        if not isinstance(self.ticket, Unset):
            ticket = self.ticket.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if caresoft_id is not UNSET:
            field_dict["caresoft_id"] = caresoft_id
        if zns_id is not UNSET:
            field_dict["zns_id"] = zns_id
        if oa_id is not UNSET:
            field_dict["oa_id"] = oa_id
        if approved is not UNSET:
            field_dict["approved"] = approved
        if params is not UNSET:
            field_dict["params"] = params
        if ticket is not UNSET:
            field_dict["ticket"] = ticket

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.register_zns_param import RegisterZnsParam

        d = dict(src_dict)
        name = d.pop("name")

        def _parse_caresoft_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        caresoft_id = _parse_caresoft_id(d.pop("caresoft_id", UNSET))

        def _parse_zns_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        zns_id = _parse_zns_id(d.pop("zns_id", UNSET))

        def _parse_oa_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        oa_id = _parse_oa_id(d.pop("oa_id", UNSET))

        approved = d.pop("approved", UNSET)

        _params = d.pop("params", UNSET)
        params: list[RegisterZnsParam] | Unset = UNSET
        if _params is not UNSET:
            params = []
            for params_item_data in _params:
                params_item = RegisterZnsParam.from_dict(params_item_data)

                params.append(params_item)

        _ticket = d.pop("ticket", UNSET)
        ticket: RegisterZnsTemplateTicket | Unset
        if isinstance(_ticket, Unset):
            ticket = UNSET
        else:
            ticket = RegisterZnsTemplateTicket(_ticket)

        register_zns_template = cls(
            name=name,
            caresoft_id=caresoft_id,
            zns_id=zns_id,
            oa_id=oa_id,
            approved=approved,
            params=params,
            ticket=ticket,
        )

        return register_zns_template
