from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.client_limits import ClientLimits
    from ..models.client_settings_countries import ClientSettingsCountries
    from ..models.client_settings_providers import ClientSettingsProviders
    from ..models.client_settings_timeouts import ClientSettingsTimeouts
    from ..models.client_settings_workflows import ClientSettingsWorkflows
    from ..models.default_template import DefaultTemplate


T = TypeVar("T", bound="ClientSettings")


@_attrs_define
class ClientSettings:
    """What a client has set; null or nothing where it has not."""

    workflows: ClientSettingsWorkflows
    """ Steps by country of the number; `*`: every other country. """
    timeouts: ClientSettingsTimeouts
    """ Seconds, of steps that name none, by channel. """
    zns: DefaultTemplate | None
    scenario: None | str
    """ Scenario of Voice OTPs that name none: a registered name, or an OTP id. """
    providers: ClientSettingsProviders
    """ Providers by channel, the first one asked first; the stack's order where one is not in it. """
    code_length: int | None
    """ Digits of a code, where no Password Call is in the workflow. """
    expires_in: int | None
    """ Seconds until a verification expires. """
    attempts: int | None
    """ How many codes may be checked. """
    countries: ClientSettingsCountries
    """ Countries that a channel may reach; Vietnam and Russia where a channel is not in it. """
    limits: ClientLimits
    """ What may be sent; null is no limit. """
    version: int
    """ Counts the changes of settings and cause table; 0: there was none yet. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.default_template import DefaultTemplate

        workflows = self.workflows.to_dict()

        timeouts = self.timeouts.to_dict()

        zns: dict[str, Any] | None
        if isinstance(self.zns, DefaultTemplate):
            zns = self.zns.to_dict()
        else:
            zns = self.zns

        scenario: None | str
        scenario = self.scenario

        providers = self.providers.to_dict()

        code_length: int | None
        code_length = self.code_length

        expires_in: int | None
        expires_in = self.expires_in

        attempts: int | None
        attempts = self.attempts

        countries = self.countries.to_dict()

        limits = self.limits.to_dict()

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflows": workflows,
                "timeouts": timeouts,
                "zns": zns,
                "scenario": scenario,
                "providers": providers,
                "code_length": code_length,
                "expires_in": expires_in,
                "attempts": attempts,
                "countries": countries,
                "limits": limits,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.client_limits import ClientLimits
        from ..models.client_settings_countries import ClientSettingsCountries
        from ..models.client_settings_providers import ClientSettingsProviders
        from ..models.client_settings_timeouts import ClientSettingsTimeouts
        from ..models.client_settings_workflows import ClientSettingsWorkflows
        from ..models.default_template import DefaultTemplate

        d = dict(src_dict)
        workflows = ClientSettingsWorkflows.from_dict(d.pop("workflows"))

        timeouts = ClientSettingsTimeouts.from_dict(d.pop("timeouts"))

        def _parse_zns(data: object) -> DefaultTemplate | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                zns_type_0 = DefaultTemplate.from_dict(data)

                return zns_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DefaultTemplate | None, data)

        zns = _parse_zns(d.pop("zns"))

        def _parse_scenario(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        scenario = _parse_scenario(d.pop("scenario"))

        providers = ClientSettingsProviders.from_dict(d.pop("providers"))

        def _parse_code_length(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        code_length = _parse_code_length(d.pop("code_length"))

        def _parse_expires_in(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        expires_in = _parse_expires_in(d.pop("expires_in"))

        def _parse_attempts(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        attempts = _parse_attempts(d.pop("attempts"))

        countries = ClientSettingsCountries.from_dict(d.pop("countries"))

        limits = ClientLimits.from_dict(d.pop("limits"))

        version = d.pop("version")

        client_settings = cls(
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

        client_settings.additional_properties = d
        return client_settings

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
