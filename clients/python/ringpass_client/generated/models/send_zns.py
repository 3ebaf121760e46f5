from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.send_zns_metadata import SendZnsMetadata
    from ..models.send_zns_params_type_0 import SendZnsParamsType0


T = TypeVar("T", bound="SendZns")


@_attrs_define
class SendZns:
    """``POST /v1/zns``: a Zalo message from a template."""

    phone: str
    """ E.164, or a national number with `region`; blanks, dots, dashes and brackets in it are taken out """
    template: int | str
    """ a registered template's name, or CareSoft's scenario id """
    region: None | str | Unset = UNSET
    metadata: SendZnsMetadata | Unset = UNSET
    consent_reference: None | str | Unset = UNSET
    params: None | SendZnsParamsType0 | Unset = UNSET
    ticket_id: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.send_zns_params_type_0 import SendZnsParamsType0

        phone = self.phone

        template: int | str
        template = self.template

        region: None | str | Unset
        if isinstance(self.region, Unset):
            region = UNSET
        else:
            region = self.region

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        consent_reference: None | str | Unset
        if isinstance(self.consent_reference, Unset):
            consent_reference = UNSET
        else:
            consent_reference = self.consent_reference

        params: dict[str, Any] | None | Unset
        if isinstance(self.params, Unset):
            params = UNSET
        elif isinstance(self.params, SendZnsParamsType0):
            params = self.params.to_dict()
        else:
            params = self.params

        ticket_id: int | None | Unset
        if isinstance(self.ticket_id, Unset):
            ticket_id = UNSET
        else:
            ticket_id = self.ticket_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone": phone,
                "template": template,
            }
        )
        if region is not UNSET:
            field_dict["region"] = region
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if consent_reference is not UNSET:
            field_dict["consent_reference"] = consent_reference
        if params is not UNSET:
            field_dict["params"] = params
        if ticket_id is not UNSET:
            field_dict["ticket_id"] = ticket_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.send_zns_metadata import SendZnsMetadata
        from ..models.send_zns_params_type_0 import SendZnsParamsType0

        d = dict(src_dict)
        phone = d.pop("phone")

        def _parse_template(data: object) -> int | str:
            return cast(int | str, data)

        template = _parse_template(d.pop("template"))

        def _parse_region(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        region = _parse_region(d.pop("region", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: SendZnsMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = SendZnsMetadata.from_dict(_metadata)

        def _parse_consent_reference(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        consent_reference = _parse_consent_reference(d.pop("consent_reference", UNSET))

        def _parse_params(data: object) -> None | SendZnsParamsType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                params_type_0 = SendZnsParamsType0.from_dict(data)

                return params_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SendZnsParamsType0 | Unset, data)

        params = _parse_params(d.pop("params", UNSET))

        def _parse_ticket_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        ticket_id = _parse_ticket_id(d.pop("ticket_id", UNSET))

        send_zns = cls(
            phone=phone,
            template=template,
            region=region,
            metadata=metadata,
            consent_reference=consent_reference,
            params=params,
            ticket_id=ticket_id,
        )

        return send_zns
