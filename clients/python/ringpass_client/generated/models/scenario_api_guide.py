from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.scenario_api_guide_headers import ScenarioApiGuideHeaders
    from ..models.scenario_api_guide_request_data import ScenarioApiGuideRequestData


T = TypeVar("T", bound="ScenarioApiGuide")


@_attrs_define
class ScenarioApiGuide:
    """What it takes to call a scenario at Bizfly directly."""

    otp_id: None | str
    """ Null until Bizfly's console has shown it. """
    api_key: None | str
    """ Masked but for its end; null where the secret has no such field. """
    endpoint: str
    headers: ScenarioApiGuideHeaders
    request_data: ScenarioApiGuideRequestData
    """ The body, with placeholders; every value is a text. """
    curl: str
    """ The same as a command line. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        otp_id: None | str
        otp_id = self.otp_id

        api_key: None | str
        api_key = self.api_key

        endpoint = self.endpoint

        headers = self.headers.to_dict()

        request_data = self.request_data.to_dict()

        curl = self.curl

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "otp_id": otp_id,
                "api_key": api_key,
                "endpoint": endpoint,
                "headers": headers,
                "request_data": request_data,
                "curl": curl,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.scenario_api_guide_headers import ScenarioApiGuideHeaders
        from ..models.scenario_api_guide_request_data import ScenarioApiGuideRequestData

        d = dict(src_dict)

        def _parse_otp_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        otp_id = _parse_otp_id(d.pop("otp_id"))

        def _parse_api_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        api_key = _parse_api_key(d.pop("api_key"))

        endpoint = d.pop("endpoint")

        headers = ScenarioApiGuideHeaders.from_dict(d.pop("headers"))

        request_data = ScenarioApiGuideRequestData.from_dict(d.pop("request_data"))

        curl = d.pop("curl")

        scenario_api_guide = cls(
            otp_id=otp_id,
            api_key=api_key,
            endpoint=endpoint,
            headers=headers,
            request_data=request_data,
            curl=curl,
        )

        scenario_api_guide.additional_properties = d
        return scenario_api_guide

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
