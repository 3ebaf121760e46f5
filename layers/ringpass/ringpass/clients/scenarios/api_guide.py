"""How a scenario is called at Bizfly directly: what its console shows as "Xem hướng dẫn gửi API".

OTP id, API key, endpoint, headers, request data and a curl line, for the base URL of the stack.
The key is masked, and the data are placeholders: who pastes the line must fill them in, and calls
nobody by accident. Its end is shown only to a client to whom the operator has given it by name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ringpass.aws.secrets import Secrets
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.providers.bizfly.client import PATH
from ringpass.redaction import Secret

_SHOWN: Final = 4
# What is shorter could be guessed from its end.
_LEAST_TO_SHOW: Final = 16


@dataclass(frozen=True, slots=True)
class ApiGuide:
    """What it takes to call a scenario.

    Attributes:
        otp_id: The scenario's id at Bizfly; None where the scenario has none yet.
        api_key: The key, masked; None where the secret has no such field.
        endpoint: Where the request goes.
        headers: Its headers.
        request_data: Its body, with placeholders; every value is a text.
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
    """Makes guides.

    Attributes:
        registry: The clients' scenarios.
        secrets: The stack's secrets.
        base_url: Origin of Bizfly's API.
    """

    registry: ScenarioService
    secrets: Secrets
    base_url: str

    def of(self, client: str, scenario_id: str) -> ApiGuide:
        """The guide of one of the client's scenarios.

        Raises:
            NotFound: There is no such scenario.
            Unavailable: The table or the secret cannot be reached.
        """
        script = self.registry.one(client, scenario_id).script
        key = self.secrets.find("bizfly", script.key_field)
        shown = self.registry.ceilings.of(client).shows_key(script.key_field)
        masked = None if key is None else mask(key, shown=shown)
        return ApiGuide(
            otp_id=script.otp_id,
            api_key=masked,
            endpoint=f"{self.base_url}{PATH}",
            headers={
                "Authorization": masked or "<API KEY>",
                "Content-Type": "application/json",
            },
            request_data={
                "callee": "<phone, as dialled in Vietnam>",
                "callee_timeout": "25",
                "otp": "<code>",
                "otp_id": script.otp_id or "<OTP ID>",
                "request_id": "<id of your own>",
            },
        )


def mask(key: Secret, *, shown: bool) -> str:
    """Stars, and the last four characters of a key that is long enough, if they are shown."""
    text = key.reveal()
    end = text[-_SHOWN:] if shown and len(text) >= _LEAST_TO_SHOW else ""
    return "*" * 8 + end
