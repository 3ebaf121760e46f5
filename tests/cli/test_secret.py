"""``ringpass secret set`` for a provider that its owner has added."""

import json
from typing import Final

import boto3
import pytest
from moto import mock_aws

from local.new_provider.names import Name
from tests.cli.conftest import Cli

REGION: Final = "ap-southeast-1"


@pytest.mark.parametrize("name", ["acme", "acme_voice", "sip2go", "a1b_2go"])
def test_the_secret_of_an_added_provider_is_found_by_its_output(
    cli: Cli, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output's name is the one that `make new-provider` writes."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "test")
    with mock_aws():
        secrets = boto3.client("secretsmanager", region_name=REGION)
        arn = secrets.create_secret(Name=name, SecretString="{}")["ARN"]
        template = {
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
            "Outputs": {f"{Name(name).pascal}SecretArn": {"Value": arn}},
        }
        cloudformation = boto3.client("cloudformation", region_name=REGION)
        cloudformation.create_stack(StackName="ringpass", TemplateBody=json.dumps(template))
        arguments = ("--stack", "ringpass", "--aws-region", REGION, "--json")
        result = cli("secret", "set", name, *arguments, stdin="a-token-of-one\n")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["secret"] == arn
        kept = secrets.get_secret_value(SecretId=arn)["SecretString"]
    assert json.loads(kept) == {"token": "a-token-of-one"}
