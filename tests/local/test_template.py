"""template.yaml: who may do what, what outlives what, what is kept and what is logged."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ringpass.aws.secrets import PLACEHOLDER
from ringpass.commands.message import DETAIL_TYPE
from ringpass.commands.runner import LIFETIME, MOST_RECEIVES
from ringpass.config import ZALO_ROTATION_TIMEOUT_SECONDS
from ringpass.verifications.model import CHECK_TIMEOUT_SECONDS
from tests import template as template_file
from tests.template import ROOT

PROVIDER_TIMEOUT_SECONDS = 10
GATEWAY_TIMEOUT_SECONDS = 30
SENDERS = (
    "SendVoiceOtp",
    "SendPasswordCall",
    "SendZns",
    "StartVerification",
    "Advance",
    "RunCommands",
)

_SEND = {
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "secretsmanager:GetSecretValue",
}
_ENQUEUE = {
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "secretsmanager:GetSecretValue",
}
ACTIONS: dict[str, set[str]] = {
    "Authorizer": {"dynamodb:GetItem"},
    "SendVoiceOtp": _SEND | {"dynamodb:Query"},
    "SendPasswordCall": _SEND,
    "SendZns": _SEND,
    "StartVerification": _SEND | {"dynamodb:Query"},
    "ReceiveHook": _ENQUEUE,
    "CognitoChallenge": _ENQUEUE,
    "CognitoSender": _ENQUEUE,
    "CheckVerification": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "ReadVerifications": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "ReadDeliveries": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "ReadEvents": {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"},
    "ReadAudit": {"dynamodb:BatchGetItem", "dynamodb:Query"},
    "ManagePhones": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    },
    "ReadFigures": {
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "ManageKeys": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:Query",
    },
    "ManageSettings": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "ManageScenarios": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
    },
    "ReadScenarios": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    },
    "ManageTemplates": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
    },
    "ManageOa": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"},
    "ManageConsents": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    },
    "ManageCalls": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    },
    "OpenCall": {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"},
    "ReceiveCdr": {"dynamodb:UpdateItem", "secretsmanager:GetSecretValue"},
    "ReceiveBizfly": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "ReceiveCaresoft": {"dynamodb:UpdateItem", "secretsmanager:GetSecretValue"},
    "ReceiveZalo": {
        "dynamodb:UpdateItem",
        "dynamodb:PutItem",
        "secretsmanager:GetSecretValue",
    },
    "RotateZaloToken": {
        "dynamodb:UpdateItem",
        "dynamodb:PutItem",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    },
    "Reconcile": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    },
    "Outbox": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "sqs:SendMessage",
    },
    "ManageWebhookEndpoints": {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    },
    "ReadWebhookEndpoints": {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"},
    "ReplayWebhooks": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        "sqs:SendMessage",
    },
    "DeliverWebhooks": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
        "secretsmanager:GetSecretValue",
    },
    "PublishEvents": {
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "events:PutEvents",
        "sqs:SendMessage",
    },
    "Advance": _SEND
    | {
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
    },
    "RunCommands": _SEND
    | {
        "dynamodb:Query",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
        "sqs:SendMessage",
    },
    "ManageProviders": {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
        "secretsmanager:GetSecretValue",
    },
    "RotatePepper": {
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    },
    "Sweep": {"dynamodb:BatchGetItem", "dynamodb:Query", "sqs:SendMessage"},
    "Schedule": {
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "sqs:SendMessage",
    },
    "DescribeApi": set(),
    "Health": {"dynamodb:GetItem"},
}
"""All that each function may do, beside writing its log."""

_QUEUED = {"VER#*", "OPN#*", "CLI#*", "CEI#*"}
_SENT = {"DLV#*", "PRV#*", "LIM#*", "LED#*", "DEC#*", "CLI#*", "CEI#*"}
KEYS = {
    "Authorizer": {"KEY#*"},
    "SendVoiceOtp": _SENT | {"SCN#*", "CAL#*", "REF#*"},
    "SendPasswordCall": _SENT | {"REF#*"},
    "SendZns": _SENT | {"REF#*", "TPL#*", "QUO#*"},
    "StartVerification": _SENT | {"REF#*", "VER#*", "OPN#*", "SCN#*", "TPL#*", "CAL#*", "QUO#*"},
    "RunCommands": _SENT | {"REF#*", "VER#*", "OPN#*", "SCN#*", "TPL#*", "CAL#*", "QUO#*"},
    "ReceiveHook": _QUEUED,
    "CognitoChallenge": _QUEUED,
    "CognitoSender": _QUEUED,
    "CheckVerification": {"VER#*", "DLV#*"},
    "ReadVerifications": {"VER#*", "DLV#*", "LKP#*", "LPS#*"},
    "ReadDeliveries": {"LKP#*"},
    "Advance": _SENT
    | {"REF#*", "VER#*", "SCN#*", "TPL#*", "CAL#*", "QUO#*", "OCL#*", "OCC#*", "OCO#*", "OAD#*"}
    | {"OAE#*", "CNS#*", "CNQ#*", "CNU#*", "RAW#*"},
    "ReadEvents": {"EVT#*"},
    "ReadFigures": {"STS#*", "LED#*", "DEC#*", "DLV#*", "CLI#*", "CEI#*", "LKP#*"},
    "ReadAudit": {"AUD#*"},
    "ManagePhones": {"DLV#*", "VER#*", "DEC#*", "EVT#*", "REF#*", "CAL#*", "OCL#*", "OCO#*"}
    | {"LIM#*", "CLI#*", "CEI#*", "LKP#*", "OPN#*", "CNS#*", "CNQ#*", "CNU#*", "AUD#*"},
    "ManageKeys": {"KEY#*", "AUD#*"},
    "ManageSettings": {"CLI#*", "CEI#*", "TPL#*", "AUD#*"},
    "ManageScenarios": {"SCN#*", "SLT#*", "CEI#*", "AUD#*"},
    "ReadScenarios": {"SCN#*", "CEI#*"},
    "ManageTemplates": {"TPL#*", "QUO#*", "AUD#*"},
    "ManageOa": {"OAD#*", "AUD#*"},
    "ManageConsents": {"LKP#*", "CNS#*", "CNQ#*", "CNU#*", "LED#*", "CLI#*", "CEI#*", "DEC#*"},
    "ManageCalls": {"OCL#*", "OLK#*", "OCO#*", "OAD#*"}
    | {"CNS#*", "CNU#*", "CNQ#*", "CLI#*", "CEI#*"},
    "OpenCall": {"OLK#*", "OCL#*", "OAD#*", "CNS#*", "CNU#*", "CLI#*", "CEI#*"},
    "ReceiveCdr": {"DLV#*", "REF#*", "RAW#*"},
    "ReceiveBizfly": {"DLV#*", "CAL#*", "RAW#*"},
    "ReceiveCaresoft": {"DLV#*", "REF#*", "RAW#*"},
    "ReceiveZalo": {"DLV#*", "REF#*", "RAW#*", "OAE#*"},
    "RotateZaloToken": {"OAU#*", "QUO#*"},
    "Reconcile": {"DLV#*", "CAL#*"},
    "Schedule": {"VER#*", "REF#*", "LANE#*"},
    "PublishEvents": {"WHE#*", "LANE#*"},
    "ManageWebhookEndpoints": {"WHE#*", "AUD#*"},
    "ReadWebhookEndpoints": {"WHE#*", "ATT#*"},
    "ReplayWebhooks": {"WHE#*", "EVT#*", "LANE#*"},
    "DeliverWebhooks": {"WHE#*", "EVT#*", "LANE#*", "ATT#*"},
    "Outbox": {"DLV#*", "EVT#*", "REF#*", "CNT#*", "STS#*", "LED#*", "LIM#*", "HOK#*"},
    "ManageProviders": {"PRV#*", "CEI#*", "AUD#*", "HOK#*"},
    "Health": {"HEALTH"},
}
"""The keys of the table that a function may touch, where it may not touch all."""

PROVIDER_SECRETS = {
    "BizflySecret",
    "VoiceGatewaySecret",
    "McnSecret",
    "CaresoftSecret",
    "ZaloTokenSecret",
}
_ALL = PROVIDER_SECRETS | {"LookupSecret", "CodePeppersSecret"}
SECRETS = {
    "SendVoiceOtp": {"LookupSecret", "BizflySecret", "VoiceGatewaySecret"},
    "SendPasswordCall": {"LookupSecret", "McnSecret"},
    "SendZns": {"LookupSecret", "CaresoftSecret", "ZaloTokenSecret"},
    "StartVerification": _ALL,
    "RunCommands": _ALL,
    "ReceiveHook": {"LookupSecret", "CodePeppersSecret", "SignInSecret"},
    "CognitoChallenge": {"LookupSecret", "CodePeppersSecret"},
    "CognitoSender": {"LookupSecret", "CodePeppersSecret"},
    "CheckVerification": {"LookupSecret", "CodePeppersSecret"},
    "ReadVerifications": {"LookupSecret"},
    "Advance": _ALL,
    "ReadDeliveries": {"LookupSecret"},
    "ReadFigures": {"LookupSecret"},
    "ManagePhones": {"LookupSecret"},
    "ManageSettings": {"LookupSecret"},
    "ReadScenarios": {"BizflySecret"},
    "ManageProviders": PROVIDER_SECRETS,
    "ManageConsents": {"LookupSecret", "ZaloTokenSecret"},
    "ManageCalls": {"LookupSecret", "ZaloTokenSecret"},
    "ReceiveCdr": {"LookupSecret", "McnWebhookSecret", "VoiceGatewayWebhookSecret"},
    "ReceiveBizfly": {"LookupSecret", "BizflyWebhookSecret"},
    "ReceiveCaresoft": {"LookupSecret", "CaresoftWebhookSecret"},
    "ReceiveZalo": {"LookupSecret", "ZaloSecret"},
    "RotateZaloToken": {"ZaloTokenSecret", "ZaloSecret"},
    "Reconcile": {"LookupSecret", "BizflySecret", "ZaloTokenSecret"},
    "RotatePepper": {"CodePeppersSecret"},
    "ManageWebhookEndpoints": {"WebhookSigningSecret"},
    "DeliverWebhooks": {"WebhookSigningSecret"},
}

OPEN_ROUTES = {
    "GET /",
    "GET /o/{token}",
    "GET /o/{token}/qr",
    "GET /v1/asyncapi.json",
    "GET /v1/health",
    "GET /v1/openapi.json",
    "POST /v1/hooks/{server}",
    "POST /v1/webhooks/bizfly",
    "POST /v1/webhooks/caresoft",
    "POST /v1/webhooks/voice-gateway",
    "POST /v1/webhooks/zalo",
    "GET /v1/webhooks/mcn",
    "POST /v1/webhooks/mcn",
    "GET /v1/webhooks/mcn/{token}",
    "POST /v1/webhooks/mcn/{token}",
}
"""Routes without an API key."""


@cache
def template() -> dict[str, Any]:
    return template_file.template()


def resource(logical_id: str) -> dict[str, Any]:
    """A resource's properties."""
    properties: dict[str, Any] = template()["Resources"][logical_id]["Properties"]
    return properties


def functions() -> dict[str, dict[str, Any]]:
    """Name -> properties, the name without `Function`."""
    resources = template()["Resources"].items()
    return {
        logical_id.removesuffix("Function"): one["Properties"]
        for logical_id, one in resources
        if one["Type"] == "AWS::Serverless::Function"
    }


def of_type(type_name: str) -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = template()["Resources"]
    return {name: one for name, one in resources.items() if one["Type"] == type_name}


def statements(name: str) -> list[dict[str, Any]]:
    """All statements of a function's role."""
    role = resource(f"{name}Role")
    assert "ManagedPolicyArns" not in role  # Theirs are for every resource.
    return [
        if_it_is_there(one)
        for policy in role["Policies"]
        for one in policy["PolicyDocument"]["Statement"]
    ]


def if_it_is_there(value: dict[str, Any]) -> dict[str, Any]:
    """A value as it is in a stack that has it all."""
    there: dict[str, Any] = value["Fn::If"][1] if "Fn::If" in value else value
    return there


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def routes() -> Iterator[tuple[str, dict[str, Any]]]:
    for function in functions().values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "HttpApi":
                properties = event["Properties"]
                yield template_file.route_key(properties), properties


every_function = pytest.mark.parametrize("name", sorted(functions()))


def test_the_functions_are_those_of_the_tables_above() -> None:
    assert functions().keys() == ACTIONS.keys()


@every_function
def test_a_function_has_its_code_its_role_and_its_log(name: str) -> None:
    function = functions()[name]
    folder = Path(function["CodeUri"])
    assert folder.parent == Path("functions")
    assert (ROOT / folder / "app.py").exists()
    assert function["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert function["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}LogGroup"}}
    assert resource(f"{name}LogGroup")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_each_folder_of_functions_is_deployed() -> None:
    deployed = {Path(function["CodeUri"]).name for function in functions().values()}
    assert deployed == {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}


@every_function
def test_a_function_may_do_what_it_does_and_no_more(name: str) -> None:
    log, *rest = statements(name)
    assert set(log["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert log["Resource"] == {"Fn::GetAtt": [f"{name}LogGroup", "Arn"]}
    assert {action for one in rest for action in as_list(one["Action"])} == ACTIONS[name]


@every_function
def test_no_permission_is_for_every_resource(name: str) -> None:
    for statement in statements(name):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in as_list(statement["Action"]))
        for allowed in as_list(statement["Resource"]):
            assert isinstance(allowed, dict)  # Of a resource of this stack, not a pattern.
            if "Fn::Sub" in allowed:
                assert allowed["Fn::Sub"].startswith("${Table.Arn}/")


@every_function
def test_keys_of_the_table_are_narrowed_where_they_can_be(name: str) -> None:
    narrowed = [one["Condition"] for one in statements(name) if "Condition" in one]
    keys = {
        key
        for condition in narrowed
        for key in condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    }
    assert keys == KEYS.get(name, set())


@every_function
def test_a_function_may_read_the_secrets_that_it_is_told_of(name: str) -> None:
    readable = {
        if_it_is_there(secret)["Fn::GetAtt"][0]
        for one in statements(name)
        if one["Action"] == "secretsmanager:GetSecretValue"
        for secret in as_list(one["Resource"])
    }
    variables = functions()[name].get("Environment", {}).get("Variables", {})
    environment_secrets = {
        if_it_is_there(value)["Fn::GetAtt"][0]
        for key, value in variables.items()
        if key.endswith("_SECRET")
    }
    assert readable == environment_secrets == SECRETS.get(name, set())


@pytest.mark.parametrize("name", SENDERS)
def test_a_sender_outlives_its_provider_and_not_the_gateway(name: str) -> None:
    # Twice, as a request that is answered 401 is repeated once.
    assert 2 * PROVIDER_TIMEOUT_SECONDS < functions()[name]["Timeout"] < GATEWAY_TIMEOUT_SECONDS


def test_a_function_that_judges_codes_ends_when_the_code_says_so() -> None:
    assert functions()["CheckVerification"]["Timeout"] == CHECK_TIMEOUT_SECONDS


@pytest.mark.parametrize("name", sorted(PROVIDER_SECRETS))
def test_a_provider_s_secret_holds_nothing_until_an_operator_puts_it_in(name: str) -> None:
    generator = resource(name)["GenerateSecretString"]
    assert generator["GenerateStringKey"] == PLACEHOLDER
    assert set(json.loads(generator["SecretStringTemplate"]).values()) == {""}


def test_cognito_s_sender_may_use_the_one_key_that_is_set_and_only_to_decrypt() -> None:
    policy = template()["Resources"]["CognitoSenderKeyPolicy"]
    assert policy["Condition"] == "WithCognitoKey"
    assert policy["Properties"]["Roles"] == [{"Ref": "CognitoSenderRole"}]
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Ref": "CognitoKeyArn"}}
    ]
    assert of_type("AWS::IAM::Policy").keys() == {"CognitoSenderKeyPolicy"}


def test_an_old_code_of_cognito_is_not_sent_at_last() -> None:
    """Lambda repeats an asynchronous invocation for hours, unless it is told otherwise."""
    config = functions()["CognitoSender"]["EventInvokeConfig"]
    assert config == {"MaximumEventAgeInSeconds": 180, "MaximumRetryAttempts": 2}


def test_secrets_manager_alone_asks_for_a_new_pepper_and_of_one_secret() -> None:
    permission = resource("RotatePepperPermission")
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["CodePeppersSecret", "Id"]}
    assert "Events" not in functions()["RotatePepper"]
    rotation = of_type("AWS::SecretsManager::RotationSchedule")["CodePeppersRotation"]
    assert rotation["Condition"] == "Deployed"
    assert rotation["DependsOn"] == "RotatePepperPermission"
    assert rotation["Properties"] == {
        "SecretId": {"Ref": "CodePeppersSecret"},
        "RotationLambdaARN": {"Fn::GetAtt": ["RotatePepperFunction", "Arn"]},
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "RotateImmediatelyOnUpdate": False,
    }


def test_secrets_manager_alone_asks_for_zalo_s_tokens_in_time() -> None:
    permission = resource("RotateZaloTokenPermission")
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["ZaloTokenSecret", "Id"]}
    function = functions()["RotateZaloToken"]
    assert function["Timeout"] == ZALO_ROTATION_TIMEOUT_SECONDS
    # Once a day it tells how long the tokens live, whether rotation works or not.
    assert [event["Type"] for event in function["Events"].values()] == ["Schedule"]
    rotation = of_type("AWS::SecretsManager::RotationSchedule")["ZaloTokenRotation"]
    # Nothing is rotated, and nothing fails, where there is no app.
    assert rotation["Condition"] == "ZaloConnected"
    assert rotation["DependsOn"] == "RotateZaloTokenPermission"
    # An access token lives for 25 hours.
    assert rotation["Properties"]["RotationRules"] == {"ScheduleExpression": "rate(20 hours)"}
    assert rotation["Properties"]["RotateImmediatelyOnUpdate"] is False


def test_only_webhooks_health_and_the_description_are_open() -> None:
    paths = resource("Api")["DefinitionBody"]["paths"]
    by_route = {
        template_file.route_key({"Method": method.upper(), "Path": path}): operation.get("security")
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    assert by_route == {
        key: None if key in OPEN_ROUTES else [{"ApiKey": []}] for key, _ in routes()
    }
    assert not any("Auth" in route for _, route in routes())


def test_every_route_belongs_to_the_one_api() -> None:
    assert {str(route["ApiId"]) for _, route in routes()} == {"{'Ref': 'Api'}"}


def test_a_revoked_key_lives_a_minute_at_most() -> None:
    authorizer = resource("Api")["Auth"]["Authorizers"]["ApiKey"]
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["Identity"] == {"Headers": ["Authorization"], "ReauthorizeEvery": 60}


def test_the_access_log_holds_the_route_and_never_the_path() -> None:
    record = access_log(address="")
    assert record["routeKey"] == "$context.routeKey"
    assert {"requestId", "status", "integrationLatency", "error"} <= record.keys()
    for value in record.values():
        assert re.fullmatch(r"\$context\.[\w.]+", value)
        assert not re.search(r"path|identity|http", value, re.IGNORECASE)


def test_the_access_log_says_who_it_was() -> None:
    """By the client and its key's id, as `authorizer` tells them; never by scopes or the key."""
    identity_fields = {
        name: value for name, value in access_log("").items() if "authorizer" in value
    }
    assert identity_fields == {
        "authorizerError": "$context.authorizer.error",
        "client": "$context.authorizer.client",
        "keyId": "$context.authorizer.key_id",
    }


def test_an_address_is_logged_only_if_the_operator_wants_it() -> None:
    _, parts = resource("Api")["AccessLogSettings"]["Format"]["Fn::Sub"]
    condition, field, otherwise = parts["SourceIp"]["Fn::If"]
    on = {"Fn::Equals": [{"Ref": "LogSourceAddresses"}, "on"]}
    assert template()["Conditions"][condition] == on
    assert template()["Parameters"]["LogSourceAddresses"]["Default"] == "off"
    assert access_log(field)["sourceIp"] == "$context.identity.sourceIp"
    assert "sourceIp" not in access_log(otherwise)


def access_log(address: str) -> dict[str, str]:
    """A line of the access log, with what stands in it for the address."""
    line, _ = resource("Api")["AccessLogSettings"]["Format"]["Fn::Sub"]
    record: dict[str, str] = json.loads(line.replace("${SourceIp}", address))
    return record


def test_the_outbox_reads_the_stream_from_its_start_and_gives_up_into_a_queue() -> None:
    (mapping,) = functions()["Outbox"]["Events"].values()
    properties = mapping["Properties"]
    assert mapping["Type"] == "DynamoDB"
    assert properties["Stream"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert properties["StartingPosition"] == "TRIM_HORIZON"
    assert properties["BisectBatchOnFunctionError"] is True
    assert properties["MaximumRetryAttempts"] == 10
    assert properties["DestinationConfig"]["OnFailure"] == {
        "Type": "SQS",
        "Destination": {"Fn::GetAtt": ["OutboxFailureQueue", "Arn"]},
    }
    assert "FunctionResponseTypes" not in properties  # It raises, and the batch is halved.
    patterns = [json.loads(one["Pattern"]) for one in properties["FilterCriteria"]["Filters"]]
    deleted = {
        "eventName": ["REMOVE"],
        "dynamodb": {"OldImage": {"entity": {"S": ["consent", "oa_call"]}}},
    }
    assert deleted in patterns
    patterns.remove(deleted)
    assert [(one["dynamodb"]["NewImage"]["entity"]["S"], one["eventName"]) for one in patterns] == [
        (
            [
                "delivery",
                "verification",
                "consent",
                "consent_request",
                "oa_call",
                "provider",
                "unmatched_payload",
                "decision",
            ],
            ["INSERT", "MODIFY"],
        ),
        (["reference"], ["INSERT", "MODIFY"]),
        (["oa_event"], ["INSERT"]),
        (["callee"], ["MODIFY"]),
    ]


def test_the_outbox_may_write_to_the_queue_of_its_failures() -> None:
    (sending,) = [one for one in statements("Outbox") if one["Action"] == "sqs:SendMessage"]
    queues = {one["Fn::GetAtt"][0] for one in sending["Resource"]}
    assert queues == {"AdvanceQueue", "OutboxFailureQueue"}


def test_events_are_published_as_the_outbox_reads_the_stream_and_by_no_third_reader() -> None:
    (outbox,) = functions()["Outbox"]["Events"].values()
    (mapping,) = functions()["PublishEvents"]["Events"].values()
    assert mapping["Type"] == "DynamoDB"
    assert mapping["Properties"] | {"DestinationConfig": None, "FilterCriteria": None} == (
        outbox["Properties"] | {"DestinationConfig": None, "FilterCriteria": None}
    )
    failures = {"Type": "SQS", "Destination": {"Fn::GetAtt": ["PublishEventsFailureQueue", "Arn"]}}
    assert mapping["Properties"]["DestinationConfig"]["OnFailure"] == failures
    [only] = mapping["Properties"]["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"entity": {"S": ["event"]}}},
    }
    readers = [
        name
        for name, function in functions().items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    ]
    assert sorted(readers) == ["Outbox", "PublishEvents"]


def test_there_is_an_event_bus_only_where_it_is_wanted() -> None:
    assert template()["Parameters"]["EventBus"]["Default"] == "off"
    for name in ("EventBusName", "EventBusArn"):
        assert template()["Outputs"][name]["Condition"] == "WithEventBus"
    assert template()["Resources"]["StackEventBus"]["Condition"] == "WithEventBus"
    (putting,) = resource("PublishEventsRole")["Policies"]
    *_, last = putting["PolicyDocument"]["Statement"]
    condition, statement, otherwise = last["Fn::If"]
    assert (condition, otherwise) == ("WithEventBus", {"Ref": "AWS::NoValue"})
    assert statement["Resource"] == {"Fn::GetAtt": ["StackEventBus", "Arn"]}


def test_advance_takes_messages_one_by_one_and_loses_none() -> None:
    function, queue = functions()["Advance"], resource("AdvanceQueue")
    (mapping,) = function["Events"].values()
    assert mapping["Type"] == "SQS"
    assert mapping["Properties"]["Queue"] == {"Fn::GetAtt": ["AdvanceQueue", "Arn"]}
    assert mapping["Properties"]["BatchSize"] == 1  # A step may wait for its provider.
    assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["AdvanceDeadLetterQueue", "Arn"]},
        "maxReceiveCount": 5,
    }
    dead = resource("AdvanceDeadLetterQueue")
    assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]


def test_a_command_is_never_moved_with_its_phone_and_its_code() -> None:
    """The redrive policy is there to move dead letters back: a message expires before it counts."""
    function, queue = functions()["RunCommands"], resource("CommandQueue")
    (mapping,) = function["Events"].values()
    assert mapping["Properties"]["Queue"] == {"Fn::GetAtt": ["CommandQueue", "Arn"]}
    assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    redrive = queue["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["CommandDeadLetterQueue", "Arn"]}
    # run_commands itself hands a message on after a few tries, so only a function that cannot
    # start lets it come so often, each time after the whole visibility time-out.
    assert redrive["maxReceiveCount"] > MOST_RECEIVES
    longest = redrive["maxReceiveCount"] * queue["VisibilityTimeout"]
    assert longest > queue["MessageRetentionPeriod"] > LIFETIME.total_seconds()


def test_only_the_rule_of_the_stack_s_bus_may_put_commands_into_the_queue() -> None:
    """Beside what the account's own policies allow."""
    statements = resource("CommandQueuePolicy")["PolicyDocument"]["Statement"]
    deny, allow = (one["Fn::If"][1] for one in statements)
    assert [one["Fn::If"][0] for one in statements] == ["Deployed", "WithEventBus"]
    assert (deny["Effect"], deny["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert allow["Action"] == "sqs:SendMessage"
    assert allow["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["CommandRule", "Arn"]}}
    }
    assert resource("CommandRule")["EventBusName"] == {"Ref": "StackEventBus"}
    assert resource("CommandRule")["EventPattern"] == {"detail-type": [DETAIL_TYPE]}


def test_every_queue_is_encrypted() -> None:
    queues = of_type("AWS::SQS::Queue")
    assert len(queues) == 8
    assert all(one["Properties"]["SqsManagedSseEnabled"] is True for one in queues.values())


def test_the_table_is_kept_encrypted_and_can_be_restored() -> None:
    table = template()["Resources"]["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    properties = table["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["Deployed", True, False]}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    restorable = properties["PointInTimeRecoverySpecification"]
    assert restorable == {"PointInTimeRecoveryEnabled": True}
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_secrets_are_made_at_random_and_kept() -> None:
    secrets = of_type("AWS::SecretsManager::Secret")
    # What a secret costs is paid for what a stack has.
    assert len([one for one in secrets.values() if "Condition" not in one]) == 12
    for secret in secrets.values():
        assert secret["DeletionPolicy"] == "RetainExceptOnCreate"
        assert secret["UpdateReplacePolicy"] == "Retain"
        assert "SecretString" not in secret["Properties"]
        generator = secret["Properties"]["GenerateSecretString"]
        assert generator["PasswordLength"] >= 32
        assert generator["ExcludePunctuation"] is True


def test_layers_are_built_for_the_functions_processor() -> None:
    layers = of_type("AWS::Serverless::LayerVersion")
    assert set(layers) == {"CognitoLayer", "DependenciesLayer", "RingpassLayer"}
    assert functions()["CognitoSender"]["Layers"] == [{"Ref": "CognitoLayer"}]
    globally = template()["Globals"]["Function"]
    assert globally["Architectures"] == [{"Ref": "Architecture"}]
    in_every_function = sorted(layers.keys() - {"CognitoLayer"})
    assert [layer["Ref"] for layer in globally["Layers"]] == in_every_function
    for layer in layers.values():
        assert layer["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
        assert layer["Metadata"]["BuildMethod"] == "makefile"
    # SAM CLI does not tell a Makefile the processor: there is one for each.
    for name in ("CognitoLayer", "DependenciesLayer"):
        context = layers[name]["Metadata"]["ContextPath"]
        assert context == {"Fn::Sub": "layers/dependencies/${Architecture}"}
    for processor in template()["Parameters"]["Architecture"]["AllowedValues"]:
        makefile = ROOT / "layers" / "dependencies" / processor / "Makefile"
        machine = {"arm64": "aarch64"}.get(processor, processor)
        assert makefile.read_text().count(f"build.sh {machine} ") == 2


def test_parameters_and_outputs_say_what_they_are() -> None:
    document = template()
    for section in ("Parameters", "Outputs"):
        assert all(one.get("Description") for one in document[section].values())
    groups = document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert {name for group in groups for name in group["Parameters"]} == set(document["Parameters"])


def test_no_output_holds_a_secret_and_each_function_has_one() -> None:
    outputs = template()["Outputs"]
    assert "resolve:secretsmanager" not in json.dumps(outputs)
    for name in functions():
        assert outputs[f"{name}Function"]["Value"] == {"Fn::GetAtt": [f"{name}Function", "Arn"]}


def test_no_route_has_throttles_that_would_outlive_it() -> None:
    """API Gateway refuses to remove or rename a route that stands in a stage's route settings."""
    settings = resource("Api")["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == {"Ref": "ApiRateLimit"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "ApiBurstLimit"}
    assert "RouteSettings" not in resource("Api")
    assert not any("RouteSettings" in route for _, route in routes())
