"""template.yaml: who may do what, what outlives what, what is kept and what is logged."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ringpass.aws.secrets import PLACEHOLDER
from ringpass.config import ZALO_ROTATION_TIMEOUT_SECONDS
from ringpass.verifications.model import CHECK_TIMEOUT_SECONDS
from tests import template as template_file
from tests.template import ROOT

PROVIDER_TIMEOUT_SECONDS = 10
GATEWAY_TIMEOUT_SECONDS = 30
SENDERS = ("SendVoiceOtp", "SendPasswordCall", "SendZns", "StartVerification", "Advance")

_SEND = {
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "secretsmanager:GetSecretValue",
}
ACTIONS: dict[str, set[str]] = {
    "Authorizer": {"dynamodb:GetItem"},
    "SendVoiceOtp": _SEND | {"dynamodb:Query"},
    "SendPasswordCall": _SEND,
    "SendZns": _SEND,
    "StartVerification": _SEND | {"dynamodb:Query"},
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
    "ReadFigures": {"dynamodb:BatchGetItem", "dynamodb:Query"},
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
    "Advance": _SEND
    | {
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
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

_SENT = {"DLV#*", "PRV#*", "LIM#*", "LED#*", "DEC#*", "CLI#*", "CEI#*"}
KEYS = {
    "Authorizer": {"KEY#*"},
    "SendVoiceOtp": _SENT | {"SCN#*", "CAL#*"},
    "SendPasswordCall": _SENT | {"REF#*"},
    "SendZns": _SENT | {"REF#*", "TPL#*", "QUO#*"},
    "StartVerification": _SENT | {"REF#*", "VER#*", "OPN#*", "SCN#*", "TPL#*", "CAL#*", "QUO#*"},
    "CheckVerification": {"VER#*", "DLV#*"},
    "ReadVerifications": {"VER#*", "DLV#*", "LKP#*"},
    "ReadDeliveries": {"LKP#*"},
    "Advance": _SENT
    | {"REF#*", "VER#*", "SCN#*", "TPL#*", "CAL#*", "QUO#*", "OCL#*", "OCC#*", "OCO#*", "OAD#*"}
    | {"OAE#*", "CNS#*", "CNQ#*", "CNU#*", "RAW#*"},
    "ReadEvents": {"EVT#*"},
    "ReadFigures": {"STS#*", "LED#*", "DEC#*", "CLI#*", "CEI#*"},
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
    "Schedule": {"VER#*", "REF#*"},
    "Outbox": {"DLV#*", "EVT#*", "REF#*", "CNT#*", "STS#*", "LED#*", "LIM#*"},
    "ManageProviders": {"PRV#*", "CEI#*", "AUD#*"},
    "Health": {"HEALTH"},
}
"""The keys of the table that a function may touch, where it may not touch all."""

PROVIDER_SECRETS = {"BizflySecret", "McnSecret", "CaresoftSecret", "ZaloTokenSecret"}
_ALL = PROVIDER_SECRETS | {"LookupSecret", "CodePeppersSecret"}
SECRETS = {
    "SendVoiceOtp": {"LookupSecret", "BizflySecret"},
    "SendPasswordCall": {"LookupSecret", "McnSecret"},
    "SendZns": {"LookupSecret", "CaresoftSecret", "ZaloTokenSecret"},
    "StartVerification": _ALL,
    "CheckVerification": {"LookupSecret", "CodePeppersSecret"},
    "ReadVerifications": {"LookupSecret"},
    "Advance": _ALL,
    "ReadDeliveries": {"LookupSecret"},
    "ManagePhones": {"LookupSecret"},
    "ManageSettings": {"LookupSecret"},
    "ReadScenarios": {"BizflySecret"},
    "ManageProviders": PROVIDER_SECRETS,
    "ManageConsents": {"LookupSecret", "ZaloTokenSecret"},
    "ManageCalls": {"LookupSecret", "ZaloTokenSecret"},
    "ReceiveCdr": {"LookupSecret", "McnWebhookSecret"},
    "ReceiveBizfly": {"LookupSecret", "BizflyWebhookSecret"},
    "ReceiveCaresoft": {"LookupSecret", "CaresoftWebhookSecret"},
    "ReceiveZalo": {"LookupSecret", "ZaloSecret"},
    "RotateZaloToken": {"ZaloTokenSecret", "ZaloSecret"},
    "Reconcile": {"LookupSecret", "BizflySecret", "ZaloTokenSecret"},
    "RotatePepper": {"CodePeppersSecret"},
}

OPEN_ROUTES = {
    "GET /",
    "GET /o/{token}",
    "GET /o/{token}/qr",
    "GET /v1/health",
    "GET /v1/openapi.json",
    "POST /v1/webhooks/bizfly",
    "POST /v1/webhooks/caresoft",
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
    return [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]


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
        secret["Fn::GetAtt"][0]
        for one in statements(name)
        if one["Action"] == "secretsmanager:GetSecretValue"
        for secret in as_list(one["Resource"])
    }
    variables = functions()[name].get("Environment", {}).get("Variables", {})
    environment_secrets = {
        value["Fn::GetAtt"][0] for key, value in variables.items() if key.endswith("_SECRET")
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
    assert [(one["dynamodb"]["NewImage"]["entity"]["S"], one["eventName"]) for one in patterns] == [
        (
            ["delivery", "verification", "consent_request", "unmatched_payload", "decision"],
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


def test_every_queue_is_encrypted() -> None:
    queues = of_type("AWS::SQS::Queue")
    assert len(queues) == 3
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
    assert len(secrets) == 10
    for secret in secrets.values():
        assert secret["DeletionPolicy"] == "RetainExceptOnCreate"
        assert secret["UpdateReplacePolicy"] == "Retain"
        assert "SecretString" not in secret["Properties"]
        generator = secret["Properties"]["GenerateSecretString"]
        assert generator["PasswordLength"] >= 32
        assert generator["ExcludePunctuation"] is True


def test_layers_are_built_for_the_functions_processor() -> None:
    layers = of_type("AWS::Serverless::LayerVersion")
    assert set(layers) == {"DependenciesLayer", "RingpassLayer"}
    globally = template()["Globals"]["Function"]
    assert globally["Architectures"] == [{"Ref": "Architecture"}]
    assert [layer["Ref"] for layer in globally["Layers"]] == sorted(layers)
    for layer in layers.values():
        assert layer["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
        assert layer["Metadata"]["BuildMethod"] == "makefile"
    # SAM CLI does not tell a Makefile the processor: there is one for each.
    context = layers["DependenciesLayer"]["Metadata"]["ContextPath"]
    assert context == {"Fn::Sub": "layers/dependencies/${Architecture}"}
    for processor in template()["Parameters"]["Architecture"]["AllowedValues"]:
        makefile = ROOT / "layers" / "dependencies" / processor / "Makefile"
        machine = {"arm64": "aarch64"}.get(processor, processor)
        assert f"build.sh {machine} " in makefile.read_text()


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
