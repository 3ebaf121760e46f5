"""Clients of AWS services.

They are botocore's, as boto3's are. boto3 itself is not imported: with it come the transfer manager
of S3 and multiprocessing, a fifth of a webhook's cold start (docs/performance.md).
"""

from functools import cache
from typing import Any, Final

import botocore.session
from botocore.config import Config

# Together with the provider's 10 s these stay below a sender's time-out, unless AWS is in trouble.
_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)


def client(service: str) -> Any:  # noqa: ANN401 - each service has a type of its own
    """A client of ``dynamodb``, ``secretsmanager`` or ``sqs``, by the environment's settings."""
    return _session().create_client(service, config=_CONFIG)


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()
