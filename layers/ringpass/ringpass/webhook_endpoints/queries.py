"""Reads a client's webhook endpoints."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.errors import NotFound
from ringpass.http.pagination import Page, list_page
from ringpass.webhook_endpoints.model import Endpoint
from ringpass.webhook_endpoints.store import EndpointRepository

_ID: Final = re.compile(r"whe_[a-z2-7]{32}")
_POSITION: Final = position_pattern(_ID)


@dataclass(frozen=True, slots=True)
class EndpointQueries:
    """Reads the webhook endpoints of each client.

    Attributes:
        endpoints: Repository of endpoints.
    """

    endpoints: EndpointRepository

    def get(self, client: str, endpoint_id: str) -> Endpoint:
        """Returns one of the client's endpoints.

        Raises:
            NotFound: There is no such endpoint, or it is another client's.
            Unavailable: The table cannot be reached.
        """
        match = _ID.fullmatch(endpoint_id)
        endpoint = self.endpoints.get(client, endpoint_id) if match else None
        if endpoint is None:
            raise NotFound("There is no such webhook endpoint.")
        return endpoint

    def page(self, client: str, query: Mapping[str, str]) -> Page[Endpoint]:
        """Returns a page of the client's endpoints, newest first.

        Raises:
            ValidationFailed: Names each parameter at fault.
            Unavailable: The table cannot be reached.
        """

        def rows(before: str) -> Iterator[Endpoint]:
            endpoints = self.endpoints.list_by_client(client)
            return (one for one in endpoints if listed_at(one) < before)

        return list_page(query, _POSITION, rows)
