"""Guide to call a scenario directly, as Bizfly's console shows in "Xem hướng dẫn gửi API".

OTP id, API key, endpoint, headers, request data and a curl line, for the base URL of the stack.
The key is masked and the data are placeholders: the curl line calls nobody before they are filled
in. Only a client whose ceiling names the key's field sees the end of the key.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ringpass.aws.secrets import Secrets
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.providers.base import SampleRequest
from ringpass.providers.facts import ProviderFacts
from ringpass.redaction import Secret

_CHARACTERS_SHOWN: Final = 4
# A shorter key could be guessed from its end.
_LEAST_LENGTH: Final = 16


class ScenarioProvider(Protocol):
    """Provider that calls by scenarios; ``providers.bizfly.client.Bizfly`` is it."""

    @property
    def facts(self) -> ProviderFacts:
        """What the provider is like."""

    def sample_request(self, otp_id: str | None, api_key: str | None) -> SampleRequest:
        """The request of a call, with placeholders."""


@dataclass(frozen=True, slots=True)
class ApiGuide:
    """All that is needed to call a scenario.

    Attributes:
        otp_id: The scenario's id at Bizfly; None if it has none yet.
        api_key: The key, masked; None if the secret has no such field.
        endpoint: URL of the request.
        headers: Its headers.
        request_data: Its body, with placeholders; every value is a string.
    """

    otp_id: str | None
    api_key: str | None
    endpoint: str
    headers: Mapping[str, str] = field(repr=False)
    request_data: Mapping[str, str] = field(repr=False)

    @property
    def curl(self) -> str:
        """The request as a command line."""
        headers = "".join(
            f"--header '{name}: {value}' \\\n" for name, value in self.headers.items()
        )
        data = json.dumps(dict(self.request_data), indent=2, ensure_ascii=False)
        return f"curl --location '{self.endpoint}' \\\n{headers}--data '{data}'"


@dataclass(frozen=True, slots=True)
class ApiGuideService:
    """Service of API guides.

    Attributes:
        scenarios: Service of the clients' scenarios.
        secrets: The stack's secrets.
        provider: The provider of the scenarios.
    """

    scenarios: ScenarioService
    secrets: Secrets
    provider: ScenarioProvider

    def get(self, client: str, scenario_id: str) -> ApiGuide:
        """Return the guide to one of the client's scenarios.

        Raises:
            NotFound: There is no such scenario.
            Unavailable: The table or the secret cannot be reached.
        """
        script = self.scenarios.get(client, scenario_id).script
        key = self.secrets.find(self.provider.facts.name, script.key_field)
        shows_end = self.scenarios.ceilings.get(client).shows_key(script.key_field)
        masked_key = None if key is None else mask(key, shows_end=shows_end)
        sample = self.provider.sample_request(script.otp_id, masked_key)
        return ApiGuide(
            otp_id=script.otp_id,
            api_key=masked_key,
            endpoint=sample.endpoint,
            headers=sample.headers,
            request_data=sample.data,
        )


def mask(key: Secret, *, shows_end: bool) -> str:
    """Return stars, with the last four characters of a long key if ``shows_end``."""
    text = key.reveal()
    end = text[-_CHARACTERS_SHOWN:] if shows_end and len(text) >= _LEAST_LENGTH else ""
    return "*" * 8 + end
