from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_cause_action import KnownCauseAction
from ..models.known_delivery_status import KnownDeliveryStatus

T = TypeVar("T", bound="CauseRow")


@_attrs_define
class CauseRow:
    """What follows from an outcome of a delivery."""

    outcome: KnownDeliveryStatus | str
    """ State of a delivery. """
    reason: None | str
    """ Only with this reason; null: with any that has no row of its own. """
    action: KnownCauseAction | str
    """ What a verification does next. """
    after_seconds: int
    """ With `retry`: the pause before the new delivery. """
    times: int
    """ With `retry`: how often in one step; then the next step. """
    no_more_calls: bool
    """ Steps that call are left out from then on. """
    why: str
    """ The reason for this row. """
    changed: bool
    """ Whether the client has set it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        outcome: str
        if isinstance(self.outcome, KnownDeliveryStatus):
            outcome = self.outcome.value
        else:
            outcome = self.outcome

        reason: None | str
        reason = self.reason

        action: str
        if isinstance(self.action, KnownCauseAction):
            action = self.action.value
        else:
            action = self.action

        after_seconds = self.after_seconds

        times = self.times

        no_more_calls = self.no_more_calls

        why = self.why

        changed = self.changed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "outcome": outcome,
                "reason": reason,
                "action": action,
                "after_seconds": after_seconds,
                "times": times,
                "no_more_calls": no_more_calls,
                "why": why,
                "changed": changed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_outcome(data: object) -> KnownDeliveryStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_delivery_status_type_0 = KnownDeliveryStatus(data)

                return componentsschemas_delivery_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownDeliveryStatus | str, data)

        outcome = _parse_outcome(d.pop("outcome"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_action(data: object) -> KnownCauseAction | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_cause_action_type_0 = KnownCauseAction(data)

                return componentsschemas_cause_action_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownCauseAction | str, data)

        action = _parse_action(d.pop("action"))

        after_seconds = d.pop("after_seconds")

        times = d.pop("times")

        no_more_calls = d.pop("no_more_calls")

        why = d.pop("why")

        changed = d.pop("changed")

        cause_row = cls(
            outcome=outcome,
            reason=reason,
            action=action,
            after_seconds=after_seconds,
            times=times,
            no_more_calls=no_more_calls,
            why=why,
            changed=changed,
        )

        cause_row.additional_properties = d
        return cause_row

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
