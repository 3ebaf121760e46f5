from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_call_direction import KnownOaCallDirection
from ..models.known_oa_call_result import KnownOaCallResult
from ..models.known_oa_call_type import KnownOaCallType

if TYPE_CHECKING:
    from ..models.oa_auto_reply import OaAutoReply
    from ..models.oa_call_agent import OaCallAgent
    from ..models.oa_call_customer import OaCallCustomer
    from ..models.oa_call_end import OaCallEnd
    from ..models.oa_call_link import OaCallLink


T = TypeVar("T", bound="OaCallData")


@_attrs_define
class OaCallData:
    """A call between the OA and a customer, after it has ended."""

    id: str
    direction: KnownOaCallDirection | str
    """ Who called. """
    result: KnownOaCallResult | str
    """ How a call came out. """
    call_type: KnownOaCallType | None | str
    """ Null: it was not told. """
    agent: None | OaCallAgent
    """ Null: Zalo does not name one, and it was not placed here. """
    customer: OaCallCustomer
    """ Who was called, or called; null: not known. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    link: None | OaCallLink
    """ Null: it was not placed here. """
    ended: None | OaCallEnd
    """ Null: nothing was told of it yet. """
    auto_reply: None | OaAutoReply
    """ Null: there was no reason for one, or it is not decided yet. """
    phone_hash: None | str
    """ The same for the same number; null: the number is not known; empty if it was deleted. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.oa_auto_reply import OaAutoReply
        from ..models.oa_call_agent import OaCallAgent
        from ..models.oa_call_end import OaCallEnd
        from ..models.oa_call_link import OaCallLink

        id = self.id

        direction: str
        if isinstance(self.direction, KnownOaCallDirection):
            direction = self.direction.value
        else:
            direction = self.direction

        result: str
        if isinstance(self.result, KnownOaCallResult):
            result = self.result.value
        else:
            result = self.result

        call_type: None | str
        if isinstance(self.call_type, KnownOaCallType):
            call_type = self.call_type.value
        else:
            call_type = self.call_type

        agent: dict[str, Any] | None
        if isinstance(self.agent, OaCallAgent):
            agent = self.agent.to_dict()
        else:
            agent = self.agent

        customer = self.customer.to_dict()

        created_at = self.created_at.isoformat()

        link: dict[str, Any] | None
        if isinstance(self.link, OaCallLink):
            link = self.link.to_dict()
        else:
            link = self.link

        ended: dict[str, Any] | None
        if isinstance(self.ended, OaCallEnd):
            ended = self.ended.to_dict()
        else:
            ended = self.ended

        auto_reply: dict[str, Any] | None
        if isinstance(self.auto_reply, OaAutoReply):
            auto_reply = self.auto_reply.to_dict()
        else:
            auto_reply = self.auto_reply

        phone_hash: None | str
        phone_hash = self.phone_hash

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "direction": direction,
                "result": result,
                "call_type": call_type,
                "agent": agent,
                "customer": customer,
                "created_at": created_at,
                "link": link,
                "ended": ended,
                "auto_reply": auto_reply,
                "phone_hash": phone_hash,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.oa_auto_reply import OaAutoReply
        from ..models.oa_call_agent import OaCallAgent
        from ..models.oa_call_customer import OaCallCustomer
        from ..models.oa_call_end import OaCallEnd
        from ..models.oa_call_link import OaCallLink

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_direction(data: object) -> KnownOaCallDirection | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_call_direction_type_0 = KnownOaCallDirection(data)

                return componentsschemas_oa_call_direction_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaCallDirection | str, data)

        direction = _parse_direction(d.pop("direction"))

        def _parse_result(data: object) -> KnownOaCallResult | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_call_result_type_0 = KnownOaCallResult(data)

                return componentsschemas_oa_call_result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaCallResult | str, data)

        result = _parse_result(d.pop("result"))

        def _parse_call_type(data: object) -> KnownOaCallType | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_call_type_type_0 = KnownOaCallType(data)

                return componentsschemas_oa_call_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaCallType | None | str, data)

        call_type = _parse_call_type(d.pop("call_type"))

        def _parse_agent(data: object) -> None | OaCallAgent:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                agent_type_0 = OaCallAgent.from_dict(data)

                return agent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaCallAgent, data)

        agent = _parse_agent(d.pop("agent"))

        customer = OaCallCustomer.from_dict(d.pop("customer"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_link(data: object) -> None | OaCallLink:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                link_type_0 = OaCallLink.from_dict(data)

                return link_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaCallLink, data)

        link = _parse_link(d.pop("link"))

        def _parse_ended(data: object) -> None | OaCallEnd:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                ended_type_0 = OaCallEnd.from_dict(data)

                return ended_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaCallEnd, data)

        ended = _parse_ended(d.pop("ended"))

        def _parse_auto_reply(data: object) -> None | OaAutoReply:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                auto_reply_type_0 = OaAutoReply.from_dict(data)

                return auto_reply_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaAutoReply, data)

        auto_reply = _parse_auto_reply(d.pop("auto_reply"))

        def _parse_phone_hash(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phone_hash = _parse_phone_hash(d.pop("phone_hash"))

        oa_call_data = cls(
            id=id,
            direction=direction,
            result=result,
            call_type=call_type,
            agent=agent,
            customer=customer,
            created_at=created_at,
            link=link,
            ended=ended,
            auto_reply=auto_reply,
            phone_hash=phone_hash,
        )

        oa_call_data.additional_properties = d
        return oa_call_data

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
