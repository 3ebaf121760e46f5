"""Requests about verifications, as pydantic models."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ringpass.clients.settings.model import StepChoice
from ringpass.clients.settings.workflow_requests import Workflow
from ringpass.config import LEAST_DIGITS, MOST_DIGITS
from ringpass.deliveries.requests import SendCommand
from ringpass.http.addresses import user_address
from ringpass.http.fields import Code, Command

# An IPv6 address with a zone behind it.
_LONGEST_ADDRESS: Final = 64


def _address(text: str) -> str:
    """The address that limits count an end user by."""
    try:
        return user_address(text)
    except ValueError:
        raise PydanticCustomError("ip_format", "ip is an IPv4 or IPv6 address") from None


class StartVerification(SendCommand):
    """``POST /v1/verifications``; what is left out comes from the client's settings."""

    workflow: Annotated[Workflow | None, Field(description="the steps, the first one first")] = None
    code: Annotated[
        Code | None, Field(description="your own code; without one Ringpass makes it")
    ] = None
    code_length: Annotated[int, Field(ge=LEAST_DIGITS, le=MOST_DIGITS)] | None = None
    expires_in: Annotated[int, Field(ge=60, le=86_400, description="seconds")] | None = None
    attempts: (
        Annotated[int, Field(ge=1, le=10, description="how many codes may be checked")] | None
    ) = None
    ip: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_ADDRESS,
            description="address of the end user; only counted by: IPv4, or the /64 of IPv6",
        ),
        AfterValidator(lambda text: None if text is None else _address(text)),
    ] = None

    def canonical(self) -> bytes:
        """As of every send, but without the code, which is compared with the sealed one."""
        return self._canonical_bytes(without={"region", "code"})

    def choices(self) -> tuple[StepChoice, ...] | None:
        """The steps as ``ClientSettings.resolve`` takes them."""
        return None if self.workflow is None else tuple(step.to_choice() for step in self.workflow)


class CheckCode(Command):
    """``POST /v1/verifications/{id}/check``: what the person entered."""

    code: Code
