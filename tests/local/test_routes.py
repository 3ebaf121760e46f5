"""Routes: read from the OpenAPI body that SAM makes of template.yaml."""

import re

import pytest

from local.deploy import API_ID, api_address
from local.routes import Authorizer, Route, authorizers_of, routes_of

_INVOKE = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${%s.Arn}/invocations"
)


def _operation(function: str, *schemes: str) -> dict[str, object]:
    return {
        "x-amazon-apigateway-integration": {
            "httpMethod": "POST",
            "type": "aws_proxy",
            "uri": {"Fn::Sub": _INVOKE % function},
            "payloadFormatVersion": "2.0",
        },
        "security": [{scheme: []} for scheme in schemes],
        "responses": {},
    }


BODY = {
    "openapi": "3.0.1",
    "paths": {
        "/v1/deliveries/{id}": {
            "get": _operation("ReadDeliveriesFunction", "ApiKey"),
            "parameters": [{"name": "id"}],
        },
        "/v1/webhooks/mcn/{token}": {
            "post": _operation("ReceiveCdrFunction"),
            "get": _operation("ReceiveCdrFunction"),
        },
    },
    "components": {
        "securitySchemes": {
            "ApiKey": {
                "type": "apiKey",
                "name": "Unused",
                "in": "header",
                "x-amazon-apigateway-authorizer": {
                    "type": "request",
                    "authorizerUri": {
                        "Fn::Sub": [
                            "arn:aws:apigateway:x:lambda:path/x/functions/${__FunctionArn__}/invocations",
                            {"__FunctionArn__": {"Fn::GetAtt": ["AuthorizerFunction", "Arn"]}},
                        ]
                    },
                    "authorizerResultTtlInSeconds": 60,
                    "identitySource": ["$request.header.Authorization"],
                    "authorizerPayloadFormatVersion": "2.0",
                    "enableSimpleResponses": True,
                },
            }
        }
    },
}


def test_routes_with_and_without_authorizer() -> None:
    routes = list(routes_of(BODY))
    assert routes == [
        Route("GET", "/v1/deliveries/{id}", "ReadDeliveriesFunction", "2.0", "ApiKey"),
        Route("POST", "/v1/webhooks/mcn/{token}", "ReceiveCdrFunction", "2.0", None),
        Route("GET", "/v1/webhooks/mcn/{token}", "ReceiveCdrFunction", "2.0", None),
    ]
    assert routes[0].key == "GET /v1/deliveries/{id}"


def test_the_authorizer() -> None:
    assert list(authorizers_of(BODY)) == [
        Authorizer(
            name="ApiKey",
            function="AuthorizerFunction",
            identity_source=("$request.header.Authorization",),
            ttl_seconds=60,
            payload_version="2.0",
            simple_responses=True,
        )
    ]


def test_a_body_without_authorizers_has_none() -> None:
    assert list(authorizers_of({"paths": {}})) == []


def test_a_route_that_leads_nowhere_is_an_error() -> None:
    operation = _operation("X")
    operation["x-amazon-apigateway-integration"] = {"uri": "http://x", "payloadFormatVersion": "1"}
    with pytest.raises(ValueError, match="no function in"):
        list(routes_of({"paths": {"/x": {"get": operation}}}))


def test_the_address_of_the_api_is_known_before_it_is_deployed() -> None:
    # The local cloud routes by ids of this form alone.
    assert re.fullmatch("[0-9a-f]{8}", API_ID)
    address = api_address("http://127.0.0.1:4566")
    assert address == f"http://127.0.0.1:4566/_aws/execute-api/{API_ID}/$default"
