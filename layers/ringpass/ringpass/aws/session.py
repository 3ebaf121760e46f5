"""Creates botocore clients of AWS services.

boto3 is not imported: it loads S3's transfer manager and multiprocessing, a fifth of a webhook's
cold start (docs/performance.md).
"""

from functools import cache
from typing import Any, Final, Literal, get_args

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

type Service = Literal["dynamodb", "events", "secretsmanager", "sqs"]

# With the provider's 10 s these stay below a sender's time-out, unless AWS has an outage.
_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def client(service: Service) -> Any:  # noqa: ANN401 - each service has a type of its own
    """Return the process's client of a service, configured by the environment."""
    return _session().create_client(service, config=_CONFIG)


class _Loader(Loader):
    """botocore's loader without the parts that take long and that these services do not need."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - as botocore
        """Looks into no folder; botocore has one for each of 400 services."""
        return list(get_args(Service.__value__))

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Does not read the list of endpoints, 1.2 MB: each service's own rules give its endpoint.

        A test compares where requests of both go, in each public partition of AWS.
        """
        if name == "endpoints":
            return {"version": 3, "partitions": []}, self.BUILTIN_DATA_PATH
        data: tuple[Any, str] = super().load_data_with_path(name)
        return data


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _Loader())
    return session
