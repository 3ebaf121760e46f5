"""The body that SAM makes of the API: valid OpenAPI for API Gateway to import, with every route."""

import re
from functools import cache
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from local.routes import authorizers_of, routes_of
from tests import template as template_file
from tests.local.test_template import OPEN_ROUTES, routes


@cache
def api() -> dict[str, Any]:
    """The API's properties after SAM's transform."""
    properties: dict[str, Any] = template_file.processed(template_file.template())["Resources"][
        "Api"
    ]["Properties"]
    return properties


def resolved(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """With texts in the place of CloudFormation's functions, as after a deployment."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::Sub", "Fn::GetAtt", "Fn::If"):
            return "resolved"
        return {name: resolved(one) for name, one in value.items()}
    return [resolved(one) for one in value] if isinstance(value, list) else value


def test_the_body_is_valid_openapi() -> None:
    body = resolved(api()["Body"])
    assert body["openapi"].startswith("3.0")
    assert [error.message for error in OpenAPIV30SpecValidator(body).iter_errors()] == []


def test_the_import_does_not_end_at_a_warning() -> None:
    assert "FailOnWarnings" not in api()


def test_every_route_has_the_payload_format_that_the_router_reads() -> None:
    """No event of the template names it: 2.0 is SAM's default."""
    operations = [one for methods in api()["Body"]["paths"].values() for one in methods.values()]
    assert operations
    for operation in operations:
        assert operation["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"


def test_the_body_has_every_route_with_its_authorizer_and_no_other() -> None:
    authorizers = {
        template_file.route_key({"Method": route.method, "Path": route.path}): route.authorizer
        for route in routes_of(api()["Body"])
    }
    assert authorizers == {key: None if key in OPEN_ROUTES else "ApiKey" for key, _ in routes()}
    (authorizer,) = authorizers_of(api()["Body"])
    assert authorizer.name == "ApiKey"
    assert authorizer.function == "AuthorizerFunction"


def test_every_scheme_that_a_route_asks_for_is_declared() -> None:
    body = api()["Body"]
    declared = set(body["components"]["securitySchemes"])
    operations = [one for methods in body["paths"].values() for one in methods.values()]
    asked_for = {name for one in operations for way in one.get("security", []) for name in way}
    assert asked_for == declared == {"ApiKey"}


def test_what_cfn_lint_does_not_check_is_explained() -> None:
    lines = (template_file.ROOT / "template.yaml").read_text().splitlines()
    ignoring = [number for number, line in enumerate(lines) if "ignore_checks" in line]
    for number in ignoring:
        for check in re.findall(r"[EWI]\d{4}", lines[number]):
            assert lines[number - 1].strip().startswith(f"# {check} ")
    assert len(ignoring) == 2


def test_each_path_parameter_has_a_schema() -> None:
    for path, methods in api()["Body"]["paths"].items():
        names = re.findall(r"{([^}]+)}", path)
        for operation in methods.values():
            assert [one["name"] for one in operation.get("parameters", [])] == names
            assert all(
                one["schema"] == {"type": "string"} for one in operation.get("parameters", [])
            )
