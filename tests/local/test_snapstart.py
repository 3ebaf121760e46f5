"""SnapStart: the API leads to published versions if it is on, and to the newest code if not."""

import copy
import json
from functools import cache
from typing import Any

from local.routes import routes_of
from local.snapstart import publish
from tests import template as template_file

RELEASE, NEXT_RELEASE = "a1" * 32, "b2" * 32


@cache
def built(release: str | None = None) -> dict[str, Any]:
    """The template as `sam deploy` gets it, and as CloudFormation makes it of that."""
    template = copy.deepcopy(template_file.template())
    if release:
        publish(template, release)
    return template_file.processed(template)


def integrations(template: dict[str, Any]) -> list[str]:
    body = template["Resources"]["Api"]["Properties"]["Body"]
    return [
        json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
        for methods in body["paths"].values()
        for name, operation in methods.items()
        if name != "parameters"
    ]


def of_type(template: dict[str, Any], type_name: str) -> dict[str, dict[str, Any]]:
    return {n: one for n, one in template["Resources"].items() if one["Type"] == type_name}


def test_without_it_the_api_leads_to_the_newest_code() -> None:
    template = built()
    assert not of_type(template, "AWS::Lambda::Version")
    assert not of_type(template, "AWS::Lambda::Alias")
    assert all("Function.Arn}" in uri for uri in integrations(template))


def test_with_it_the_api_leads_to_a_published_version_that_it_may_call() -> None:
    template = built(RELEASE)
    uris = integrations(template)
    assert uris
    assert all("FunctionAliaslive}" in uri for uri in uris)
    behind_http = {
        route.function for route in routes_of(built()["Resources"]["Api"]["Properties"]["Body"])
    }
    aliases = of_type(template, "AWS::Lambda::Alias")
    assert aliases.keys() == {f"{function}Aliaslive" for function in behind_http}
    allowed = [
        one["Properties"]["FunctionName"].get("Ref")
        for one in of_type(template, "AWS::Lambda::Permission").values()
    ]
    assert aliases.keys() <= set(allowed)


def test_each_deployment_publishes_and_keeps_no_old_version() -> None:
    versions = of_type(built(RELEASE), "AWS::Lambda::Version")
    assert versions
    assert versions.keys().isdisjoint(of_type(built(NEXT_RELEASE), "AWS::Lambda::Version"))
    assert {one["DeletionPolicy"] for one in versions.values()} == {"Delete"}


def test_the_parameter_chooses_what_is_restored() -> None:
    document = template_file.template()
    assert document["Parameters"]["SnapStart"]["Default"] == "off"
    assert document["Globals"]["Function"]["SnapStart"] == {
        "ApplyOn": {"Fn::If": ["SnapStarted", "PublishedVersions", "None"]}
    }
