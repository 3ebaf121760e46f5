from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.conversion_rates import ConversionRates
    from ..models.currency_cost import CurrencyCost
    from ..models.delivery_feedback_counts import DeliveryFeedbackCounts
    from ..models.verification_end_counts import VerificationEndCounts


T = TypeVar("T", bound="StatisticsItem")


@_attrs_define
class StatisticsItem:
    """What was counted where the dimensions have these values; those not asked for are absent."""

    sends: int
    """ Deliveries; those that are none of the next four are still `reserved`. """
    accepted: int
    """ Now `accepted`: what became of them is not known, or is never told. """
    answered: int
    """ Now `answered` or `delivered`. """
    negative: int
    """ Now `rejected`, `busy`, `no_answer`, `refused`, `billing_failed`, `unreachable`, `failed`. """
    unknown: int
    """ Now `unknown`. """
    started: int
    """ Verifications that were started. """
    ended: VerificationEndCounts
    """ How verifications ended. """
    feedback: DeliveryFeedbackCounts
    """ Single sends with feedback, by what it says. """
    approved: int
    """ Verified codes, with the channel whose code it was: approved verifications, each counted once, and single
    sends whose feedback says so. """
    conversion: ConversionRates
    """ Shares, from 0 to 1, with four places; null where nothing can be divided by. """
    cost: list[CurrencyCost]
    day: str | Unset = UNSET
    """ UTC; of the creation of what is counted, as all of them. """
    hour: str | Unset = UNSET
    """ UTC: `00` to `23`. """
    channel: str | Unset = UNSET
    """ A channel, `verification` (as such: they have no one channel) or `oa_consent` (paid for). """
    country: str | Unset = UNSET
    """ ISO 3166, or `other`. """
    prefix: str | Unset = UNSET
    """ E.164 without the last seven digits. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        sends = self.sends

        accepted = self.accepted

        answered = self.answered

        negative = self.negative

        unknown = self.unknown

        started = self.started

        ended = self.ended.to_dict()

        feedback = self.feedback.to_dict()

        approved = self.approved

        conversion = self.conversion.to_dict()

        cost = []
        for cost_item_data in self.cost:
            cost_item = cost_item_data.to_dict()
            cost.append(cost_item)

        day = self.day

        hour = self.hour

        channel = self.channel

        country = self.country

        prefix = self.prefix

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "sends": sends,
                "accepted": accepted,
                "answered": answered,
                "negative": negative,
                "unknown": unknown,
                "started": started,
                "ended": ended,
                "feedback": feedback,
                "approved": approved,
                "conversion": conversion,
                "cost": cost,
            }
        )
        if day is not UNSET:
            field_dict["day"] = day
        if hour is not UNSET:
            field_dict["hour"] = hour
        if channel is not UNSET:
            field_dict["channel"] = channel
        if country is not UNSET:
            field_dict["country"] = country
        if prefix is not UNSET:
            field_dict["prefix"] = prefix

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.conversion_rates import ConversionRates
        from ..models.currency_cost import CurrencyCost
        from ..models.delivery_feedback_counts import DeliveryFeedbackCounts
        from ..models.verification_end_counts import VerificationEndCounts

        d = dict(src_dict)
        sends = d.pop("sends")

        accepted = d.pop("accepted")

        answered = d.pop("answered")

        negative = d.pop("negative")

        unknown = d.pop("unknown")

        started = d.pop("started")

        ended = VerificationEndCounts.from_dict(d.pop("ended"))

        feedback = DeliveryFeedbackCounts.from_dict(d.pop("feedback"))

        approved = d.pop("approved")

        conversion = ConversionRates.from_dict(d.pop("conversion"))

        cost = []
        _cost = d.pop("cost")
        for cost_item_data in _cost:
            cost_item = CurrencyCost.from_dict(cost_item_data)

            cost.append(cost_item)

        day = d.pop("day", UNSET)

        hour = d.pop("hour", UNSET)

        channel = d.pop("channel", UNSET)

        country = d.pop("country", UNSET)

        prefix = d.pop("prefix", UNSET)

        statistics_item = cls(
            sends=sends,
            accepted=accepted,
            answered=answered,
            negative=negative,
            unknown=unknown,
            started=started,
            ended=ended,
            feedback=feedback,
            approved=approved,
            conversion=conversion,
            cost=cost,
            day=day,
            hour=hour,
            channel=channel,
            country=country,
            prefix=prefix,
        )

        statistics_item.additional_properties = d
        return statistics_item

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
