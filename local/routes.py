"""The HTTP API's routes, read from the processed template and made with the API's own calls.

The local cloud does not read the `Body` (OpenAPI) that SAM writes for an HTTP API.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from local.deploy import Deployed, client
from local.environment import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client

_ALL = "1000"
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})

type _Function = str
"""The logical id of a function."""


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer of the API."""

    name: str
    function: _Function
    identity_source: tuple[str, ...]
    ttl_seconds: int
    payload_version: Literal["1.0", "2.0"]
    simple_responses: bool


@dataclass(frozen=True)
class Route:
    """A method and a path that one function answers; `authorizer` is a name, or None."""

    method: str
    path: str
    function: _Function
    payload_version: Literal["1.0", "2.0"]
    authorizer: str | None

    @property
    def key(self) -> str:
        """As the API names it, such as `GET /v1/deliveries/{id}`."""
        return f"{self.method} {self.path}"


def authorizers_of(body: Mapping[str, Any]) -> Iterator[Authorizer]:
    """The authorizers in an OpenAPI body."""
    for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        authorizer = scheme["x-amazon-apigateway-authorizer"]
        yield Authorizer(
            name=name,
            function=_function_in(authorizer["authorizerUri"]),
            identity_source=tuple(authorizer["identitySource"]),
            ttl_seconds=authorizer["authorizerResultTtlInSeconds"],
            payload_version=authorizer["authorizerPayloadFormatVersion"],
            simple_responses=authorizer["enableSimpleResponses"],
        )


def routes_of(body: Mapping[str, Any]) -> Iterator[Route]:
    """The routes in an OpenAPI body."""
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if method not in _METHODS:
                continue
            integration = operation["x-amazon-apigateway-integration"]
            names = [name for one in operation.get("security", []) for name in one]
            yield Route(
                method=method.upper(),
                path=path,
                function=_function_in(integration["uri"]),
                payload_version=integration["payloadFormatVersion"],
                authorizer=next(iter(names), None),
            )


def _function_in(uri: object) -> _Function:
    """The function that an invocation URI, in CloudFormation's functions, leads to."""
    text = json.dumps(uri)
    match = re.search(r"\$\{(?!AWS::)(\w+)\.Arn\}", text)
    if match is None:
        match = re.search(r'"Fn::GetAtt":\s*\["(\w+)",\s*"Arn"\]', text)
    if match is None:
        message = f"no function in {text}"
        raise ValueError(message)
    return match[1]


def register(deployed: Deployed) -> None:
    """Make the routes of a deployed stack, in place of those that it had before."""
    api_id = deployed.resources["Api"]
    body = deployed.template["Resources"]["Api"]["Properties"]["Body"]
    api: ApiGatewayV2Client = client("apigatewayv2", deployed.endpoint_url)
    _remove_earlier(api, api_id)

    authorizer_ids = {
        one.name: api.create_authorizer(
            ApiId=api_id,
            Name=one.name,
            AuthorizerType="REQUEST",
            AuthorizerUri=_invocation(deployed, one.function),
            IdentitySource=list(one.identity_source),
            AuthorizerResultTtlInSeconds=one.ttl_seconds,
            AuthorizerPayloadFormatVersion=one.payload_version,
            EnableSimpleResponses=one.simple_responses,
        )["AuthorizerId"]
        for one in authorizers_of(body)
    }
    for route in routes_of(body):
        integration = api.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationMethod="POST",
            IntegrationUri=_invocation(deployed, route.function),
            PayloadFormatVersion=route.payload_version,
        )
        target = f"integrations/{integration['IntegrationId']}"
        if route.authorizer is None:
            api.create_route(ApiId=api_id, RouteKey=route.key, Target=target)
        else:
            api.create_route(
                ApiId=api_id,
                RouteKey=route.key,
                Target=target,
                AuthorizationType="CUSTOM",
                AuthorizerId=authorizer_ids[route.authorizer],
            )


def _remove_earlier(api: "ApiGatewayV2Client", api_id: str) -> None:
    for route in api.get_routes(ApiId=api_id, MaxResults=_ALL)["Items"]:
        api.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    for integration in api.get_integrations(ApiId=api_id, MaxResults=_ALL)["Items"]:
        api.delete_integration(ApiId=api_id, IntegrationId=integration["IntegrationId"])
    for authorizer in api.get_authorizers(ApiId=api_id, MaxResults=_ALL)["Items"]:
        api.delete_authorizer(ApiId=api_id, AuthorizerId=authorizer["AuthorizerId"])


def _invocation(deployed: Deployed, function: _Function) -> str:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{deployed.resources[function]}"
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
