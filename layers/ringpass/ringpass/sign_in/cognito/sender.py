"""Custom SMS sender of a Cognito user pool: sends the codes that Cognito has made.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-sms-sender.html
and ``user-pool-lambda-custom-sender-triggers``. Cognito encrypts a code with the AWS Encryption SDK
under the pool's KMS key, and reads no response.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ringpass.errors import ValidationFailed
from ringpass.observability import logger
from ringpass.redaction import Secret
from ringpass.sign_in.starter import SignInStarter


class Decryption(Protocol):
    """Decrypts what Cognito has encrypted."""

    def decrypt(self, ciphertext: bytes) -> Secret:
        """Return the code."""


@dataclass(frozen=True, slots=True)
class CustomSmsSender:
    """Sends Cognito's codes.

    Attributes:
        starter: Starts the verifications.
        decryption: Decrypts codes.
        client: The client whose workflow it is.
    """

    starter: SignInStarter
    decryption: Decryption
    client: str

    def send(self, event: Mapping[str, Any]) -> None:
        """Send the code of an event, once: Lambda may deliver an event again.

        What can never be sent is only logged: a repetition would be refused as well.

        Raises:
            Unavailable: The table, a secret or the KMS key cannot be reached.
        """
        request, source = event["request"], event["triggerSource"]
        if not source.startswith("CustomSMSSender_"):
            raise ValueError(f"no trigger of a custom SMS sender: {source}")
        phone = (request.get("userAttributes") or {}).get("phone_number")
        if not request.get("code") or not phone:
            logger().warning("no code sent", source=source, has_phone=bool(phone))
            return
        code = self.decryption.decrypt(b64decode(request["code"]))
        try:
            verification = self.starter.send_code("cognito", self.client, phone, code.reveal())
        except ValidationFailed as refusal:
            # AdminCreateUser sends a temporary password, which no call can read out.
            logger().error("no code sent", source=source, code=refusal.code, errors=refusal.errors)
            return
        logger().info("code taken", server="cognito", verification=verification.id, source=source)
