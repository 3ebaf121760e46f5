"""Creates botocore clients of AWS services.

boto3 is not imported: it loads S3's transfer manager and multiprocessing, a fifth of a webhook's
cold start (docs/performance.md).
"""

from functools import cache
from typing import Any, Final, Literal, get_args

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

type Service = Literal["dynamodb", "secretsmanager", "sqs"]

# With the provider's 10 s these stay below a sender's time-out, unless AWS has an outage.
_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def client(service: Service) -> Any:  # noqa: ANN401 - each service has a type of its own
    """Return the process's client of a service, configured by the environment."""
    return _session().create_client(service, config=_CONFIG)


class _Loader(Loader):
    """botocore's loader that does not look into the folders of all 400 services."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - as botocore
        return list(get_args(Service.__value__))


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _Loader())
    return session
