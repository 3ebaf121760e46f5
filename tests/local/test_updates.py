"""What an update of a deployed stack must not change, because it would destroy something.

`GenerateSecretString` is the worst of it: whatever is changed in a block, be it a length,
CloudFormation makes a new random value and overwrites the one in use. A provider's key would be
gone; with another `LookupSecret` no record is found by its number, with other peppers no open code
can be checked. So each block stands here word for word. To change how a new secret begins, make
one of another name.
"""

from tests.local.test_template import of_type
from tests.template import template


def generated(template: str, key: str, length: int) -> dict[str, object]:
    """A block as it stands in the template."""
    return {
        "SecretStringTemplate": template,
        "GenerateStringKey": key,
        "PasswordLength": length,
        "ExcludePunctuation": True,
    }


GENERATED = {
    "BizflySecret": generated('{"api_key": ""}', "placeholder", 32),
    "McnSecret": generated('{"token": ""}', "placeholder", 32),
    "CaresoftSecret": generated('{"token": ""}', "placeholder", 32),
    "VoiceGatewaySecret": generated('{"token": ""}', "placeholder", 32),
    "VoiceGatewayWebhookSecret": generated("{}", "secret", 48),
    "McnWebhookSecret": generated("{}", "token", 48),
    "BizflyWebhookSecret": generated("{}", "token", 48),
    "CaresoftWebhookSecret": generated("{}", "secret", 48),
    "ZaloSecret": generated('{"app_secret": ""}', "oa_secret_key", 48),
    "ZaloTokenSecret": generated('{"access_token": "", "refresh_token": ""}', "placeholder", 64),
    "SignInSecret": generated("{}", "placeholder", 32),
    "CodePeppersSecret": generated("{}", "0", 64),
    "LookupSecret": generated("{}", "key", 64),
    "WebhookSigningSecret": generated("{}", "key", 64),
}

KEYS = [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]


def test_no_block_that_generates_a_secret_is_changed() -> None:
    secrets = of_type("AWS::SecretsManager::Secret")
    blocks = {name: one["Properties"]["GenerateSecretString"] for name, one in secrets.items()}
    assert blocks == GENERATED


def test_the_table_keeps_its_name_in_the_template_and_its_keys() -> None:
    """Another logical id, or another key, makes a new table that is empty."""
    (table,) = of_type("AWS::DynamoDB::Table").items()
    assert table[0] == "Table"
    assert table[1]["Properties"]["KeySchema"] == KEYS
    # A name of its own would forbid every change for which the table has to be made anew.
    assert "TableName" not in table[1]["Properties"]


def test_what_holds_data_outlives_the_stack() -> None:
    stores = [
        *of_type("AWS::DynamoDB::Table").values(),
        *of_type("AWS::SecretsManager::Secret").values(),
    ]
    assert len(stores) == 1 + len(GENERATED)
    for one in stores:
        assert one["DeletionPolicy"] in ("Retain", "RetainExceptOnCreate")
        assert one["UpdateReplacePolicy"] == "Retain"
    assert template()["Resources"]["Table"]["DeletionPolicy"] == "Retain"
