from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_zns_ticket import KnownZnsTicket

if TYPE_CHECKING:
    from ..models.zns_param import ZnsParam
    from ..models.zns_quota import ZnsQuota


T = TypeVar("T", bound="ZnsTemplate")


@_attrs_define
class ZnsTemplate:
    """A ZNS template, as it is at Zalo and at CareSoft."""

    id: str
    name: str
    """ What sends, steps and settings call it. """
    caresoft_id: int | None
    """ CareSoft's id of the scenario; null: CareSoft cannot send it. """
    zns_id: None | str
    """ Zalo's id of the template; null: Zalo cannot be asked directly. """
    oa_id: None | str
    """ Zalo's id of the OA that the template belongs to. """
    approved: bool
    """ Whether Zalo has approved it; until then it cannot be sent. """
    params: list[ZnsParam]
    ticket: KnownZnsTicket | str
    """ What becomes of a message that names no ticket of CareSoft's. """
    code_param: None | str
    """ The parameter that takes a verification's code; null: it cannot be a step. """
    quota: None | ZnsQuota
    """ Null where nothing is known: of a template that the stack's OA has not sent, or cannot. """
    version: int
    """ Counts the changes, from 1. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    updated_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.zns_quota import ZnsQuota

        id = self.id

        name = self.name

        caresoft_id: int | None
        caresoft_id = self.caresoft_id

        zns_id: None | str
        zns_id = self.zns_id

        oa_id: None | str
        oa_id = self.oa_id

        approved = self.approved

        params = []
        for params_item_data in self.params:
            params_item = params_item_data.to_dict()
            params.append(params_item)

        ticket: str
        if isinstance(self.ticket, KnownZnsTicket):
            ticket = self.ticket.value
        else:
            ticket = self.ticket

        code_param: None | str
        code_param = self.code_param

        quota: dict[str, Any] | None
        if isinstance(self.quota, ZnsQuota):
            quota = self.quota.to_dict()
        else:
            quota = self.quota

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "caresoft_id": caresoft_id,
                "zns_id": zns_id,
                "oa_id": oa_id,
                "approved": approved,
                "params": params,
                "ticket": ticket,
                "code_param": code_param,
                "quota": quota,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.zns_param import ZnsParam
        from ..models.zns_quota import ZnsQuota

        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        def _parse_caresoft_id(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        caresoft_id = _parse_caresoft_id(d.pop("caresoft_id"))

        def _parse_zns_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        zns_id = _parse_zns_id(d.pop("zns_id"))

        def _parse_oa_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        oa_id = _parse_oa_id(d.pop("oa_id"))

        approved = d.pop("approved")

        params = []
        _params = d.pop("params")
        for params_item_data in _params:
            params_item = ZnsParam.from_dict(params_item_data)

            params.append(params_item)

        def _parse_ticket(data: object) -> KnownZnsTicket | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_zns_ticket_type_0 = KnownZnsTicket(data)

                return componentsschemas_zns_ticket_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownZnsTicket | str, data)

        ticket = _parse_ticket(d.pop("ticket"))

        def _parse_code_param(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        code_param = _parse_code_param(d.pop("code_param"))

        def _parse_quota(data: object) -> None | ZnsQuota:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                quota_type_0 = ZnsQuota.from_dict(data)

                return quota_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ZnsQuota, data)

        quota = _parse_quota(d.pop("quota"))

        version = d.pop("version")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        zns_template = cls(
            id=id,
            name=name,
            caresoft_id=caresoft_id,
            zns_id=zns_id,
            oa_id=oa_id,
            approved=approved,
            params=params,
            ticket=ticket,
            code_param=code_param,
            quota=quota,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
        )

        zns_template.additional_properties = d
        return zns_template

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
