"""Cognito's custom SMS sender: codes that the AWS Encryption SDK has encrypted under a KMS key."""

import gc
from base64 import b64decode, b64encode

import pytest
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from cryptography.exceptions import InvalidSignature

from ringpass.sign_in.cognito.decryption import KmsDecryption
from ringpass.sign_in.cognito.sender import CustomSmsSender
from ringpass.sign_in.starter import SignInStarter
from ringpass.verifications.model import Verification
from tests.moto_table import moto_client
from tests.sign_in.cognito_events import CODES, encrypted, event
from tests.world import World

PHONE = "+79777777777"
POOL = "us-east-1_ringpass1"
ATTRIBUTES = {"sub": "b2f1c6de-7a0b-4d4b-9a55-4f2f2f5b6a10", "phone_number": PHONE}
WITHOUT_A_CODE = {"account_take_over_notification", "admin_create_user"}
WITH_A_CODE = sorted({file.stem for file in CODES.glob("*.json")} - WITHOUT_A_CODE)


@pytest.fixture
def key_arn(world: World) -> str:
    arn: str = moto_client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def sender(starter: SignInStarter, key_arn: str) -> CustomSmsSender:
    return CustomSmsSender(starter, KmsDecryption.of_key(key_arn), "acme")


def started(world: World) -> list[Verification]:
    return list(world.verifications.of_client("acme", "2000", "3000"))


def test_there_is_an_event_of_every_documented_source() -> None:
    assert len(WITH_A_CODE) == 6
    for name in WITH_A_CODE:
        document = event(f"cognito_sender/{name}")
        source = "".join(word.title() for word in name.split("_"))
        assert document["triggerSource"] == f"CustomSMSSender_{source}"
        # Version 1 of the message format, type 128, AES-256-GCM with HKDF and ECDSA.
        assert b64decode(document["request"]["code"])[:4] == bytes.fromhex("01800378")


@pytest.mark.parametrize("name", WITH_A_CODE)
def test_a_code_is_sent_over_the_client_s_workflow(
    world: World, sender: CustomSmsSender, key_arn: str, name: str
) -> None:
    code = encrypted("4821", key_arn, POOL)
    sender.send(event(f"cognito_sender/{name}", code=code, userAttributes=ATTRIBUTES))
    [verification] = started(world)
    assert (verification.phone, verification.sign_in_server) == (PHONE, "cognito")
    assert world.wire.requests == []
    world.moves.advance(verification.id)
    [sent] = world.wire.requests
    assert "4821" in f"{sent.url} {sent.body!r}"


def test_an_event_that_comes_again_sends_nothing(
    world: World, sender: CustomSmsSender, key_arn: str
) -> None:
    """Also if Cognito has encrypted the code anew."""
    code = encrypted("4821", key_arn, POOL)
    for again in (code, code, encrypted("4821", key_arn, POOL)):
        sender.send(event("cognito_sender/sign_up", code=again, userAttributes=ATTRIBUTES))
        world.moves.advance(started(world)[0].id)
        world.clock.turn(minutes=1)
    assert len(started(world)) == len(world.wire.requests) == 1


def test_another_code_is_sent(world: World, sender: CustomSmsSender, key_arn: str) -> None:
    for code in ("4821", "4822"):
        text = encrypted(code, key_arn, POOL)
        sender.send(event("cognito_sender/sign_up", code=text, userAttributes=ATTRIBUTES))
    assert len(started(world)) == 2


def test_what_is_no_code_of_digits_is_only_logged(
    world: World, sender: CustomSmsSender, key_arn: str, caplog: pytest.LogCaptureFixture
) -> None:
    password = encrypted("Xy7#pq2!", key_arn, POOL)
    sender.send(event("cognito_sender/admin_create_user", code=password, userAttributes=ATTRIBUTES))
    sender.send(event("cognito_sender/account_take_over_notification"))
    code = encrypted("4821", key_arn, POOL)
    sender.send(event("cognito_sender/sign_up", code=code, userAttributes={"sub": "x"}))
    assert started(world) == []
    assert caplog.messages.count("no code sent") == 3
    assert "Xy7" not in str([vars(record) for record in caplog.records])


def test_a_number_that_cannot_be_reached_is_only_logged(
    world: World, sender: CustomSmsSender, key_arn: str
) -> None:
    code = encrypted("4821", key_arn, POOL)
    attributes = ATTRIBUTES | {"phone_number": "+12025550123"}
    sender.send(event("cognito_sender/sign_up", code=code, userAttributes=attributes))
    assert started(world) == []


# What is left of a message that cannot be decrypted says so when it is thrown away.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_another_key_has_encrypted_or_somebody_has_altered_is_an_error(
    world: World, sender: CustomSmsSender, key_arn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda repeats it, and its failures are on the dashboard."""
    other: str = moto_client("kms").create_key()["KeyMetadata"]["Arn"]
    altered = bytearray(b64decode(encrypted("4821", key_arn, POOL)))
    altered[-1] ^= 1
    codes = [encrypted("4821", other, POOL), b64encode(altered).decode(), "AAAA"]
    for code in codes:
        with pytest.raises((AWSEncryptionSDKClientError, InvalidSignature)):
            sender.send(event("cognito_sender/sign_up", code=code, userAttributes=ATTRIBUTES))
    caplog.clear()  # The SDK's lines hold on to the message.
    gc.collect()
    assert started(world) == []


def test_another_trigger_is_an_error(sender: CustomSmsSender) -> None:
    trigger = event("cognito_sender/sign_up") | {"triggerSource": "CustomEmailSender_SignUp"}
    with pytest.raises(ValueError, match="CustomEmailSender"):
        sender.send(trigger)
