from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_call_type import KnownOaCallType
from ..models.known_oa_consent_fact import KnownOaConsentFact
from ..models.known_oa_consent_reason import KnownOaConsentReason
from ..models.known_oa_consent_source import KnownOaConsentSource

T = TypeVar("T", bound="OaConsentEvidence")


@_attrs_define
class OaConsentEvidence:
    """A fact that a permission follows from."""

    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    learnt_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    source: KnownOaConsentSource | str
    """ Who says it. """
    what: KnownOaConsentFact | str
    """ What happened. """
    said: None | str
    """ Zalo's own word or number for it. """
    why: None | str
    """ The same in a word. """
    until: datetime.datetime | None
    """ Until when it holds, as Zalo said; null: it did not say. """
    unlimited: bool
    """ Whether Zalo said that it has no end. """
    call_type: KnownOaCallType | None | str
    """ Of a request: what for. """
    reason: KnownOaConsentReason | None | str
    """ Of a request: why. """
    client: None | str
    """ Of a request or a check: who wanted it. """
    key_id: None | str
    """ The API key that was used. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        learnt_at = self.learnt_at.isoformat()

        source: str
        if isinstance(self.source, KnownOaConsentSource):
            source = self.source.value
        else:
            source = self.source

        what: str
        if isinstance(self.what, KnownOaConsentFact):
            what = self.what.value
        else:
            what = self.what

        said: None | str
        said = self.said

        why: None | str
        why = self.why

        until: None | str
        if isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        unlimited = self.unlimited

        call_type: None | str
        if isinstance(self.call_type, KnownOaCallType):
            call_type = self.call_type.value
        else:
            call_type = self.call_type

        reason: None | str
        if isinstance(self.reason, KnownOaConsentReason):
            reason = self.reason.value
        else:
            reason = self.reason

        client: None | str
        client = self.client

        key_id: None | str
        key_id = self.key_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "learnt_at": learnt_at,
                "source": source,
                "what": what,
                "said": said,
                "why": why,
                "until": until,
                "unlimited": unlimited,
                "call_type": call_type,
                "reason": reason,
                "client": client,
                "key_id": key_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        learnt_at = datetime.datetime.fromisoformat(d.pop("learnt_at"))

        def _parse_source(data: object) -> KnownOaConsentSource | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_consent_source_type_0 = KnownOaConsentSource(data)

                return componentsschemas_oa_consent_source_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaConsentSource | str, data)

        source = _parse_source(d.pop("source"))

        def _parse_what(data: object) -> KnownOaConsentFact | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_consent_fact_type_0 = KnownOaConsentFact(data)

                return componentsschemas_oa_consent_fact_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaConsentFact | str, data)

        what = _parse_what(d.pop("what"))

        def _parse_said(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        said = _parse_said(d.pop("said"))

        def _parse_why(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        why = _parse_why(d.pop("why"))

        def _parse_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        until = _parse_until(d.pop("until"))

        unlimited = d.pop("unlimited")

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

        def _parse_client(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        client = _parse_client(d.pop("client"))

        def _parse_key_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        key_id = _parse_key_id(d.pop("key_id"))

        oa_consent_evidence = cls(
            at=at,
            learnt_at=learnt_at,
            source=source,
            what=what,
            said=said,
            why=why,
            until=until,
            unlimited=unlimited,
            call_type=call_type,
            reason=reason,
            client=client,
            key_id=key_id,
        )

        oa_consent_evidence.additional_properties = d
        return oa_consent_evidence

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
