"""A workflow as a caller writes it, in settings and to start a verification, as pydantic models."""

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

Channel = Literal["zns", "voice_otp", "password_call"]
Timeout = Annotated[
    int,
    Field(ge=LEAST_TIMEOUT_SECONDS, le=MOST_TIMEOUT_SECONDS, description="seconds"),
]


def _only_on(channel: str) -> AfterValidator:
    """A field of one channel's steps alone."""

    def check(value: object, info: ValidationInfo) -> object:
        # A channel that is at fault is refused itself.
        if value is not None and info.data.get("channel", channel) != channel:
            raise PydanticCustomError("other_channel", f"only a step of {channel} has it")
        return value

    return AfterValidator(check)


def code_param_of_an_id(code_param: str | None, info: ValidationInfo) -> str | None:
    """Refuse a code's parameter beside the name of a registered template."""
    if code_param is not None and isinstance(info.data.get("template"), str):
        raise PydanticCustomError(
            "registered_template", "a registered template says itself which parameter it is"
        )
    return code_param


class GivenStep(Command):
    """A step; what it leaves out comes from the client's settings."""

    channel: Channel
    timeout_seconds: Timeout | None = None
    template: Annotated[TemplateRef | None, _only_on("zns")] = None
    code_param: Annotated[
        ParamName | None,
        _only_on("zns"),
        AfterValidator(code_param_of_an_id),
        Field(description="which parameter takes the code, of a template that is not registered"),
    ] = None
    params: Annotated[
        Params | None,
        _only_on("zns"),
        Field(repr=False, description="the template's other parameters"),
    ] = None
    scenario: Annotated[Scenario | None, _only_on("voice_otp")] = None

    def choice(self) -> StepChoice:
        """The step as ``ClientSettings.resolve`` takes it."""
        return StepChoice(**self.model_dump())


Workflow = Annotated[list[GivenStep], Field(min_length=1, max_length=MOST_STEPS)]
