"""Request bodies of scenarios, as pydantic models.

An error names its field. A rule about two fields is checked at the later one: ``closing_text``
without ``closing``, ``repeat_count`` without ``repeat``.

Bizfly's documentation has the fields, and of the limits only the fewest plays. Lengths, the longest
pause and the speeds are ours.
"""

import unicodedata
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ringpass.clients.scenarios.model import (
    DEFAULT_KEY_FIELD,
    LEAST_PLAYS,
    LEAST_SPEED,
    LONGEST_NAME,
    LONGEST_PAUSE_SECONDS,
    LONGEST_TEXT,
    MOST_PLAYS,
    MOST_SPEED,
    OTP_ID,
    Repeat,
    Script,
)
from ringpass.errors import invalid_field
from ringpass.http.fields import LARGEST_ID, Command

_DEFAULT_PAUSE_SECONDS: Final = 2
_SPEED_PLACES: Final = Decimal("0.01")
# One line of text that is not blank, without control characters.
_TEXT: Final = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"


def _compose(text: str) -> str:
    """Return the text in composed form: ``ế`` is one character or three, and looks the same."""
    return unicodedata.normalize("NFC", text)


def _check_name(text: str) -> str:
    if text != text.strip():
        raise PydanticCustomError("name_format", "a name neither begins nor ends with a blank")
    if OTP_ID.fullmatch(text):
        raise PydanticCustomError("name_format", "a name does not look like an OTP id")
    return _compose(text)


def _only_with(field: str, default: object = None) -> AfterValidator:
    """Return the check of a value that is required if ``field`` is true, and refused else."""

    def check(value: object, info: ValidationInfo) -> object:
        # A field that is not valid has an error of its own.
        condition = info.data.get(field)
        if condition is True and value is None:
            if default is not None:
                return default
            raise PydanticCustomError("missing", "Field required")
        if condition is False and value is not None:
            raise PydanticCustomError(f"only_with_{field}", f"only with {field}: true")
        return value

    return AfterValidator(check)


Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_NAME,
        pattern=_TEXT,
        description="one's own; not one that looks like an OTP id",
    ),
    AfterValidator(_check_name),
]
Text = Annotated[
    str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=_TEXT), AfterValidator(_compose)
]
ShortText = Annotated[
    str, Field(min_length=1, max_length=LONGEST_NAME, pattern=_TEXT), AfterValidator(_compose)
]
OtpId = Annotated[
    str, Field(pattern=r"^OTP-[0-9]{1,18}$", description="as Bizfly's console shows it")
]


class CreateScenario(Command):
    """``POST /v1/scenarios``: a scenario as Bizfly's console has it, inactive at first."""

    name: Name
    description: Text | None = None
    hotline: Annotated[
        str | None,
        Field(pattern=r"^\+?[0-9]{3,15}$", description="the number that calls"),
    ] = None
    hotline_group: Annotated[
        ShortText | None, Field(description="the group of numbers, one of which calls")
    ] = None
    greeting: Annotated[Text, Field(description="what is read first")]
    voice: Annotated[
        ShortText | None,
        Field(description="as the console names it; it does not read the digits"),
    ] = None
    speed: Annotated[
        float,
        Field(
            ge=float(LEAST_SPEED),
            le=float(MOST_SPEED),
            description="how fast all but the digits is read; 1 is usual",
        ),
    ] = 1.0
    repeat: Annotated[bool, Field(description="whether the code is said again")] = False
    repeat_count: Annotated[
        Annotated[int, Field(ge=LEAST_PLAYS, le=MOST_PLAYS)] | None,
        _only_with("repeat", LEAST_PLAYS),
        Field(
            validate_default=True,
            description=f"how often it is said, the first time counts; {LEAST_PLAYS} if left out",
        ),
    ] = None
    repeat_pause_seconds: Annotated[
        Annotated[int, Field(ge=0, le=LONGEST_PAUSE_SECONDS)] | None,
        _only_with("repeat", _DEFAULT_PAUSE_SECONDS),
        Field(
            validate_default=True,
            description=f"before it is said again; {_DEFAULT_PAUSE_SECONDS} if left out",
        ),
    ] = None
    repeat_announcement: Annotated[
        Text | None,
        _only_with("repeat"),
        Field(validate_default=True, description="what is read before the code is said again"),
    ] = None
    closing: Annotated[bool, Field(description="whether something is read last")] = False
    closing_text: Annotated[
        Text | None,
        _only_with("closing"),
        Field(validate_default=True, description="what is read last"),
    ] = None
    otp_id: OtpId | None = None
    api_key: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
            description="the field of the stack's Bizfly secret that holds the key; never the key",
        ),
    ] = DEFAULT_KEY_FIELD

    def to_script(self) -> Script:
        """Return the script.

        Raises:
            ValidationFailed: Not exactly one of ``hotline`` and ``hotline_group`` is set.
        """
        if (self.hotline is None) == (self.hotline_group is None):
            raise invalid_field(
                ["hotline"], "hotline_or_group", "give one of hotline and hotline_group"
            )
        return Script(
            name=self.name,
            description=self.description,
            hotline=self.hotline,
            hotline_group=self.hotline_group,
            greeting=self.greeting,
            voice=self.voice,
            speed=Decimal(self.speed).quantize(_SPEED_PLACES).normalize(),
            repeat=self._repeat(),
            closing=self.closing_text,
            otp_id=self.otp_id,
            key_field=self.api_key,
        )

    def _repeat(self) -> Repeat | None:
        count, pause, text = self.repeat_count, self.repeat_pause_seconds, self.repeat_announcement
        if count is None or pause is None or text is None:
            return None
        return Repeat(count, pause, text)


class ReplaceScenario(CreateScenario):
    """``PUT /v1/scenarios/{id}``: the whole of an inactive scenario."""

    version: Annotated[
        int | None,
        Field(
            ge=1,
            lt=LARGEST_ID,
            description="the version that this is a change of; left out: of any",
        ),
    ] = None


class CopyScenario(Command):
    """``POST /v1/scenarios/{id}/copy``: a new, inactive scenario with the same script."""

    name: Annotated[Name | None, Field(description="left out: the old one with a number")] = None
    otp_id: Annotated[
        OtpId | None,
        Field(description="left out: none, as Bizfly's console gives a new script a new one"),
    ] = None
