"""Decrypts codes that Cognito has encrypted with the AWS Encryption SDK.

This module alone imports the SDK, which has a layer of its own.
"""

from dataclasses import dataclass, field
from typing import Final, Self

from aws_encryption_sdk import EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.identifiers import CommitmentPolicy

from ringpass.redaction import Secret

# Cognito's own example: its messages carry no key commitment.
_POLICY: Final = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT


@dataclass(frozen=True, slots=True)
class KmsDecryption:
    """Decrypts with one KMS key; what another key has encrypted is refused.

    Attributes:
        keys: Asks KMS for data keys.
        sdk: The SDK's client.
    """

    keys: StrictAwsKmsMasterKeyProvider
    sdk: EncryptionSDKClient = field(
        default_factory=lambda: EncryptionSDKClient(commitment_policy=_POLICY)
    )

    @classmethod
    def of_key(cls, key_arn: str) -> Self:
        """Returns the decryption with the KMS key of this ARN."""
        return cls(StrictAwsKmsMasterKeyProvider(key_ids=[key_arn]))

    def decrypt(self, ciphertext: bytes) -> Secret:
        """Return the code.

        Raises:
            Exception: The SDK's or botocore's: the message has been altered, or is another key's,
                or KMS cannot be reached.
        """
        plaintext, _ = self.sdk.decrypt(source=ciphertext, key_provider=self.keys)
        return Secret(plaintext.decode())
