from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.replace_provider_order_voice_otp_type_0_item import (
    ReplaceProviderOrderVoiceOtpType0Item,
)
from ..models.replace_provider_order_zns_type_0_item import (
    ReplaceProviderOrderZnsType0Item,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceProviderOrder")


@_attrs_define
class ReplaceProviderOrder:
    """The providers of each channel that has several, the first one asked first."""

    zns: list[ReplaceProviderOrderZnsType0Item] | None | Unset = UNSET
    voice_otp: list[ReplaceProviderOrderVoiceOtpType0Item] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        zns: list[str] | None | Unset
        if isinstance(self.zns, Unset):
            zns = UNSET
        elif isinstance(self.zns, list):
            zns = []
            for zns_type_0_item_data in self.zns:
                zns_type_0_item = zns_type_0_item_data.value
                zns.append(zns_type_0_item)

        else:
            zns = self.zns

        voice_otp: list[str] | None | Unset
        if isinstance(self.voice_otp, Unset):
            voice_otp = UNSET
        elif isinstance(self.voice_otp, list):
            voice_otp = []
            for voice_otp_type_0_item_data in self.voice_otp:
                voice_otp_type_0_item = voice_otp_type_0_item_data.value
                voice_otp.append(voice_otp_type_0_item)

        else:
            voice_otp = self.voice_otp

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if zns is not UNSET:
            field_dict["zns"] = zns
        if voice_otp is not UNSET:
            field_dict["voice_otp"] = voice_otp

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_zns(data: object) -> list[ReplaceProviderOrderZnsType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                zns_type_0 = []
                _zns_type_0 = data
                for zns_type_0_item_data in _zns_type_0:
                    zns_type_0_item = ReplaceProviderOrderZnsType0Item(zns_type_0_item_data)

                    zns_type_0.append(zns_type_0_item)

                return zns_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ReplaceProviderOrderZnsType0Item] | None | Unset, data)

        zns = _parse_zns(d.pop("zns", UNSET))

        def _parse_voice_otp(
            data: object,
        ) -> list[ReplaceProviderOrderVoiceOtpType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                voice_otp_type_0 = []
                _voice_otp_type_0 = data
                for voice_otp_type_0_item_data in _voice_otp_type_0:
                    voice_otp_type_0_item = ReplaceProviderOrderVoiceOtpType0Item(
                        voice_otp_type_0_item_data
                    )

                    voice_otp_type_0.append(voice_otp_type_0_item)

                return voice_otp_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ReplaceProviderOrderVoiceOtpType0Item] | None | Unset, data)

        voice_otp = _parse_voice_otp(d.pop("voice_otp", UNSET))

        replace_provider_order = cls(
            zns=zns,
            voice_otp=voice_otp,
        )

        return replace_provider_order
