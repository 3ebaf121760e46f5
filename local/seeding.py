"""What a fresh local stack needs to be used: secrets, API keys, its client's settings."""

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local.deploy import Deployed, client
from local.environment import reach_the_layer
from local.failures import LocalStackError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from ringpass.aws.dynamodb import Table

CLIENT = "local"
EVENTS_TOKEN = "local-webhook-token"  # noqa: S105 - of this stack alone
"""The token in the files of events/receive_cdr and receive_bizfly, and the secret that those of
events/receive_caresoft, receive_hook and receive_zalo are signed with; valid beside the stack's
own."""
SEND_AND_READ = "send,read"
EVERYTHING = "send,read,phones:read,admin"

SANDBOX_SECRETS = {
    "BizflySecretArn": {"api_key": "sandbox-bizfly-key"},
    "VoiceGatewaySecretArn": {"token": "sandbox-voice-gateway-token"},
    "McnSecretArn": {"token": "sandbox-mcn-token"},
    "CaresoftSecretArn": {"token": "sandbox-caresoft-token"},
    "ZaloSecretArn": {
        "app_secret": "sandbox-zalo-app-secret",
        "oa_secret_keys": ["sandbox-zalo-oa-secret-key", EVENTS_TOKEN],
    },
}
"""Output of the stack -> what the sandbox takes for real."""

CEILINGS = {"*": {"bizfly_key_fields": ["*"]}, CLIENT: {"bizfly_key_fields": ["*", "api_key"]}}
"""On this stack nothing is anybody's alone: scenarios may name any account at Bizfly. The client
`local` sees the end of the sandbox's key."""

SETTINGS = {
    "zns": {"template": 366, "code_param": "otp"},
    "countries": {"password_call": ["RU", "VN"]},
    "providers": {"voice_otp": ["bizfly"]},
    "limits": {
        "phone": {"cap": 1_000, "seconds": 600},
        "phone_all_clients": {"cap": 1_000, "seconds": 600},
        "prefix": {"cap": 10_000, "seconds": 3_600},
        "pauses": None,
        "daily_sends": 1_000_000,
        "daily_money": {"RUB": "1000000"},
        "fraud_budget": {"country_least": 1_000_000, "ip_least": 1_000_000},
    },
}
"""Of the client `local` (`PUT /v1/settings`): a bare `{"phone": ...}` is enough for a verification,
a Password Call may go to Vietnam, too, the voice gateway is not asked after Bizfly, and nobody who
tries things out meets a limit."""


def put_secrets(deployed: Deployed, token: str = "") -> str:
    """Set the secrets to what the sandbox accepts. Gives the one that all webhooks share.

    That is `token`, if the stack has one already.
    """
    manager: SecretsManagerClient = client("secretsmanager", deployed.endpoint_url)
    for output, value in SANDBOX_SECRETS.items():
        arn = deployed.outputs[output]
        manager.put_secret_value(SecretId=arn, SecretString=json.dumps(value))
    text = base64.b64encode(EVENTS_TOKEN.encode()).decode()
    hooks = {
        "supabase": {CLIENT: f"v1,whsec_{text}"},
        "logto": {CLIENT: f"Bearer {EVENTS_TOKEN}"},
        "zitadel": {CLIENT: EVENTS_TOKEN},
    }
    manager.put_secret_value(
        SecretId=deployed.outputs["SignInSecretArn"], SecretString=json.dumps(hooks)
    )
    put_zalo_tokens(deployed)
    token = token or secrets.token_hex(24)
    for output in ("McnWebhookSecretArn", "BizflyWebhookSecretArn"):
        manager.put_secret_value(
            SecretId=deployed.outputs[output],
            SecretString=json.dumps({"tokens": [token, EVENTS_TOKEN]}),
        )
    manager.put_secret_value(
        SecretId=deployed.outputs["CaresoftWebhookSecretArn"],
        SecretString=json.dumps({"secrets": [token, EVENTS_TOKEN]}),
    )
    # The token's 48 digits are base64, too, which Standard Webhooks wants of a secret.
    manager.put_secret_value(
        SecretId=deployed.outputs["VoiceGatewayWebhookSecretArn"],
        SecretString=json.dumps({"secrets": [token, text]}),
    )
    return token


def put_zalo_tokens(deployed: Deployed) -> None:
    """Set the pair of tokens that a sandbox knows when it starts.

    Those in use before are a rotation's, and the sandbox that made them has ended.
    """
    now = datetime.now(UTC)
    pair = {
        "access_token": "sandbox-zalo-access-token",
        "refresh_token": "sandbox-zalo-refresh-token",
        "access_expires_at": (now + timedelta(hours=25)).isoformat(timespec="milliseconds"),
        "refresh_expires_at": (now + timedelta(days=90)).isoformat(timespec="milliseconds"),
    }
    manager: SecretsManagerClient = client("secretsmanager", deployed.endpoint_url)
    manager.put_secret_value(
        SecretId=deployed.outputs["ZaloTokenSecretArn"], SecretString=json.dumps(pair)
    )


def set_ceilings(deployed: Deployed) -> None:
    """Say what clients may do, as the layer's tool for operators does, without its process."""
    reach_the_layer()
    from ringpass.clients.ceilings.store import CeilingRepository  # noqa: PLC0415
    from ringpass.clock import to_text, utc_now  # noqa: PLC0415

    ceilings = CeilingRepository(_table(deployed))
    for name, document in CEILINGS.items():
        ceilings.put(name, document, to_text(utc_now()))


def create_key(deployed: Deployed, scopes: str) -> str:
    """Make an API key, as the layer's tool for operators does, without its process."""
    reach_the_layer()
    from ringpass.clients.api_keys.service import ApiKeyService  # noqa: PLC0415
    from ringpass.clients.api_keys.store import ApiKeyRepository  # noqa: PLC0415
    from ringpass.clock import utc_now  # noqa: PLC0415
    from ringpass.http.actor import Actor  # noqa: PLC0415

    service = ApiKeyService("", ApiKeyRepository(_table(deployed)), utc_now)
    with _without_log():
        key = service.create(Actor(CLIENT, ""), scopes.split(",")).key
    if key is None:
        raise LocalStackError("no API key could be made: it is there already")
    return key


def _table(deployed: Deployed) -> "Table":
    from ringpass.aws.dynamodb import Table  # noqa: PLC0415

    dynamodb: DynamoDBClient = client("dynamodb", deployed.endpoint_url)
    return Table(dynamodb, deployed.outputs["TableName"])


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep the layer's log lines out of what a command prints."""
    from ringpass.observability import logger  # noqa: PLC0415

    level = logger().log_level
    logger().setLevel("WARNING")
    try:
        yield
    finally:
        logger().setLevel(level)
