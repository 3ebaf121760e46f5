"""Clients of AWS services are found as botocore finds them."""

from typing import get_args

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from ringpass.aws.session import Service, _Loader, client

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
