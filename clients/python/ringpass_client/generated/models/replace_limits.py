from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_all_clients_window import ReplaceAllClientsWindow
    from ..models.replace_fraud_budget import ReplaceFraudBudget
    from ..models.replace_limits_daily_money import ReplaceLimitsDailyMoney
    from ..models.replace_number_list import ReplaceNumberList
    from ..models.replace_phone_window import ReplacePhoneWindow
    from ..models.replace_prefix_window import ReplacePrefixWindow


T = TypeVar("T", bound="ReplaceLimits")


@_attrs_define
class ReplaceLimits:
    """What may be sent. What is left out has its default, null is no limit."""

    phone: None | ReplacePhoneWindow | Unset = UNSET
    """ sends to one number; 5 in 600 s if left out """
    phone_all_clients: None | ReplaceAllClientsWindow | Unset = UNSET
    """ all clients' sends to one number; 10 in 600 s if left out """
    prefix: None | ReplacePrefixWindow | Unset = UNSET
    """ sends to numbers that differ in the last four digits only; 100 in 3600 s if left out """
    pauses: list[int] | None | Unset = UNSET
    """ seconds between starts to one number, none shorter than the one before; 30, 60, 120, 240, 480, 900 if left
    out """
    pauses_reset_seconds: int | Unset = UNSET
    """ the pauses begin anew after so long; 3600 if left out """
    daily_sends: int | None | Unset = UNSET
    """ in a day (UTC); 10000 if left out """
    daily_money: ReplaceLimitsDailyMoney | Unset = UNSET
    """ in a day (UTC) by currency; `{"RUB": "5000"}` if left out. What is not named has 5000 RUB, 1500000 VND or
    100 of any other; `{}` is no limit """
    verification_deliveries: int | Unset = UNSET
    """ of one verification; 10 if left out """
    deny: ReplaceNumberList | Unset = UNSET
    """ Numbers and prefixes that are treated apart. """
    allow: ReplaceNumberList | Unset = UNSET
    """ Numbers and prefixes that are treated apart. """
    fraud_budget: ReplaceFraudBudget | Unset = UNSET
    """ How many codes may be started in a day and not verified. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.replace_all_clients_window import ReplaceAllClientsWindow
        from ..models.replace_phone_window import ReplacePhoneWindow
        from ..models.replace_prefix_window import ReplacePrefixWindow

        phone: dict[str, Any] | None | Unset
        if isinstance(self.phone, Unset):
            phone = UNSET
        elif isinstance(self.phone, ReplacePhoneWindow):
            phone = self.phone.to_dict()
        else:
            phone = self.phone

        phone_all_clients: dict[str, Any] | None | Unset
        if isinstance(self.phone_all_clients, Unset):
            phone_all_clients = UNSET
        elif isinstance(self.phone_all_clients, ReplaceAllClientsWindow):
            phone_all_clients = self.phone_all_clients.to_dict()
        else:
            phone_all_clients = self.phone_all_clients

        prefix: dict[str, Any] | None | Unset
        if isinstance(self.prefix, Unset):
            prefix = UNSET
        elif isinstance(self.prefix, ReplacePrefixWindow):
            prefix = self.prefix.to_dict()
        else:
            prefix = self.prefix

        pauses: list[int] | None | Unset
        if isinstance(self.pauses, Unset):
            pauses = UNSET
        elif isinstance(self.pauses, list):
            pauses = self.pauses

        else:
            pauses = self.pauses

        pauses_reset_seconds = self.pauses_reset_seconds

        daily_sends: int | None | Unset
        if isinstance(self.daily_sends, Unset):
            daily_sends = UNSET
        else:
            daily_sends = self.daily_sends

        daily_money: dict[str, Any] | Unset = UNSET
        if not isinstance(self.daily_money, Unset):
            daily_money = self.daily_money.to_dict()

        verification_deliveries = self.verification_deliveries

        deny: dict[str, Any] | Unset = UNSET
        if not isinstance(self.deny, Unset):
            deny = self.deny.to_dict()

        allow: dict[str, Any] | Unset = UNSET
        if not isinstance(self.allow, Unset):
            allow = self.allow.to_dict()

        fraud_budget: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fraud_budget, Unset):
            fraud_budget = self.fraud_budget.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if phone is not UNSET:
            field_dict["phone"] = phone
        if phone_all_clients is not UNSET:
            field_dict["phone_all_clients"] = phone_all_clients
        if prefix is not UNSET:
            field_dict["prefix"] = prefix
        if pauses is not UNSET:
            field_dict["pauses"] = pauses
        if pauses_reset_seconds is not UNSET:
            field_dict["pauses_reset_seconds"] = pauses_reset_seconds
        if daily_sends is not UNSET:
            field_dict["daily_sends"] = daily_sends
        if daily_money is not UNSET:
            field_dict["daily_money"] = daily_money
        if verification_deliveries is not UNSET:
            field_dict["verification_deliveries"] = verification_deliveries
        if deny is not UNSET:
            field_dict["deny"] = deny
        if allow is not UNSET:
            field_dict["allow"] = allow
        if fraud_budget is not UNSET:
            field_dict["fraud_budget"] = fraud_budget

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_all_clients_window import ReplaceAllClientsWindow
        from ..models.replace_fraud_budget import ReplaceFraudBudget
        from ..models.replace_limits_daily_money import ReplaceLimitsDailyMoney
        from ..models.replace_number_list import ReplaceNumberList
        from ..models.replace_phone_window import ReplacePhoneWindow
        from ..models.replace_prefix_window import ReplacePrefixWindow

        d = dict(src_dict)

        def _parse_phone(data: object) -> None | ReplacePhoneWindow | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                phone_type_0 = ReplacePhoneWindow.from_dict(data)

                return phone_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplacePhoneWindow | Unset, data)

        phone = _parse_phone(d.pop("phone", UNSET))

        def _parse_phone_all_clients(data: object) -> None | ReplaceAllClientsWindow | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                phone_all_clients_type_0 = ReplaceAllClientsWindow.from_dict(data)

                return phone_all_clients_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceAllClientsWindow | Unset, data)

        phone_all_clients = _parse_phone_all_clients(d.pop("phone_all_clients", UNSET))

        def _parse_prefix(data: object) -> None | ReplacePrefixWindow | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                prefix_type_0 = ReplacePrefixWindow.from_dict(data)

                return prefix_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplacePrefixWindow | Unset, data)

        prefix = _parse_prefix(d.pop("prefix", UNSET))

        def _parse_pauses(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                pauses_type_0 = cast(list[int], data)

                return pauses_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        pauses = _parse_pauses(d.pop("pauses", UNSET))

        pauses_reset_seconds = d.pop("pauses_reset_seconds", UNSET)

        def _parse_daily_sends(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        daily_sends = _parse_daily_sends(d.pop("daily_sends", UNSET))

        _daily_money = d.pop("daily_money", UNSET)
        daily_money: ReplaceLimitsDailyMoney | Unset
        if isinstance(_daily_money, Unset):
            daily_money = UNSET
        else:
            daily_money = ReplaceLimitsDailyMoney.from_dict(_daily_money)

        verification_deliveries = d.pop("verification_deliveries", UNSET)

        _deny = d.pop("deny", UNSET)
        deny: ReplaceNumberList | Unset
        if isinstance(_deny, Unset):
            deny = UNSET
        else:
            deny = ReplaceNumberList.from_dict(_deny)

        _allow = d.pop("allow", UNSET)
        allow: ReplaceNumberList | Unset
        if isinstance(_allow, Unset):
            allow = UNSET
        else:
            allow = ReplaceNumberList.from_dict(_allow)

        _fraud_budget = d.pop("fraud_budget", UNSET)
        fraud_budget: ReplaceFraudBudget | Unset
        if isinstance(_fraud_budget, Unset):
            fraud_budget = UNSET
        else:
            fraud_budget = ReplaceFraudBudget.from_dict(_fraud_budget)

        replace_limits = cls(
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

        return replace_limits
