"""A workflow in request bodies (settings, start of a verification), as pydantic models."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ringpass.clients.settings.model import (
    LEAST_TIMEOUT_SECONDS,
    MOST_STEPS,
    MOST_TIMEOUT_SECONDS,
    StepChoice,
)
from ringpass.http.fields import Command, ParamName, Params, Scenario, TemplateRef
from ringpass.providers.facts import ChannelName

# An error names these values; of an enum's members pydantic would name the representations.
Channel = Literal["zns", "voice_otp", "password_call"]
Timeout = Annotated[
    int,
    Field(ge=LEAST_TIMEOUT_SECONDS, le=MOST_TIMEOUT_SECONDS, description="seconds"),
]


def _only_on(channel: ChannelName) -> AfterValidator:
    """Return the check of a field that only steps of one channel have."""

    def check(value: object, info: ValidationInfo) -> object:
        # A wrong channel has an error of its own.
        if value is not None and info.data.get("channel", channel) != channel:
            raise PydanticCustomError("other_channel", f"only a step of {channel} has it")
        return value

    return AfterValidator(check)


def check_code_param(code_param: str | None, info: ValidationInfo) -> str | None:
    """Refuse ``code_param`` together with a registered template."""
    if code_param is not None and isinstance(info.data.get("template"), str):
        raise PydanticCustomError(
            "registered_template", "a registered template says itself which parameter it is"
        )
    return code_param


class GivenStep(Command):
    """A step; what it leaves out comes from the client's settings."""

    channel: Channel
    timeout_seconds: Timeout | None = None
    template: Annotated[TemplateRef | None, _only_on(ChannelName.ZNS)] = None
    code_param: Annotated[
        ParamName | None,
        _only_on(ChannelName.ZNS),
        AfterValidator(check_code_param),
        Field(description="which parameter takes the code, of a template that is not registered"),
    ] = None
    params: Annotated[
        Params | None,
        _only_on(ChannelName.ZNS),
        Field(repr=False, description="the template's other parameters"),
    ] = None
    scenario: Annotated[Scenario | None, _only_on(ChannelName.VOICE_OTP)] = None

    def to_choice(self) -> StepChoice:
        """Return the step in the form of ``ClientSettings.resolve``."""
        return StepChoice(**self.model_dump() | {"channel": ChannelName(self.channel)})


Workflow = Annotated[list[GivenStep], Field(min_length=1, max_length=MOST_STEPS)]
