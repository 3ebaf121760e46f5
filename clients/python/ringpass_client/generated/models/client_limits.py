from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.client_limits_daily_money import ClientLimitsDailyMoney
    from ..models.fraud_budget import FraudBudget
    from ..models.number_list import NumberList
    from ..models.send_window import SendWindow


T = TypeVar("T", bound="ClientLimits")


@_attrs_define
class ClientLimits:
    """What may be sent; null is no limit."""

    phone: None | SendWindow
    """ The client's sends to one number. """
    phone_all_clients: None | SendWindow
    """ All clients' sends to one number. """
    prefix: None | SendWindow
    """ The client's sends to numbers that differ in the last four digits only. """
    pauses: list[int] | None
    """ Seconds between one start of a verification to a number and the next. """
    pauses_reset_seconds: int
    """ After so long without a start the pauses begin anew. """
    daily_sends: int | None
    """ In a day (UTC). """
    daily_money: ClientLimitsDailyMoney
    """ In a day (UTC) by currency. What is not in it is not limited. """
    verification_deliveries: int
    """ Of one verification. """
    deny: NumberList
    """ Numbers and prefixes that are treated apart. """
    allow: NumberList
    """ Numbers and prefixes that are treated apart. """
    fraud_budget: FraudBudget
    """ How many codes may be started in a day and not verified. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.send_window import SendWindow

        phone: dict[str, Any] | None
        if isinstance(self.phone, SendWindow):
            phone = self.phone.to_dict()
        else:
            phone = self.phone

        phone_all_clients: dict[str, Any] | None
        if isinstance(self.phone_all_clients, SendWindow):
            phone_all_clients = self.phone_all_clients.to_dict()
        else:
            phone_all_clients = self.phone_all_clients

        prefix: dict[str, Any] | None
        if isinstance(self.prefix, SendWindow):
            prefix = self.prefix.to_dict()
        else:
            prefix = self.prefix

        pauses: list[int] | None
        if isinstance(self.pauses, list):
            pauses = self.pauses

        else:
            pauses = self.pauses

        pauses_reset_seconds = self.pauses_reset_seconds

        daily_sends: int | None
        daily_sends = self.daily_sends

        daily_money = self.daily_money.to_dict()

        verification_deliveries = self.verification_deliveries

        deny = self.deny.to_dict()

        allow = self.allow.to_dict()

        fraud_budget = self.fraud_budget.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "phone": phone,
                "phone_all_clients": phone_all_clients,
                "prefix": prefix,
                "pauses": pauses,
                "pauses_reset_seconds": pauses_reset_seconds,
                "daily_sends": daily_sends,
                "daily_money": daily_money,
                "verification_deliveries": verification_deliveries,
                "deny": deny,
                "allow": allow,
                "fraud_budget": fraud_budget,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.client_limits_daily_money import ClientLimitsDailyMoney
        from ..models.fraud_budget import FraudBudget
        from ..models.number_list import NumberList
        from ..models.send_window import SendWindow

        d = dict(src_dict)

        def _parse_phone(data: object) -> None | SendWindow:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                phone_type_0 = SendWindow.from_dict(data)

                return phone_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SendWindow, data)

        phone = _parse_phone(d.pop("phone"))

        def _parse_phone_all_clients(data: object) -> None | SendWindow:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                phone_all_clients_type_0 = SendWindow.from_dict(data)

                return phone_all_clients_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SendWindow, data)

        phone_all_clients = _parse_phone_all_clients(d.pop("phone_all_clients"))

        def _parse_prefix(data: object) -> None | SendWindow:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                prefix_type_0 = SendWindow.from_dict(data)

                return prefix_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SendWindow, data)

        prefix = _parse_prefix(d.pop("prefix"))

        def _parse_pauses(data: object) -> list[int] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                pauses_type_0 = cast(list[int], data)

                return pauses_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None, data)

        pauses = _parse_pauses(d.pop("pauses"))

        pauses_reset_seconds = d.pop("pauses_reset_seconds")

        def _parse_daily_sends(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_sends = _parse_daily_sends(d.pop("daily_sends"))

        daily_money = ClientLimitsDailyMoney.from_dict(d.pop("daily_money"))

        verification_deliveries = d.pop("verification_deliveries")

        deny = NumberList.from_dict(d.pop("deny"))

        allow = NumberList.from_dict(d.pop("allow"))

        fraud_budget = FraudBudget.from_dict(d.pop("fraud_budget"))

        client_limits = cls(
            phone=phone,
            phone_all_clients=phone_all_clients,
            prefix=prefix,
            pauses=pauses,
            pauses_reset_seconds=pauses_reset_seconds,
            daily_sends=daily_sends,
            daily_money=daily_money,
            verification_deliveries=verification_deliveries,
            deny=deny,
            allow=allow,
            fraud_budget=fraud_budget,
        )

        client_limits.additional_properties = d
        return client_limits

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
