from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.oa_author import OaAuthor
    from ..models.oa_hours import OaHours
    from ..models.oa_replies import OaReplies
    from ..models.oa_suspension import OaSuspension


T = TypeVar("T", bound="OaSettings")


@_attrs_define
class OaSettings:
    """The settings of an OA's call desk."""

    enabled: bool
    """ Whether calls may be made at all. """
    verified_enterprise: bool
    """ Whether Zalo has verified the OA as a business. """
    suspended: None | OaSuspension
    time_zone: str
    """ A name of the tz database; its wall clock decides. """
    hours: OaHours
    """ A span for each weekday; null: that day has none. """
    replies: OaReplies
    """ What a customer gets whose call nobody takes; null: nothing. """
    version: int
    """ Counts the changes; 0: nothing was set yet. """
    updated_at: datetime.datetime | None
    updated_by: None | OaAuthor
    """ Who made this version. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.oa_author import OaAuthor
        from ..models.oa_suspension import OaSuspension

        enabled = self.enabled

        verified_enterprise = self.verified_enterprise

        suspended: dict[str, Any] | None
        if isinstance(self.suspended, OaSuspension):
            suspended = self.suspended.to_dict()
        else:
            suspended = self.suspended

        time_zone = self.time_zone

        hours = self.hours.to_dict()

        replies = self.replies.to_dict()

        version = self.version

        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        updated_by: dict[str, Any] | None
        if isinstance(self.updated_by, OaAuthor):
            updated_by = self.updated_by.to_dict()
        else:
            updated_by = self.updated_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "enabled": enabled,
                "verified_enterprise": verified_enterprise,
                "suspended": suspended,
                "time_zone": time_zone,
                "hours": hours,
                "replies": replies,
                "version": version,
                "updated_at": updated_at,
                "updated_by": updated_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.oa_author import OaAuthor
        from ..models.oa_hours import OaHours
        from ..models.oa_replies import OaReplies
        from ..models.oa_suspension import OaSuspension

        d = dict(src_dict)
        enabled = d.pop("enabled")

        verified_enterprise = d.pop("verified_enterprise")

        def _parse_suspended(data: object) -> None | OaSuspension:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                suspended_type_0 = OaSuspension.from_dict(data)

                return suspended_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSuspension, data)

        suspended = _parse_suspended(d.pop("suspended"))

        time_zone = d.pop("time_zone")

        hours = OaHours.from_dict(d.pop("hours"))

        replies = OaReplies.from_dict(d.pop("replies"))

        version = d.pop("version")

        def _parse_updated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data)

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        updated_at = _parse_updated_at(d.pop("updated_at"))

        def _parse_updated_by(data: object) -> None | OaAuthor:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                updated_by_type_0 = OaAuthor.from_dict(data)

                return updated_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaAuthor, data)

        updated_by = _parse_updated_by(d.pop("updated_by"))

        oa_settings = cls(
            enabled=enabled,
            verified_enterprise=verified_enterprise,
            suspended=suspended,
            time_zone=time_zone,
            hours=hours,
            replies=replies,
            version=version,
            updated_at=updated_at,
            updated_by=updated_by,
        )

        oa_settings.additional_properties = d
        return oa_settings

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
