"""The command that places a call to a customer, as a pydantic model."""

import json
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ringpass.clients.zns_templates.requests import NumericId
from ringpass.http.fields import Command, Region
from ringpass.oa.consents.requests import ZaloPhone


def _either(user_id: str | None, info: ValidationInfo) -> str | None:
    # A phone that is at fault is refused itself, and is not there.
    if "phone" in info.data and (info.data["phone"] is None) == (user_id is None):
        raise PydanticCustomError("one_customer", "give phone or user_id, and not both")
    return user_id


class PlaceCall(Command):
    """``POST /v1/oa/{oa_id}/calls``: an agent's call to a customer who has allowed it."""

    region: Region | None = None
    phone: ZaloPhone | None = None
    user_id: Annotated[
        Annotated[str, Field(pattern=r"^[0-9]{1,32}$")] | None,
        AfterValidator(_either),
        Field(validate_default=True, description="Zalo's id of the customer, in place of `phone`"),
    ] = None
    agent_id: Annotated[NumericId, Field(description="one of the OA's agents")]
    call_type: Literal["audio", "video"]

    def canonical(self) -> bytes:
        """The same bytes for every way to write the same command; they hold the phone."""
        fields = self.model_dump(exclude={"region"})
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
