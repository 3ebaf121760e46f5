"""Clients of AWS services are found as botocore finds them."""

from typing import Any, get_args

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from ringpass.aws.session import Service, _Loader, _session, client

SERVICES: tuple[Service, ...] = get_args(Service.__value__)


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
def test_botocore_has_each_service(kind: str) -> None:
    assert {*SERVICES} <= {*Loader().list_available_services(kind)}


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
def test_the_model_of_a_service_is_botocore_s(kind: str) -> None:
    for service in SERVICES:
        expected = Loader().load_service_model(service, kind)
        assert _Loader().load_service_model(service, kind) == expected


def test_a_service_that_no_function_uses_is_unknown() -> None:
    with pytest.raises(UnknownServiceError):
        client("s3")


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_asks_the_service_in_its_region(service: Service) -> None:
    service_client = client(service)
    assert service_client.meta.service_model.service_name == service
    assert service_client.meta.endpoint_url == f"https://{service}.us-east-1.amazonaws.com"


REQUESTS: dict[Service, tuple[str, dict[str, Any]]] = {
    "dynamodb": ("get_item", {"TableName": "table", "Key": {"PK": {"S": "x"}}}),
    "events": ("put_events", {"Entries": [{"Source": "x", "DetailType": "x", "Detail": "{}"}]}),
    "secretsmanager": ("get_secret_value", {"SecretId": "secret"}),
    "sqs": (
        "send_message",
        {"QueueUrl": "https://queue.example.com/1/queue", "MessageBody": "x"},
    ),
}
# One of each public partition, and where stacks for Vietnam and Russia are.
REGIONS = ("us-east-1", "ap-southeast-1", "eu-central-1", "cn-north-1", "us-gov-west-1")


class Sent(Exception):
    """The request that would have been sent."""


def sent_by(session: botocore.session.Session, service: Service, region: str) -> tuple[str, ...]:
    """Where a request goes, and what its signature is for."""

    def stop(request: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
        scope = request.headers["Authorization"].decode().partition(",")[0]
        raise Sent(request.method, request.url, scope.partition("/")[2].partition("/")[2])

    service_client = session.create_client(service, region_name=region)
    service_client.meta.events.register("before-send", stop)
    operation, arguments = REQUESTS[service]
    with pytest.raises(Sent) as sent:
        getattr(service_client, operation)(**arguments)
    return sent.value.args


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", SERVICES)
def test_requests_go_where_botocore_s_own_go(service: Service, region: str) -> None:
    expected = sent_by(botocore.session.get_session(), service, region)
    assert sent_by(_session(), service, region) == expected
    assert region in expected[2]
