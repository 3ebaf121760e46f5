from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_audit_action import KnownAuditAction
from ..models.known_audit_resource import KnownAuditResource

T = TypeVar("T", bound="AuditEntry")


@_attrs_define
class AuditEntry:
    """Who changed what, from which version to which."""

    id: str
    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    key_id: None | str
    """ The API key that was used; null: the operator of the stack, with rights of AWS. """
    action: KnownAuditAction | str
    """ How something was changed. """
    resource: KnownAuditResource | str
    """ What was changed. """
    resource_id: None | str
    """ Which one; null: a client has only one. """
    from_version: int | None
    """ The version before; null: there was none, or it has no versions. """
    to_version: int | None
    """ The version after; null: it was deleted, or it has no versions. """
    fields: list[str]
    """ Names of the fields that differ, never their values; of an object, `object.field`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        at = self.at.isoformat()

        key_id: None | str
        key_id = self.key_id

        action: str
        if isinstance(self.action, KnownAuditAction):
            action = self.action.value
        else:
            action = self.action

        resource: str
        if isinstance(self.resource, KnownAuditResource):
            resource = self.resource.value
        else:
            resource = self.resource

        resource_id: None | str
        resource_id = self.resource_id

        from_version: int | None
        from_version = self.from_version

        to_version: int | None
        to_version = self.to_version

        fields = self.fields

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "at": at,
                "key_id": key_id,
                "action": action,
                "resource": resource,
                "resource_id": resource_id,
                "from_version": from_version,
                "to_version": to_version,
                "fields": fields,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_key_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        key_id = _parse_key_id(d.pop("key_id"))

        def _parse_action(data: object) -> KnownAuditAction | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_audit_action_type_0 = KnownAuditAction(data)

                return componentsschemas_audit_action_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownAuditAction | str, data)

        action = _parse_action(d.pop("action"))

        def _parse_resource(data: object) -> KnownAuditResource | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_audit_resource_type_0 = KnownAuditResource(data)

                return componentsschemas_audit_resource_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownAuditResource | str, data)

        resource = _parse_resource(d.pop("resource"))

        def _parse_resource_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        resource_id = _parse_resource_id(d.pop("resource_id"))

        def _parse_from_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        from_version = _parse_from_version(d.pop("from_version"))

        def _parse_to_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        to_version = _parse_to_version(d.pop("to_version"))

        fields = cast(list[str], d.pop("fields"))

        audit_entry = cls(
            id=id,
            at=at,
            key_id=key_id,
            action=action,
            resource=resource,
            resource_id=resource_id,
            from_version=from_version,
            to_version=to_version,
            fields=fields,
        )

        audit_entry.additional_properties = d
        return audit_entry

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
