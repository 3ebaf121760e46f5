from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.place_oa_call_call_type import PlaceOaCallCallType
from ..types import UNSET, Unset

T = TypeVar("T", bound="PlaceOaCall")


@_attrs_define
class PlaceOaCall:
    """``POST /v1/oa/{oa_id}/calls``: an agent's call to a customer who has allowed it."""

    agent_id: str
    """ one of the OA's agents """
    call_type: PlaceOaCallCallType
    region: None | str | Unset = UNSET
    phone: None | str | Unset = UNSET
    user_id: None | str | Unset = UNSET
    """ Zalo's id of the customer, in place of `phone` """

    def to_dict(self) -> dict[str, Any]:
        agent_id = self.agent_id

        call_type = self.call_type.value

        region: None | str | Unset
        if isinstance(self.region, Unset):
            region = UNSET
        else:
            region = self.region

        phone: None | str | Unset
        if isinstance(self.phone, Unset):
            phone = UNSET
        else:
            phone = self.phone

        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "agent_id": agent_id,
                "call_type": call_type,
            }
        )
        if region is not UNSET:
            field_dict["region"] = region
        if phone is not UNSET:
            field_dict["phone"] = phone
        if user_id is not UNSET:
            field_dict["user_id"] = user_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        agent_id = d.pop("agent_id")

        call_type = PlaceOaCallCallType(d.pop("call_type"))

        def _parse_region(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        region = _parse_region(d.pop("region", UNSET))

        def _parse_phone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        phone = _parse_phone(d.pop("phone", UNSET))

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("user_id", UNSET))

        place_oa_call = cls(
            agent_id=agent_id,
            call_type=call_type,
            region=region,
            phone=phone,
            user_id=user_id,
        )

        return place_oa_call
