"""`make deploy`: what it looks at before, between and after `sam build` and `sam deploy`.

AWS is moto's. `sam` is a program that notes how it was called and leaves a build behind; the real
one reads the settings.
"""

import json
import os
import re
import struct
import sys
import textwrap
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import yaml
from moto import mock_aws
from moto.backends import get_backend
from moto.core import set_initial_no_auth_action_count

from local.aws_deployment.account import Account, open_account
from local.aws_deployment.binaries import check_binaries, machine_of
from local.aws_deployment.deployment import deploy
from local.aws_deployment.earlier import stack_to_update
from local.aws_deployment.parameters import check_values, values_of
from local.aws_deployment.settings import Settings, read_settings
from local.aws_deployment.smoke_test import check_health, check_routes, routes_in
from local.failures import DeploymentError
from local.paths import ROOT, SAM_CONFIG
from local.progress import Progress
from ringpass import __version__
from tests import template as template_file

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client

REGION = "ap-southeast-1"
CONFIG = """
version = 0.1
[default.global.parameters]
stack_name = "ringpass"
[default.deploy.parameters]
confirm_changeset = true
[dev.global.parameters]
stack_name = "ringpass-dev"
region = "eu-central-1"
[dev.global.parameters.parameter_overrides]
Architecture = "x86_64"
Prices = '{"mcn": {"RU": "0.35 RUB"}}'
[local.deploy.parameters]
stack_name = "ringpass-local"
"""


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account, and an environment that names it."""
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("SAM_CLI_TELEMETRY", "0")
    with mock_aws():
        yield


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(CONFIG)
    (tmp_path / "template.yaml").write_text("Resources: {}")
    return path


def settings(**others: Any) -> Settings:  # noqa: ANN401
    fields: dict[str, Any] = {
        "environment": "dev",
        "config": SAM_CONFIG,
        "arguments": (),
        "stack_name": "ringpass",
        "region": REGION,
        "profile": None,
        "parameters": {},
        "confirms": True,
    }
    return Settings(**(fields | others))


def elf(machine: int) -> bytes:
    """The beginning of a shared object of 64 bits, little-endian."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine) + bytes(44)


X86_64, AARCH64, RISCV = 0x3E, 0xB7, 0xF3


# ------------------------------------------------------------------------------------------------
# What is set
# ------------------------------------------------------------------------------------------------


def test_arguments_go_before_the_file(config: Path) -> None:
    arguments = ["--parameter-overrides", "LogLevel=DEBUG", "--region", "us-east-1"]
    options = read_settings("default", [*arguments, "--no-confirm-changeset"], config=config)
    assert (options.parameters, options.region) == ({"LogLevel": "DEBUG"}, "us-east-1")
    assert (options.stack_name, options.confirms) == ("ringpass", False)


@pytest.mark.parametrize(
    ("environment", "arguments", "sentence"),
    [
        ("prod", [], "no environment 'prod': ENV is one of default, dev"),
        ("local", [], "no environment 'local'"),
        ("dev", ["--guided"], "ARGS has --guided, which asks questions"),
        ("dev", ["--parameter-overrides", "x"], "SAM CLI does not take .* x is not a valid format"),
    ],
)
def test_settings_that_cannot_be_used_end_it_with_a_sentence(
    config: Path, environment: str, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(DeploymentError, match=sentence):
        read_settings(environment, arguments, config=config)


def test_a_file_that_is_no_toml_is_named(config: Path) -> None:
    config.write_text("[default")
    with pytest.raises(DeploymentError, match=r"samconfig\.toml cannot be read"):
        read_settings("default", [], config=config)


def test_our_own_environments_can_be_deployed() -> None:
    document = tomllib.loads(SAM_CONFIG.read_text())
    stacks = {}
    for environment in ("default", "dev", "prod"):
        everywhere = document[environment]["global"]["parameters"]
        values = values_of(template_file.template(), None, everywhere["parameter_overrides"])
        check_values(values, REGION)
        stacks[everywhere["stack_name"]] = values["Stage"]
        # `sam build` does not read what stands below `deploy`.
        assert "parameter_overrides" not in document[environment]["deploy"]["parameters"]
        assert document[environment]["deploy"]["parameters"]["confirm_changeset"]
    assert stacks == {"ringpass": "prod", "ringpass-dev": "dev", "ringpass-prod": "prod"}


def examples() -> Iterator[str]:
    """The parameters that samconfig.toml and the documents show."""
    lines = SAM_CONFIG.read_text().splitlines()
    yield "\n".join(line.removeprefix("#   ") for line in lines if line.startswith("#   "))
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for block in re.findall(
            r"^ *```toml\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL
        ):
            yield textwrap.dedent(block).partition("parameter_overrides]\n")[2] or block


def test_the_examples_of_settings_can_be_deployed() -> None:
    documents = [tomllib.loads(example) for example in examples()]
    assert len(documents) > 5
    for example in documents:
        overrides = {name: value for name, value in example.items() if name != "CertificateArn"}
        overrides.pop("DomainName", None)  # Its certificate's ARN is cut short.
        check_values(values_of(template_file.template(), None, overrides), REGION)
    assert {"Prices", "BizflyCallStates", "Architecture"} <= {
        name for one in documents for name in one
    }


# ------------------------------------------------------------------------------------------------
# Whose account
# ------------------------------------------------------------------------------------------------


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_either_variable_chooses_the_region(name: str) -> None:
    current_account = open_account(settings(region=None), {name: REGION})
    assert (current_account.number, current_account.region) == ("123456789012", REGION)
    assert current_account.caller.startswith("arn:aws:sts::123456789012:")


@pytest.mark.usefixtures("credentials")
def test_the_file_s_region_goes_before_the_environment_s() -> None:
    assert open_account(settings(), {"AWS_REGION": "eu-west-1"}).region == REGION


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "no AWS region is set: export AWS_REGION="),
        (
            {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"},
            "AWS_REGION is eu-west-1 and AWS_DEFAULT_REGION is eu-west-2: unset one",
        ),
    ],
)
def test_a_region_that_is_not_clear_ends_it(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(DeploymentError, match=sentence):
        open_account(settings(region=None), environ)


def test_without_credentials_it_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.delenv("AWS_ACCESS_KEY_ID")  # moto's
        with pytest.raises(DeploymentError, match="no AWS credentials were found: set AWS_PROF"):
            open_account(settings(), {})


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(DeploymentError, match=r"\(The config profile \(nobody\) could not be"):
        open_account(settings(profile="nobody"), {})


# ------------------------------------------------------------------------------------------------
# The values of the parameters
# ------------------------------------------------------------------------------------------------

TEMPLATE = {"Parameters": {"A": {"Default": "default"}, "B": {"Default": 7}, "C": {"Default": ""}}}


def test_what_is_no_longer_set_keeps_the_stack_s_value_as_sam_deploy_does() -> None:
    stack = {
        "Parameters": [
            {"ParameterKey": "A", "ParameterValue": "kept"},
            {"ParameterKey": "Gone", "ParameterValue": "x"},
        ]
    }
    assert values_of(TEMPLATE, stack, {"C": "set"}) == {"A": "kept", "B": "7", "C": "set"}
    assert values_of(TEMPLATE, stack, {"A": "set"})["A"] == "set"
    assert values_of(TEMPLATE, None, {})["A"] == "default"


def test_a_parameter_that_the_template_lacks_is_named() -> None:
    with pytest.raises(DeploymentError, match="no parameter Caresoftdomain"):
        values_of(template_file.template(), None, {"Caresoftdomain": "shop"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Prices", "{"),
        ("Prices", ""),
        ("Prices", "[]"),
        ("Prices", '{"mcn": "0.35 RUB"}'),
        ("Prices", '{"mcn": {"RU": 0.35}}'),
        ("Prices", '{"mcn": {"RU": "0.35"}}'),
        ("Prices", '{"mcn": {"RU": "0,35 RUB"}}'),
        ("BizflyCallStates", "{"),
        ("BizflyCallStates", '{"missed call": "gone"}'),
        ("BizflyCallStates", '["missed call"]'),
    ],
)
def test_json_that_cannot_be_read_ends_it_with_the_parameter_s_name(name: str, value: str) -> None:
    values = values_of(template_file.template(), None, {name: value})
    with pytest.raises(DeploymentError, match=f"the parameter {name} is no such JSON"):
        check_values(values, REGION)


@pytest.mark.parametrize(
    "certificate", ["", "arn:aws:acm:us-east-1:123456789012:certificate/1", "certificate"]
)
def test_a_domain_needs_a_certificate_of_the_region(certificate: str) -> None:
    domain = {"DomainName": "otp.example.com", "CertificateArn": certificate}
    with pytest.raises(DeploymentError, match=f"needs a certificate of ACM in {REGION}: Certif"):
        check_values(values_of(template_file.template(), None, domain), REGION)
    domain["CertificateArn"] = f"arn:aws:acm:{REGION}:123456789012:certificate/1"
    check_values(values_of(template_file.template(), None, domain), REGION)


# ------------------------------------------------------------------------------------------------
# The binaries
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "machine"),
    [
        (elf(X86_64), "x86_64"),
        (elf(AARCH64), "arm64"),
        (elf(RISCV), None),
        (elf(X86_64)[:19], None),
        (b"\xcf\xfa\xed\xfe" + bytes(60), None),  # of macOS
        (b"", None),
    ],
)
def test_the_processor_of_a_binary(tmp_path: Path, content: bytes, machine: str | None) -> None:
    path = tmp_path / "one.so"
    path.write_bytes(content)
    assert machine_of(path) == machine


@pytest.mark.parametrize("name", ["_pydantic_core.cpython-313-aarch64-linux-gnu.so", "libx.so.1"])
def test_a_binary_for_another_processor_ends_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "ours.so").write_bytes(elf(X86_64))
    check_binaries(tmp_path, "x86_64")
    (tmp_path / name).write_bytes(elf(AARCH64))
    with pytest.raises(
        DeploymentError, match=f"Architecture is x86_64, and {name} was built for a"
    ):
        check_binaries(tmp_path, "x86_64")


def test_a_build_without_any_binary_ends_it(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="no binary was built"):
        check_binaries(tmp_path, "arm64")


# ------------------------------------------------------------------------------------------------
# What earlier deployments have left
# ------------------------------------------------------------------------------------------------

ONE_TABLE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Retain",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "DeletionProtectionEnabled": True,
                "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            },
        }
    },
    "Outputs": {"TableName": {"Value": {"Ref": "Table"}}},
}


@pytest.fixture
def account(credentials: None) -> Account:
    return open_account(settings(), {})


def create_stack(account: Account, status: str) -> str:
    """A stack in this state. Gives its table's name."""
    client = account.session.client("cloudformation")
    client.create_stack(StackName="ringpass", TemplateBody=json.dumps(ONE_TABLE))
    backends: Any = get_backend("cloudformation")  # Imported only when it is needed: it is large.
    (stack,) = backends[account.number][account.region].stacks.values()
    stack.status = status
    name: str = client.describe_stacks(StackName="ringpass")["Stacks"][0]["Outputs"][0][
        "OutputValue"
    ]
    return name


def test_there_may_be_no_stack_yet(account: Account) -> None:
    assert stack_to_update(account, "ringpass", Progress(StringIO())) is None


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_works_is_updated(account: Account, status: str) -> None:
    create_stack(account, status)
    stack = stack_to_update(account, "ringpass", Progress(StringIO()))
    assert stack is not None
    assert stack["StackStatus"] == status


def test_a_stack_of_which_there_is_only_a_change_set_is_none_yet(account: Account) -> None:
    create_stack(account, "REVIEW_IN_PROGRESS")
    assert stack_to_update(account, "ringpass", Progress(StringIO())) is None


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_what_a_failed_first_deployment_has_left_is_deleted(account: Account, status: str) -> None:
    table = create_stack(account, status)
    dynamodb = account.session.client("dynamodb")
    assert dynamodb.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]
    assert stack_to_update(account, "ringpass", Progress(StringIO())) is None
    assert dynamodb.list_tables()["TableNames"] == []
    assert not account.session.client("cloudformation").describe_stacks()["Stacks"]


def test_a_table_with_items_is_not_deleted(account: Account) -> None:
    table = create_stack(account, "ROLLBACK_COMPLETE")
    dynamodb = account.session.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"PK": {"S": "DLV#1"}})
    with pytest.raises(DeploymentError, match=f"the table {table} .* holds items"):
        stack_to_update(account, "ringpass", Progress(StringIO()))
    assert dynamodb.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("UPDATE_IN_PROGRESS", "is being changed"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name ringpass"),
        ("DELETE_FAILED", "docs/deploying.md"),
    ],
)
def test_a_stack_that_cannot_be_updated_ends_it(
    account: Account, status: str, sentence: str
) -> None:
    create_stack(account, status)
    with pytest.raises(DeploymentError, match=sentence):
        stack_to_update(account, "ringpass", Progress(StringIO()))


# ------------------------------------------------------------------------------------------------
# What is looked at afterwards
# ------------------------------------------------------------------------------------------------

ROUTES = {"GET /v1/health": None, "GET /v1/keys": "ApiKey", "POST /v1/keys": "ApiKey"}


def create_api(client: "ApiGatewayV2Client", routes: dict[str, str | None]) -> str:
    api_id = client.create_api(Name="ringpass", ProtocolType="HTTP")["ApiId"]
    for key, authorizer in routes.items():
        if authorizer is None:
            client.create_route(ApiId=api_id, RouteKey=key)
            continue
        response = client.create_authorizer(
            ApiId=api_id,
            Name=authorizer,
            AuthorizerType="REQUEST",
            IdentitySource=["$request.header.Authorization"],
            AuthorizerPayloadFormatVersion="2.0",
        )
        client.create_route(
            ApiId=api_id,
            RouteKey=key,
            AuthorizationType="CUSTOM",
            AuthorizerId=response["AuthorizerId"],
        )
    return api_id


def test_the_routes_of_the_template_are_the_api_s() -> None:
    routes = routes_in(template_file.resource("Api")["DefinitionBody"])
    client = boto3.client("apigatewayv2", region_name=REGION)
    assert {None, "ApiKey"} == set(routes.values())
    check_routes(client, create_api(client, routes), routes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"POST /v1/keys": "gone"}, r"POST /v1/keys is missing\."),
        ({"GET /v1/keys": None}, r"GET /v1/keys takes requests without an API key\."),
        ({"GET /v1/keys": "Another"}, r"GET /v1/keys has the authorizer Another\."),
        ({"GET /v1/health": "ApiKey"}, r"GET /v1/health has the authorizer ApiKey\."),
        ({"GET /v1/left": "ApiKey"}, r"GET /v1/left is none of the template's\."),
    ],
)
def test_an_api_that_is_not_the_template_s_is_told_in_a_sentence(
    changes: dict[str, str | None], sentence: str
) -> None:
    client = boto3.client("apigatewayv2", region_name=REGION)
    there = {key: name for key, name in (ROUTES | changes).items() if name != "gone"}
    with pytest.raises(DeploymentError, match=sentence):
        check_routes(client, create_api(client, there), ROUTES)


def test_of_many_faults_three_are_named() -> None:
    client = boto3.client("apigatewayv2", region_name=REGION)
    routes = {f"GET /v1/{number}": None for number in range(9)}
    with pytest.raises(DeploymentError, match=r"/v1/2 is missing; 6 more\. Deploy again"):
        check_routes(client, create_api(client, {}), routes)


class Health(BaseHTTPRequestHandler):
    """Answers as the function `health` does, or as the test says."""

    status, body = 200, {"status": "ok", "version": __version__}

    def do_GET(self) -> None:
        """Answer every path alike."""
        text = json.dumps(self.body).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def serving(**answer: Any) -> Iterator[str]:  # noqa: ANN401
    """An API on this machine. Gives its address."""
    server = HTTPServer(("127.0.0.1", 0), type("Answering", (Health,), answer))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_api_that_is_well_and_new_ends_the_wait() -> None:
    with serving() as url:
        check_health(url, __version__)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"status": 503, "body": {"detail": "The table does not answer."}},
            r"/v1/health answers 503 \(The table does not answer\.\): read the log",
        ),
        ({"body": {"version": "0.0.1"}}, "is of version 0.0.1, not "),
    ],
)
def test_an_api_that_is_not_well_is_told_in_a_sentence(
    answer: dict[str, Any], sentence: str
) -> None:
    with serving(**answer) as url, pytest.raises(DeploymentError, match=sentence):
        check_health(url, __version__, seconds=0)


def test_an_api_that_nobody_serves_is_told_in_a_sentence() -> None:
    with pytest.raises(DeploymentError, match=r"/v1/health does not answer \("):
        check_health("http://127.0.0.1:9", __version__, seconds=0)


# ------------------------------------------------------------------------------------------------
# All of it
# ------------------------------------------------------------------------------------------------

SAM = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path({folder!r})
call = {{
    "arguments": sys.argv[1:],
    "region": os.environ["AWS_DEFAULT_REGION"],
    "terminal": sys.stdin.isatty(),
}}
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(call) + "\\n")
if sys.argv[1] == "build":
    build = pathlib.Path(".aws-sam", "build", "DependenciesLayer")
    build.mkdir(parents=True)
    (build / "one.so").write_bytes((here / "one.so").read_bytes())
    (build.parent / "template.yaml").write_text((here / "built.yaml").read_text())
sys.exit(int((here / (sys.argv[1] + ".exit")).read_text()))
"""


@dataclass(frozen=True)
class Sam:
    """A `sam` of the test's own."""

    path: Path

    def says(self, command: str, code: int) -> None:
        """What a command will exit with."""
        (self.path.parent / f"{command}.exit").write_text(str(code))

    def calls(self) -> list[dict[str, Any]]:
        """How it was called."""
        notes = self.path.parent / "calls.jsonl"
        return (
            [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        )


@pytest.fixture
def sam(tmp_path: Path) -> Sam:
    folder = tmp_path / "sam"
    folder.mkdir()
    path = folder / "sam"
    path.write_text(SAM.format(python=sys.executable, folder=str(folder)))
    path.chmod(0o755)
    fake = Sam(path)
    for command in ("build", "deploy"):
        fake.says(command, 0)
    (folder / "one.so").write_bytes(elf(X86_64))
    paths: dict[str, Any] = {
        f"/v1/{name}": {"get": {"security": [{"ApiKey": []}]} if name == "keys" else {}}
        for name in ("health", "keys")
    }
    api = {"Api": {"Properties": {"DefinitionBody": {"paths": paths}}}}
    (folder / "built.yaml").write_text(yaml.safe_dump({"Resources": api}))
    return fake


def run(sam: Sam, config: Path, **others: Any) -> str:  # noqa: ANN401
    """Deploy, without a terminal. Gives what was said."""
    out = StringIO()
    parameters = {"Architecture": "x86_64"}
    deploy(
        settings(config=config, **({"parameters": parameters} | others)),
        Progress(out),
        sam=sam.path,
    )
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())


@pytest.mark.usefixtures("credentials")
def test_a_deployment_builds_for_the_processor_deploys_and_looks(sam: Sam, config: Path) -> None:
    client = boto3.client("apigatewayv2", region_name=REGION)
    api_id = create_api(client, {"GET /v1/health": None, "GET /v1/keys": "ApiKey"})
    with serving() as url:
        outputs = {"ApiUrl": {"Value": url}, "ApiId": {"Value": api_id}}
        boto3.client("cloudformation", region_name=REGION).create_stack(
            StackName="ringpass", TemplateBody=json.dumps(ONE_TABLE | {"Outputs": outputs})
        )
        prices = {"Architecture": "x86_64", "Prices": '{"mcn": {"RU": "0.35 RUB"}}'}
        output = run(sam, config, parameters=prices, arguments=("--tags", "team=otp"))
    lines = output.splitlines()
    assert lines[0] == (
        "Stack ringpass (environment dev) in account 123456789012, region ap-southeast-1, "
        "as arn:aws:sts::123456789012:user/moto"
    )
    # moto does not say how many functions may run at once.
    assert "lambda:GetAccountSettings" in lines[1]
    assert lines[-2].startswith("ringpass is deployed (")
    build, deployment = sam.calls()
    options = ["--config-file", str(config), "--config-env", "dev"]
    assert build["arguments"][:6] == ["build", *options, "--parameter-overrides"]
    assert 'Architecture="x86_64"' in build["arguments"]
    assert r'Prices="{\"mcn\": {\"RU\": \"0.35 RUB\"}}"' in build["arguments"]
    asks_nothing = "--no-confirm-changeset"
    assert deployment["arguments"] == ["deploy", *options, "--tags", "team=otp", asks_nothing]
    assert [call["region"] for call in (build, deployment)] == [REGION, REGION]
    assert not any(call["terminal"] for call in (build, deployment))


@pytest.mark.usefixtures("credentials")
def test_nothing_is_deployed_that_was_built_for_another_processor(sam: Sam, config: Path) -> None:
    (sam.path.parent / "one.so").write_bytes(elf(AARCH64))
    with pytest.raises(DeploymentError, match=r"Architecture is x86_64, and .* was built for arm"):
        run(sam, config)
    assert [call["arguments"][0] for call in sam.calls()] == ["build"]


def test_what_aws_does_not_allow_is_told_in_a_sentence(
    sam: Sam, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    @set_initial_no_auth_action_count(0)
    def deploy_as_nobody() -> None:
        with pytest.raises(DeploymentError, match=r"AWS does not do .* \(AccessDenied"):
            run(sam, config)

    deploy_as_nobody()
    assert sam.calls() == []


@pytest.mark.usefixtures("credentials")
def test_nothing_is_built_with_json_that_cannot_be_read(sam: Sam, config: Path) -> None:
    with pytest.raises(DeploymentError, match="the parameter Prices is no such JSON"):
        run(sam, config, parameters={"Prices": "{"})
    assert sam.calls() == []


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(("command", "calls"), [("build", 1), ("deploy", 2)])
def test_when_sam_cli_fails_it_ends(sam: Sam, config: Path, command: str, calls: int) -> None:
    sam.says(command, 1)
    with pytest.raises(DeploymentError, match=f"`sam {command}` failed: it says why above"):
        run(sam, config)
    assert len(sam.calls()) == calls
