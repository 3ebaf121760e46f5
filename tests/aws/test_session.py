"""Clients of AWS services are found as botocore finds them."""

import pytest
from botocore.loaders import Loader

from ringpass.aws.session import _Loader, client

SERVICES = ("dynamodb", "secretsmanager", "sqs")


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
def test_no_service_of_botocore_is_missing(kind: str) -> None:
    assert {*Loader().list_available_services(kind)} <= {*_Loader().list_available_services(kind)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_asks_the_service_in_its_region(service: str) -> None:
    service_client = client(service)
    assert service_client.meta.service_model.service_name == service
    assert service_client.meta.endpoint_url == f"https://{service}.us-east-1.amazonaws.com"
