"""From a command to an order: the names in it are looked up, and what does not fit is refused.

One for each channel. A single send and a step of a verification are prepared in the same way.
"""

from dataclasses import dataclass
from typing import Protocol

from ringpass.client_settings import ClientSettings
from ringpass.commands import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.credentials import Secret
from ringpass.errors import invalid_field
from ringpass.orders import CallOrder, MessageOrder, Order, VoiceOrder


class Preparation[C: SendCommand, O: Order](Protocol):
    """Makes orders of one channel's commands."""

    def order(
        self, command: C, client: str, settings: ClientSettings, code: Secret | None = None
    ) -> O:
        """What the provider is to be asked for.

        Args:
            command: The command.
            client: Whose names are looked up.
            settings: The client's settings.
            code: A verification's code, where the command has no place for it.

        Raises:
            ValidationFailed: Names the field. Nothing was asked or written.
            Unavailable: The table cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class VoiceOtps:
    """Voice OTPs.

    Attributes:
        default_otp_id: OTP id of the stack's own scenario; may be empty.
    """

    default_otp_id: str

    def order(
        self,
        command: VoiceOtp,
        _client: str,
        settings: ClientSettings,
        _code: Secret | None = None,
    ) -> VoiceOrder:
        """The call from the scenario that the command, the client or the stack names."""
        otp_id = command.scenario or settings.scenario or self.default_otp_id
        if not otp_id:
            raise invalid_field(
                ["scenario"], "scenario_required", "name a scenario: this stack has no default"
            )
        return VoiceOrder(
            phone=command.phone,
            otp=Secret(command.otp.get_secret_value()),
            otp_id=otp_id,
            ring_timeout=command.ring_timeout,
        )


@dataclass(frozen=True, slots=True)
class PasswordCalls:
    """Password Calls: there is nothing to look up."""

    def order(
        self,
        command: PasswordCall,
        _client: str,
        _settings: ClientSettings,
        _code: Secret | None = None,
    ) -> CallOrder:
        """The call."""
        code = Secret(command.code.get_secret_value()) if command.code else None
        return CallOrder(command.phone, code, command.detect_redirect)


@dataclass(frozen=True, slots=True)
class Messages:
    """Zalo messages: a template is CareSoft's scenario id."""

    def order(
        self,
        command: Zns,
        _client: str,
        _settings: ClientSettings,
        _code: Secret | None = None,
    ) -> MessageOrder:
        """The message."""
        if isinstance(command.template, str):
            raise invalid_field(
                ["template"], "template_unknown", "no template of this name is registered"
            )
        return MessageOrder(
            phone=command.phone,
            caresoft_template=command.template,
            params=command.params,
            ticket_id=command.ticket_id,
        )
