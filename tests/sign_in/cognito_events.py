"""Cognito's events, as the files of events/ have them."""

import json
from base64 import b64encode
from typing import Any

import botocore.session
from aws_encryption_sdk import EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.identifiers import CommitmentPolicy

from tests.template import ROOT

CHALLENGES = ROOT / "events" / "cognito_challenge"
CODES = ROOT / "events" / "cognito_sender"


def event(name: str, **request: object) -> dict[str, Any]:
    """An event of a file, with other fields of its request."""
    document: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    document["request"] |= request
    return document


def encrypted(code: str, key_arn: str, pool: str, session: object = None) -> str:
    """A code as Cognito encrypts it: a message without key commitment, of one KMS key."""
    sdk = EncryptionSDKClient(commitment_policy=CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
    keys = StrictAwsKmsMasterKeyProvider(
        key_ids=[key_arn], botocore_session=session or botocore.session.Session()
    )
    message, _ = sdk.encrypt(
        source=code, key_provider=keys, encryption_context={"userpool-id": pool}
    )
    return b64encode(message).decode()
