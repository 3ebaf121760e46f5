from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.replace_cause_row_action import ReplaceCauseRowAction
from ..models.replace_cause_row_outcome import ReplaceCauseRowOutcome
from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceCauseRow")


@_attrs_define
class ReplaceCauseRow:
    """A row of the cause table, in the place of the default about the same."""

    outcome: ReplaceCauseRowOutcome
    action: ReplaceCauseRowAction
    """ What a verification does next. """
    reason: None | str | Unset = UNSET
    """ only with this reason, such as `q850_28`; null: with any """
    after_seconds: int | None | Unset = UNSET
    """ with `retry`: the pause before the new delivery """
    times: int | None | Unset = UNSET
    """ with `retry`: how often in one step; 1 if left out """
    no_more_calls: bool | Unset = UNSET
    """ with `wait` and `next`: steps that call are left out from then on; `false` if left out """
    why: None | str | Unset = UNSET
    """ the reason, as a sentence """

    def to_dict(self) -> dict[str, Any]:
        outcome = self.outcome.value

        action = self.action.value

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        after_seconds: int | None | Unset
        if isinstance(self.after_seconds, Unset):
            after_seconds = UNSET
        else:
            after_seconds = self.after_seconds

        times: int | None | Unset
        if isinstance(self.times, Unset):
            times = UNSET
        else:
            times = self.times

        no_more_calls = self.no_more_calls

        why: None | str | Unset
        if isinstance(self.why, Unset):
            why = UNSET
        else:
            why = self.why

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "outcome": outcome,
                "action": action,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if after_seconds is not UNSET:
            field_dict["after_seconds"] = after_seconds
        if times is not UNSET:
            field_dict["times"] = times
        if no_more_calls is not UNSET:
            field_dict["no_more_calls"] = no_more_calls
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        outcome = ReplaceCauseRowOutcome(d.pop("outcome"))

        action = ReplaceCauseRowAction(d.pop("action"))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_after_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        after_seconds = _parse_after_seconds(d.pop("after_seconds", UNSET))

        def _parse_times(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        times = _parse_times(d.pop("times", UNSET))

        no_more_calls = d.pop("no_more_calls", UNSET)

        def _parse_why(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        why = _parse_why(d.pop("why", UNSET))

        replace_cause_row = cls(
            outcome=outcome,
            action=action,
            reason=reason,
            after_seconds=after_seconds,
            times=times,
            no_more_calls=no_more_calls,
            why=why,
        )

        return replace_cause_row
