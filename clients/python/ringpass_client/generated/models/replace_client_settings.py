from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_client_settings_countries import ReplaceClientSettingsCountries
    from ..models.replace_client_settings_timeouts import ReplaceClientSettingsTimeouts
    from ..models.replace_client_settings_workflows import ReplaceClientSettingsWorkflows
    from ..models.replace_default_template import ReplaceDefaultTemplate
    from ..models.replace_limits import ReplaceLimits
    from ..models.replace_provider_order import ReplaceProviderOrder


T = TypeVar("T", bound="ReplaceClientSettings")


@_attrs_define
class ReplaceClientSettings:
    """``PUT /v1/settings``: all settings of the client; what is left out is as if never set."""

    workflows: ReplaceClientSettingsWorkflows | Unset = UNSET
    """ steps by country of the number; `*`: every other country """
    timeouts: ReplaceClientSettingsTimeouts | Unset = UNSET
    """ of steps that name none, by channel """
    zns: None | ReplaceDefaultTemplate | Unset = UNSET
    scenario: None | str | Unset = UNSET
    """ of Voice OTPs that name none """
    providers: ReplaceProviderOrder | Unset = UNSET
    """ The providers of each channel that has several, the first one asked first. """
    code_length: int | None | Unset = UNSET
    """ digits of a code, where no Password Call is in the workflow """
    expires_in: int | None | Unset = UNSET
    """ seconds until a verification expires """
    attempts: int | None | Unset = UNSET
    """ how many codes may be checked """
    countries: ReplaceClientSettingsCountries | Unset = UNSET
    """ countries that a channel may reach; where a channel is left out, its providers' own country (zns and
    voice_otp: VN; password_call: RU), and each country whose workflow in workflows has the channel """
    limits: ReplaceLimits | Unset = UNSET
    """ What may be sent. What is left out has its default, null is no limit. """
    version: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.replace_default_template import ReplaceDefaultTemplate

        workflows: dict[str, Any] | Unset = UNSET
        if not isinstance(self.workflows, Unset):
            workflows = self.workflows.to_dict()

        timeouts: dict[str, Any] | Unset = UNSET
        if not isinstance(self.timeouts, Unset):
            timeouts = self.timeouts.to_dict()

        zns: dict[str, Any] | None | Unset
        if isinstance(self.zns, Unset):
            zns = UNSET
        elif isinstance(self.zns, ReplaceDefaultTemplate):
            zns = self.zns.to_dict()
        else:
            zns = self.zns

        scenario: None | str | Unset
        if isinstance(self.scenario, Unset):
            scenario = UNSET
        else:
            scenario = self.scenario

        providers: dict[str, Any] | Unset = UNSET
        if not isinstance(self.providers, Unset):
            providers = self.providers.to_dict()

        code_length: int | None | Unset
        if isinstance(self.code_length, Unset):
            code_length = UNSET
        else:
            code_length = self.code_length

        expires_in: int | None | Unset
        if isinstance(self.expires_in, Unset):
            expires_in = UNSET
        else:
            expires_in = self.expires_in

        attempts: int | None | Unset
        if isinstance(self.attempts, Unset):
            attempts = UNSET
        else:
            attempts = self.attempts

        countries: dict[str, Any] | Unset = UNSET
        if not isinstance(self.countries, Unset):
            countries = self.countries.to_dict()

        limits: dict[str, Any] | Unset = UNSET
        if not isinstance(self.limits, Unset):
            limits = self.limits.to_dict()

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if workflows is not UNSET:
            field_dict["workflows"] = workflows
        if timeouts is not UNSET:
            field_dict["timeouts"] = timeouts
        if zns is not UNSET:
            field_dict["zns"] = zns
        if scenario is not UNSET:
            field_dict["scenario"] = scenario
        if providers is not UNSET:
            field_dict["providers"] = providers
        if code_length is not UNSET:
            field_dict["code_length"] = code_length
        if expires_in is not UNSET:
            field_dict["expires_in"] = expires_in
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if countries is not UNSET:
            field_dict["countries"] = countries
        if limits is not UNSET:
            field_dict["limits"] = limits
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_client_settings_countries import (
            ReplaceClientSettingsCountries,
        )
        from ..models.replace_client_settings_timeouts import (
            ReplaceClientSettingsTimeouts,
        )
        from ..models.replace_client_settings_workflows import (
            ReplaceClientSettingsWorkflows,
        )
        from ..models.replace_default_template import ReplaceDefaultTemplate
        from ..models.replace_limits import ReplaceLimits
        from ..models.replace_provider_order import ReplaceProviderOrder

        d = dict(src_dict)
        _workflows = d.pop("workflows", UNSET)
        workflows: ReplaceClientSettingsWorkflows | Unset
        if isinstance(_workflows, Unset):
            workflows = UNSET
        else:
            workflows = ReplaceClientSettingsWorkflows.from_dict(_workflows)

        _timeouts = d.pop("timeouts", UNSET)
        timeouts: ReplaceClientSettingsTimeouts | Unset
        if isinstance(_timeouts, Unset):
            timeouts = UNSET
        else:
            timeouts = ReplaceClientSettingsTimeouts.from_dict(_timeouts)

        def _parse_zns(data: object) -> None | ReplaceDefaultTemplate | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                zns_type_0 = ReplaceDefaultTemplate.from_dict(data)

                return zns_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceDefaultTemplate | Unset, data)

        zns = _parse_zns(d.pop("zns", UNSET))

        def _parse_scenario(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scenario = _parse_scenario(d.pop("scenario", UNSET))

        _providers = d.pop("providers", UNSET)
        providers: ReplaceProviderOrder | Unset
        if isinstance(_providers, Unset):
            providers = UNSET
        else:
            providers = ReplaceProviderOrder.from_dict(_providers)

        def _parse_code_length(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        code_length = _parse_code_length(d.pop("code_length", UNSET))

        def _parse_expires_in(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expires_in = _parse_expires_in(d.pop("expires_in", UNSET))

        def _parse_attempts(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        attempts = _parse_attempts(d.pop("attempts", UNSET))

        _countries = d.pop("countries", UNSET)
        countries: ReplaceClientSettingsCountries | Unset
        if isinstance(_countries, Unset):
            countries = UNSET
        else:
            countries = ReplaceClientSettingsCountries.from_dict(_countries)

        _limits = d.pop("limits", UNSET)
        limits: ReplaceLimits | Unset
        if isinstance(_limits, Unset):
            limits = UNSET
        else:
            limits = ReplaceLimits.from_dict(_limits)

        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        replace_client_settings = cls(
            workflows=workflows,
            timeouts=timeouts,
            zns=zns,
            scenario=scenario,
            providers=providers,
            code_length=code_length,
            expires_in=expires_in,
            attempts=attempts,
            countries=countries,
            limits=limits,
            version=version,
        )

        return replace_client_settings
