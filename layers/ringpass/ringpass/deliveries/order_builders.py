"""Order builders: make an order from a command, one builder for each channel.

They look up the names in the command and refuse a command that does not fit. Single sends and the
steps of verifications use the same ones.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ringpass.clients.settings.model import ClientSettings
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.providers.orders import CallOrder, MessageOrder, Order, VoiceOrder
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from ringpass.clients.scenarios.cache import ScenarioCache
    from ringpass.clients.zns_templates.cache import TemplateCache
    from ringpass.clients.zns_templates.model import Template


class OrderBuilder[C: SendCommand, O: Order](Protocol):
    """Makes orders from the commands of one channel."""

    def order(
        self, command: C, client: str, settings: ClientSettings, code: Secret | None = None
    ) -> O:
        """Returns the order for the provider.

        Args:
            command: The command.
            client: Whose names are looked up.
            settings: The client's settings.
            code: A verification's code, where the command has no place for it.

        Raises:
            ValidationFailed: Names the field. Nothing was sent or written.
            Unavailable: The table cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class VoiceOrderBuilder:
    """Makes orders for voice OTPs.

    Attributes:
        scenarios: Chooses the scenario.
    """

    scenarios: "ScenarioCache"

    def order(
        self,
        command: VoiceOtp,
        client: str,
        settings: ClientSettings,
        _code: Secret | None = None,
    ) -> VoiceOrder:
        """Returns a call with the scenario that the command, the client or the stack names."""
        scenario = self.scenarios.choose(client, command.scenario, settings.scenario)
        return VoiceOrder(
            phone=command.phone,
            otp=Secret(command.otp.get_secret_value()),
            otp_id=scenario.otp_id,
            key_field=scenario.key_field,
            ring_timeout=command.ring_timeout,
        )


@dataclass(frozen=True, slots=True)
class CallOrderBuilder:
    """Makes orders for Password Calls: there is nothing to look up."""

    def order(
        self,
        command: PasswordCall,
        _client: str,
        _settings: ClientSettings,
        _code: Secret | None = None,
    ) -> CallOrder:
        """Returns the call."""
        code = Secret(command.code.get_secret_value()) if command.code else None
        return CallOrder(command.phone, code, command.detect_redirect)


@dataclass(frozen=True, slots=True)
class MessageOrderBuilder:
    """Makes orders for Zalo messages: a template is a registered name, or CareSoft's own id.

    Attributes:
        templates: Looks templates up.
        oa_id: The OA that sends at Zalo; empty: not known.
    """

    templates: "TemplateCache"
    oa_id: str = ""

    def order(
        self,
        command: Zns,
        client: str,
        _settings: ClientSettings,
        code: Secret | None = None,
    ) -> MessageOrder:
        """Returns the message, its parameters checked if the template is registered."""
        if isinstance(command.template, int):
            return MessageOrder(
                phone=command.phone,
                scenario_id=command.template,
                params=command.params,
                ticket_id=command.ticket_id,
            )

        def build(template: "Template") -> MessageOrder:
            params = template.fill(command.params, command.metadata, code)
            template.check_ticket(command.ticket_id)
            return MessageOrder(
                phone=command.phone,
                scenario_id=template.caresoft_id,
                # Zalo refuses another OA's template: it belongs to one.
                zns_id=template.zns_id if template.belongs_to(self.oa_id) else None,
                # CareSoft takes its own mapping only where there are no parameters at all.
                params=params or None,
                ticket_id=command.ticket_id,
            )

        return self.templates.fill(client, command.template, build)
