"""Order builders: make an order from a command or from a step, one builder for each channel.

    for_command   a single send: the order of a request's command
    for_step      a step of a verification: the order that carries its code

Both look up the names in what they get, and refuse what does not fit. Steps need no pydantic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.errors import ValidationFailed, invalid_field
from ringpass.phone import Phone
from ringpass.providers.orders import CallOrder, MessageOrder, Order, VoiceOrder
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from ringpass.clients.scenarios.cache import ScenarioCache
    from ringpass.clients.zns_templates.cache import TemplateCache
    from ringpass.clients.zns_templates.model import Template
    from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns


@dataclass(frozen=True, slots=True)
class CodeSend:
    """A verification's code for a phone: what the orders of all its steps have in common.

    Attributes:
        client: Whose names are looked up.
        phone: The phone to verify.
        code: The code; zeros of the same length where only the form of an order is checked.
        metadata: The verification's.
    """

    client: str
    phone: Phone
    code: Secret
    metadata: Mapping[str, str] = field(repr=False)


class OrderBuilder[C: SendCommand, O: Order](Protocol):
    """Makes the orders of one channel."""

    def for_command(self, command: C, client: str, settings: ClientSettings) -> O:
        """Returns the order of a command.

        Args:
            command: The command.
            client: Whose names are looked up.
            settings: The client's settings.

        Raises:
            ValidationFailed: Names the field. Nothing was sent or written.
            Unavailable: The table cannot be reached.
        """

    def for_step(self, step: Step, send: CodeSend, settings: ClientSettings) -> O:
        """Returns the order of a verification's step.

        Args:
            step: The step, on this channel.
            send: What all steps share.
            settings: The client's settings.

        Raises:
            ValidationFailed: Names the field, as of a command. Nothing was sent or written.
            Unavailable: The table cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class VoiceOrderBuilder:
    """Makes orders for voice OTPs, with the scenario that is named, the client's or the stack's.

    A scenario that is named must be usable. Without a usable default there is an order all the
    same: not every provider has scenarios.

    Attributes:
        scenarios: Chooses the scenario.
    """

    scenarios: "ScenarioCache"

    def for_command(self, command: "VoiceOtp", client: str, settings: ClientSettings) -> VoiceOrder:
        """Returns the call of a command."""
        order = self._order(command.phone, command.otp, client, command.scenario, settings)
        return replace(order, ring_timeout=command.ring_timeout)

    def for_step(self, step: Step, send: CodeSend, settings: ClientSettings) -> VoiceOrder:
        """Returns the call of a step."""
        return self._order(send.phone, send.code, send.client, step.scenario, settings)

    def _order(
        self, phone: Phone, code: Secret, client: str, name: str | None, settings: ClientSettings
    ) -> VoiceOrder:
        try:
            scenario = self.scenarios.choose(client, name, settings.scenario)
        except ValidationFailed as refusal:
            if name is not None:
                raise
            return VoiceOrder(phone, code, None, no_scenario=refusal)
        return VoiceOrder(
            phone, code, scenario.otp_id, scenario.key_field, needs_scenario=name is not None
        )


@dataclass(frozen=True, slots=True)
class CallOrderBuilder:
    """Makes orders for Password Calls: there is nothing to look up."""

    def for_command(
        self, command: "PasswordCall", _client: str, _settings: ClientSettings
    ) -> CallOrder:
        """Returns the call of a command."""
        return CallOrder(command.phone, command.code, command.detect_redirect)

    def for_step(self, _step: Step, send: CodeSend, _settings: ClientSettings) -> CallOrder:
        """Returns the call of a step."""
        return CallOrder(send.phone, send.code)


@dataclass(frozen=True, slots=True)
class MessageOrderBuilder:
    """Makes orders for Zalo messages: a template is a registered name, or CareSoft's own id.

    The parameters are checked if the template is registered.

    Attributes:
        templates: Looks templates up.
        oa_id: The OA that sends at Zalo; empty: not known.
    """

    templates: "TemplateCache"
    oa_id: str = ""

    def for_command(self, command: "Zns", client: str, _settings: ClientSettings) -> MessageOrder:
        """Returns the message of a command."""
        phone, ticket_id = command.phone, command.ticket_id
        if isinstance(command.template, int):
            return MessageOrder(
                phone, scenario_id=command.template, params=command.params, ticket_id=ticket_id
            )

        def build(template: "Template") -> MessageOrder:
            params = template.fill(command.params, command.metadata)
            return self._registered(template, phone, params, ticket_id)

        return self.templates.fill(client, command.template, build)

    def for_step(self, step: Step, send: CodeSend, _settings: ClientSettings) -> MessageOrder:
        """Returns the message of a step."""
        if step.template is None:
            raise invalid_field(["template"], "no_template", "no template is set")
        if isinstance(step.template, int):
            params = dict(step.params)
            if step.code_param is not None:
                params[step.code_param] = send.code.reveal()
            return MessageOrder(send.phone, scenario_id=step.template, params=params)

        def build(template: "Template") -> MessageOrder:
            params = template.fill(step.params, send.metadata, send.code)
            return self._registered(template, send.phone, params)

        return self.templates.fill(send.client, step.template, build)

    def _registered(
        self,
        template: "Template",
        phone: Phone,
        params: Mapping[str, str],
        ticket_id: int | None = None,
    ) -> MessageOrder:
        """Returns the message of a registered template with these values of its parameters."""
        template.check_ticket(ticket_id)
        return MessageOrder(
            phone,
            scenario_id=template.caresoft_id,
            # Zalo refuses another OA's template: it belongs to one.
            zns_id=template.zns_id if template.belongs_to(self.oa_id) else None,
            # CareSoft takes its own mapping only where there are no parameters at all.
            params=params or None,
            ticket_id=ticket_id,
        )
