"""The template's own checks of parameters: what CloudFormation refuses at once."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.costs import Prices
from ringpass.outcomes import Status
from ringpass.providers.bizfly.call_states import states_from_json
from tests.template import template

COUNTRIES = st.sampled_from(["RU", "VN", "GB", "*"])
PRICES = st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,6})? [A-Z]{3}", fullmatch=True)
TABLES = st.dictionaries(
    st.sampled_from(["mcn", "bizfly", "caresoft", "zalo", "zalo_consent", "sip2go"]),
    st.dictionaries(COUNTRIES, PRICES, max_size=3),
    max_size=3,
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


def takes(parameter: str, value: str) -> bool:
    """Whether CloudFormation takes a value: its patterns hold for the whole of it."""
    pattern = template()["Parameters"][parameter]["AllowedPattern"]
    return re.fullmatch(pattern, value) is not None


def test_every_default_is_taken() -> None:
    for name, one in template()["Parameters"].items():
        if "AllowedPattern" in one:
            assert takes(name, one["Default"]), name


@given(table=TABLES, indent=st.sampled_from([None, 0, 2]))
def test_every_table_of_prices_is_taken(table: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(table, indent=indent)
    Prices.from_json(text)
    assert takes("Prices", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",  # What SAM CLI makes of JSON that is not quoted.
        "{mcn: {RU: 0.35 RUB}}",
        '{"mcn": {"RU": "0.35 RUB"}',
        '{"mcn": {"RU": "0.35"}}',
        '{"mcn": {"RU": 0.35}}',
        '{"mcn": {"Russia": "0.35 RUB"}}',
        '{"mcn": {"RU": "0.35 RUB",}}',
        '{"mcn": "0.35 RUB"}',
        '{"2go": {"RU": "0.35 RUB"}}',
        '{"mcn": {}, "Sip": {"RU": "0.35 RUB"}}',
        "[]",
    ],
)
def test_what_is_no_table_of_prices_is_refused(text: str) -> None:
    assert not takes("Prices", text)


@given(states=st.dictionaries(WORDS, st.sampled_from(Status), max_size=3), ascii_=st.booleans())
def test_every_table_of_states_is_taken(states: dict[str, Status], ascii_: bool) -> None:
    text = json.dumps(states, ensure_ascii=ascii_)
    states_from_json(text)
    assert takes("BizflyCallStates", text)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"missed call": "gone"}', '{"missed call": 1}', '{"": "busy"}', '["busy"]'],
)
def test_what_is_no_table_of_states_is_refused(text: str) -> None:
    assert not takes("BizflyCallStates", text)


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "DomainName",
            ["otp.example.com", "a.vn"],
            ["otp", "https://a.vn", "A.vn", "a.vn/"],
        ),
        (
            "CertificateArn",
            ["arn:aws:acm:ap-southeast-1:123456789012:certificate/12-ab"],
            ["arn:aws:iam::123456789012:server-certificate/x", "12-ab"],
        ),
        ("HostedZoneId", ["Z0123456789ABCDEFGHIJ"], ["/hostedzone/Z01", "z01"]),
        ("ZaloVerification", ["HVAV9eNi1G9wpOnV_les-VJptX"], ["<meta>", '"', "a b", "a'"]),
    ],
)
def test_forms_of_the_domain_s_parameters(parameter: str, good: list[str], bad: list[str]) -> None:
    assert all(takes(parameter, value) for value in ["", *good])
    assert not any(takes(parameter, value) for value in bad)


def test_a_domain_needs_a_certificate() -> None:
    [rule] = template()["Rules"].values()
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}


def test_the_domain_leads_to_the_api_only_if_there_is_one() -> None:
    resources = template()["Resources"]
    domain, mapping, record = (
        resources[name] for name in ("ApiDomain", "ApiDomainMapping", "ApiDomainRecord")
    )
    assert domain["Condition"] == mapping["Condition"] == "WithDomain"
    assert record["Condition"] == "WithHostedZone"
    (configuration,) = domain["Properties"]["DomainNameConfigurations"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    assert mapping["Properties"]["ApiId"] == {"Ref": "Api"}
    assert record["Properties"]["AliasTarget"] == {
        "DNSName": {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": ["ApiDomain", "RegionalHostedZoneId"]},
    }
    for name in ("DomainTarget", "DomainTargetHostedZoneId"):
        assert template()["Outputs"][name]["Condition"] == "WithDomain"


@pytest.mark.parametrize("function", ["ManageCallsFunction", "OpenCallFunction"])
def test_browsers_are_sent_to_the_public_url_or_else_to_the_domain(function: str) -> None:
    properties = template()["Resources"][function]["Properties"]
    domain = {"Fn::If": ["WithDomain", {"Fn::Sub": "https://${DomainName}"}, ""]}
    assert properties["Environment"]["Variables"]["PUBLIC_URL"] == {
        "Fn::If": ["WithPublicUrl", {"Ref": "PublicUrl"}, domain]
    }
