from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_call_type import KnownOaCallType
from ..models.known_oa_consent_reason import KnownOaConsentReason
from ..models.known_oa_consent_state import KnownOaConsentState

if TYPE_CHECKING:
    from ..models.delivery_cost import DeliveryCost


T = TypeVar("T", bound="OaConsentData")


@_attrs_define
class OaConsentData:
    """A customer's permission to be called, after it has changed."""

    id: str
    oa_id: str
    phone: str
    """ Masked, unless the API key has `phones:read`. """
    user_id: None | str
    """ Zalo's id of the customer; null: not known. """
    user_id_confirmed: bool
    """ Whether Zalo has told it for this number: else it is a note, and nobody is called by it. """
    name: None | str
    """ What the OA calls the customer. """
    state: KnownOaConsentState | str
    """ What a permission is. """
    why: None | str
    """ A word for why it is so: Zalo's refusal of the request above all. """
    since: datetime.datetime | None
    """ When what made it so happened. """
    call_type: KnownOaCallType | None | str
    """ What is allowed, or asked for; null: nobody told. """
    expires_at: datetime.datetime | None
    """ When what was allowed ends, or has ended. """
    unlimited: bool
    """ Whether calls are allowed without an end. """
    answer_until: datetime.datetime | None
    """ Until when the customer may answer; null: nobody is asked. """
    may_ask_at: datetime.datetime | None
    """ Before it Zalo is not asked again, because it said that it has been asked too often. """
    reason: KnownOaConsentReason | None | str
    """ Why the customer was asked last; null: not by this API. """
    asked_at: datetime.datetime | None
    """ When. """
    cost: DeliveryCost | None
    """ Of the last request. Null: no price is set, or it was not made here. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    updated_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    phone_hash: str
    """ The same for the same number: it groups a client's events, and nobody can call it; empty if the consent was
    deleted. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.delivery_cost import DeliveryCost

        id = self.id

        oa_id = self.oa_id

        phone = self.phone

        user_id: None | str
        user_id = self.user_id

        user_id_confirmed = self.user_id_confirmed

        name: None | str
        name = self.name

        state: str
        if isinstance(self.state, KnownOaConsentState):
            state = self.state.value
        else:
            state = self.state

        why: None | str
        why = self.why

        since: None | str
        if isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        call_type: None | str
        if isinstance(self.call_type, KnownOaCallType):
            call_type = self.call_type.value
        else:
            call_type = self.call_type

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        unlimited = self.unlimited

        answer_until: None | str
        if isinstance(self.answer_until, datetime.datetime):
            answer_until = self.answer_until.isoformat()
        else:
            answer_until = self.answer_until

        may_ask_at: None | str
        if isinstance(self.may_ask_at, datetime.datetime):
            may_ask_at = self.may_ask_at.isoformat()
        else:
            may_ask_at = self.may_ask_at

        reason: None | str
        if isinstance(self.reason, KnownOaConsentReason):
            reason = self.reason.value
        else:
            reason = self.reason

        asked_at: None | str
        if isinstance(self.asked_at, datetime.datetime):
            asked_at = self.asked_at.isoformat()
        else:
            asked_at = self.asked_at

        cost: dict[str, Any] | None
        if isinstance(self.cost, DeliveryCost):
            cost = self.cost.to_dict()
        else:
            cost = self.cost

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        phone_hash = self.phone_hash

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "oa_id": oa_id,
                "phone": phone,
                "user_id": user_id,
                "user_id_confirmed": user_id_confirmed,
                "name": name,
                "state": state,
                "why": why,
                "since": since,
                "call_type": call_type,
                "expires_at": expires_at,
                "unlimited": unlimited,
                "answer_until": answer_until,
                "may_ask_at": may_ask_at,
                "reason": reason,
                "asked_at": asked_at,
                "cost": cost,
                "created_at": created_at,
                "updated_at": updated_at,
                "phone_hash": phone_hash,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.delivery_cost import DeliveryCost

        d = dict(src_dict)
        id = d.pop("id")

        oa_id = d.pop("oa_id")

        phone = d.pop("phone")

        def _parse_user_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        user_id = _parse_user_id(d.pop("user_id"))

        user_id_confirmed = d.pop("user_id_confirmed")

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        name = _parse_name(d.pop("name"))

        def _parse_state(data: object) -> KnownOaConsentState | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_consent_state_type_0 = KnownOaConsentState(data)

                return componentsschemas_oa_consent_state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaConsentState | str, data)

        state = _parse_state(d.pop("state"))

        def _parse_why(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        why = _parse_why(d.pop("why"))

        def _parse_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        since = _parse_since(d.pop("since"))

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

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        unlimited = d.pop("unlimited")

        def _parse_answer_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answer_until_type_0 = datetime.datetime.fromisoformat(data)

                return answer_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        answer_until = _parse_answer_until(d.pop("answer_until"))

        def _parse_may_ask_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                may_ask_at_type_0 = datetime.datetime.fromisoformat(data)

                return may_ask_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        may_ask_at = _parse_may_ask_at(d.pop("may_ask_at"))

        def _parse_reason(data: object) -> KnownOaConsentReason | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_consent_reason_type_0 = KnownOaConsentReason(data)

                return componentsschemas_oa_consent_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaConsentReason | None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_asked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                asked_at_type_0 = datetime.datetime.fromisoformat(data)

                return asked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        asked_at = _parse_asked_at(d.pop("asked_at"))

        def _parse_cost(data: object) -> DeliveryCost | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cost_type_0 = DeliveryCost.from_dict(data)

                return cost_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DeliveryCost | None, data)

        cost = _parse_cost(d.pop("cost"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        phone_hash = d.pop("phone_hash")

        oa_consent_data = cls(
            id=id,
            oa_id=oa_id,
            phone=phone,
            user_id=user_id,
            user_id_confirmed=user_id_confirmed,
            name=name,
            state=state,
            why=why,
            since=since,
            call_type=call_type,
            expires_at=expires_at,
            unlimited=unlimited,
            answer_until=answer_until,
            may_ask_at=may_ask_at,
            reason=reason,
            asked_at=asked_at,
            cost=cost,
            created_at=created_at,
            updated_at=updated_at,
            phone_hash=phone_hash,
        )

        oa_consent_data.additional_properties = d
        return oa_consent_data

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
