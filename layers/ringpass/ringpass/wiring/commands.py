"""Creates the runner of commands from the queue."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.aws import session
from ringpass.clock import utc_now
from ringpass.commands.dead_letter import DeadLetterQueue
from ringpass.commands.message import CommandName
from ringpass.commands.runner import CommandRunner, UseCase
from ringpass.deliveries.requests import PasswordCall, VoiceOtp, Zns
from ringpass.verifications.requests import StartVerification
from ringpass.wiring import sending, stack

if TYPE_CHECKING:
    from ringpass.redaction import Secret


@cache
def runner() -> CommandRunner:
    """Returns the runner: commands run as over HTTP, and share their idempotency keys."""
    settings, sqs = stack.settings(), session.client("sqs")
    return CommandRunner(
        use_cases={
            CommandName.START_VERIFICATION: UseCase(StartVerification, _start_verification),
            CommandName.SEND_VOICE_OTP: UseCase(VoiceOtp, _send_voice_otp),
            CommandName.SEND_PASSWORD_CALL: UseCase(PasswordCall, _send_password_call),
            CommandName.SEND_ZNS: UseCase(Zns, _send_zns),
        },
        dead_letters=DeadLetterQueue(sqs, settings.command_dead_letter_queue_url, _sealing_key),
        sqs=sqs,
        queue_url=settings.command_queue_url,
        clock=utc_now,
    )


def _sealing_key() -> "Secret":
    return stack.secrets().value("lookup", "key")


# Imported by the first command that needs them: a cold start pays for the channel that it uses.


def _start_verification(command: StartVerification, client: str, key: str) -> str:
    from ringpass.wiring import verification_steps  # noqa: PLC0415

    return verification_steps.starter().start(command, client, key).verification.id


def _send_voice_otp(command: VoiceOtp, client: str, key: str) -> str:
    from ringpass.wiring import voice_otp  # noqa: PLC0415

    service = sending.service("POST /v1/voice-otp", voice_otp.channel())
    return service.send(command, client, key).delivery.id


def _send_password_call(command: PasswordCall, client: str, key: str) -> str:
    from ringpass.wiring import password_call  # noqa: PLC0415

    service = sending.service("POST /v1/password-calls", password_call.channel())
    return service.send(command, client, key).delivery.id


def _send_zns(command: Zns, client: str, key: str) -> str:
    from ringpass.wiring import zns  # noqa: PLC0415

    service = sending.service("POST /v1/zns", zns.channel())
    return service.send(command, client, key).delivery.id
