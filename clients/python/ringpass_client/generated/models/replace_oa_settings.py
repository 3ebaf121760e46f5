from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_oa_hours import ReplaceOaHours
    from ..models.replace_oa_replies import ReplaceOaReplies
    from ..models.replace_oa_suspension import ReplaceOaSuspension


T = TypeVar("T", bound="ReplaceOaSettings")


@_attrs_define
class ReplaceOaSettings:
    """``PUT /v1/oa/{oa_id}/settings``: all of them; what is left out has its default."""

    enabled: bool | Unset = UNSET
    """ whether calls may be made at all; `false` if left out """
    verified_enterprise: bool | Unset = UNSET
    """ whether Zalo has verified the OA as a business: only such a one calls; `false` if left out """
    suspended: None | ReplaceOaSuspension | Unset = UNSET
    time_zone: str | Unset = UNSET
    """ a name of the tz database; its wall clock decides; `"Asia/Ho_Chi_Minh"` if left out """
    hours: ReplaceOaHours | Unset = UNSET
    """ A span for each weekday; null, or left out: that day has none. """
    replies: ReplaceOaReplies | Unset = UNSET
    """ The text for each case; null, or left out: nothing is sent. """
    version: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.replace_oa_suspension import ReplaceOaSuspension

        enabled = self.enabled

        verified_enterprise = self.verified_enterprise

        suspended: dict[str, Any] | None | Unset
        if isinstance(self.suspended, Unset):
            suspended = UNSET
        elif isinstance(self.suspended, ReplaceOaSuspension):
            suspended = self.suspended.to_dict()
        else:
            suspended = self.suspended

        time_zone = self.time_zone

        hours: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hours, Unset):
            hours = self.hours.to_dict()

        replies: dict[str, Any] | Unset = UNSET
        if not isinstance(self.replies, Unset):
            replies = self.replies.to_dict()

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if enabled is not UNSET:
            field_dict["enabled"] = enabled
        if verified_enterprise is not UNSET:
            field_dict["verified_enterprise"] = verified_enterprise
        if suspended is not UNSET:
            field_dict["suspended"] = suspended
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone
        if hours is not UNSET:
            field_dict["hours"] = hours
        if replies is not UNSET:
            field_dict["replies"] = replies
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_oa_hours import ReplaceOaHours
        from ..models.replace_oa_replies import ReplaceOaReplies
        from ..models.replace_oa_suspension import ReplaceOaSuspension

        d = dict(src_dict)
        enabled = d.pop("enabled", UNSET)

        verified_enterprise = d.pop("verified_enterprise", UNSET)

        def _parse_suspended(data: object) -> None | ReplaceOaSuspension | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                suspended_type_0 = ReplaceOaSuspension.from_dict(data)

                return suspended_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSuspension | Unset, data)

        suspended = _parse_suspended(d.pop("suspended", UNSET))

        time_zone = d.pop("time_zone", UNSET)

        _hours = d.pop("hours", UNSET)
        hours: ReplaceOaHours | Unset
        if isinstance(_hours, Unset):
            hours = UNSET
        else:
            hours = ReplaceOaHours.from_dict(_hours)

        _replies = d.pop("replies", UNSET)
        replies: ReplaceOaReplies | Unset
        if isinstance(_replies, Unset):
            replies = UNSET
        else:
            replies = ReplaceOaReplies.from_dict(_replies)

        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        replace_oa_settings = cls(
            enabled=enabled,
            verified_enterprise=verified_enterprise,
            suspended=suspended,
            time_zone=time_zone,
            hours=hours,
            replies=replies,
            version=version,
        )

        return replace_oa_settings
