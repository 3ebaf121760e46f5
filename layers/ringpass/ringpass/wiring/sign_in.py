"""Creates what sign-in servers use."""

from functools import cache

from ringpass.clock import utc_now
from ringpass.errors import NotConfigured
from ringpass.sign_in.cognito.challenge import ChallengeTriggers
from ringpass.sign_in.cognito.sender import CustomSmsSender
from ringpass.sign_in.hooks.receiver import HookReceiver
from ringpass.sign_in.starter import SignInStarter
from ringpass.wiring import code_checker, stack, verification_steps, verifications


@cache
def starter() -> SignInStarter:
    """Returns the starter of sign-ins' verifications."""
    return SignInStarter(verification_steps.starter(), verifications.codes(), utc_now)


@cache
def hook_receiver() -> HookReceiver:
    """Returns the receiver of sign-in servers' hooks."""
    return HookReceiver(stack.secrets(), starter(), utc_now)


@cache
def challenge_triggers() -> ChallengeTriggers:
    """Returns Cognito's triggers of custom authentication."""
    return ChallengeTriggers(starter(), code_checker.checker(), _cognito_client())


@cache
def custom_sms_sender() -> CustomSmsSender:
    """Returns Cognito's custom SMS sender."""
    # Only this function has the layer with the SDK.
    from ringpass.sign_in.cognito.decryption import KmsDecryption  # noqa: PLC0415

    client, key_arn = _cognito_client(), stack.settings().cognito_key_arn
    if not key_arn:
        raise NotConfigured("The stack's parameter CognitoKeyArn is empty.", providers=["cognito"])
    return CustomSmsSender(starter(), KmsDecryption.of_key(key_arn), client)


def _cognito_client() -> str:
    client = stack.settings().cognito_client
    if not client:
        raise NotConfigured("The stack's parameter CognitoClient is empty.", providers=["cognito"])
    return client
