"""Field types and base class of commands: pydantic models of bodies and direct invocations.

No field prints a phone, a code or a parameter: numbers are ``Phone``, codes ``Secret``.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ringpass.config import LEAST_DIGITS, MOST_DIGITS
from ringpass.errors import InvalidJson, ValidationFailed
from ringpass.phone import Phone, PhoneError, is_country, parse_callee
from ringpass.redaction import Secret, mask_digits

_METADATA_KEYS: Final = 16
_MAX_PARAMS: Final = 50
LARGEST_ID: Final = 2**53  # beyond it JSON readers lose digits
_MAX_NAME_LENGTH: Final = 64
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
# No valid command is nested this deep, and no error names more fields.
_MAX_DEPTH: Final = 24
_MAX_ERRORS: Final = 20
_ID: Final = re.compile(r"[1-9][0-9]{0,14}")


def _phone(value: object, info: ValidationInfo) -> Phone:
    if isinstance(value, Phone):
        # A verification's phone was parsed when the verification started.
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    try:
        return parse_callee(value, info.data.get("region"))
    except PhoneError as error:
        raise PydanticCustomError(error.type, error.message) from None


PhoneField = Annotated[
    Phone,
    PlainValidator(_phone),
    PlainSerializer(lambda phone: phone.e164),
    WithJsonSchema(
        {
            "type": "string",
            "description": "E.164, or a national number with `region`; blanks, dots, dashes and "
            "brackets in it are taken out",
            "examples": ["+84389801371"],
        }
    ),
]


def _region(text: str) -> str:
    if not is_country(text):
        raise PydanticCustomError("region_unknown", "region is an ISO 3166 code such as VN or RU")
    return text


@dataclass(frozen=True, slots=True)
class Digits:
    """Annotation of a code: a text of ASCII digits, read as a ``Secret``.

    A number would lose its leading zeros.

    Attributes:
        least: The least number of digits.
        most: The greatest.
    """

    least: int
    most: int

    @property
    def _length(self) -> str:
        return f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"

    def _read(self, text: str) -> Secret:
        if not (self.least <= len(text) <= self.most and text.isascii() and text.isdigit()):
            raise PydanticCustomError(
                "code_format", f"a code is {self._length} digits, as a string"
            )
        return Secret(text)

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        read = core_schema.no_info_plain_validator_function(self._read)
        return core_schema.chain_schema([core_schema.str_schema(), read])

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        repetition = ",".join(dict.fromkeys((str(self.least), str(self.most))))
        return {
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "description": f"{self._length} digits",
            "pattern": f"^[0-9]{{{repetition}}}$",
        }


def _consent_reference(text: str) -> str:
    """Refuse characters that nobody sees: two references that look alike could then differ."""
    if not text.isprintable() or text != text.strip():
        raise PydanticCustomError(
            "consent_reference_format",
            "printable characters, not beginning or ending with a blank",
        )
    return text


def read_template(value: object) -> int | str:
    """Read a template: CareSoft's scenario id, also as text, or a name.

    Raises:
        PydanticCustomError: The value is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_ID:
        return value
    if isinstance(value, str) and 0 < len(value) <= _MAX_NAME_LENGTH:
        # An id as text is the same id, also for an idempotency key's fingerprint.
        return int(value) if _ID.fullmatch(value) else value
    raise PydanticCustomError("template_format", "template is CareSoft's scenario id or a name")


Code = Annotated[Secret, Digits(LEAST_DIGITS, MOST_DIGITS)]
Region = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}$", description="ISO 3166 country of `phone`"),
    AfterValidator(_region),
]
MetadataKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
ConsentReference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="your own reference to the person's consent, such as the number of a contract: "
        "printable characters of any script, not beginning or ending with a blank",
        examples=["CRM-2026-11-30/4711"],
    ),
    AfterValidator(_consent_reference),
]
MetadataValue = Annotated[str, Field(max_length=256)]
Scenario = Annotated[
    str,
    Field(
        min_length=1,
        max_length=_MAX_NAME_LENGTH,
        description="a registered scenario's name, or an OTP id of Bizfly's",
        examples=["OTP-975705"],
    ),
]
TemplateRef = Annotated[
    int | str,
    PlainValidator(read_template),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "exclusiveMaximum": LARGEST_ID},
                {"type": "string", "minLength": 1, "maxLength": _MAX_NAME_LENGTH},
            ],
            "description": "a registered template's name, or CareSoft's scenario id",
            "examples": [366],
        }
    ),
]
Version = Annotated[
    int,
    Field(
        ge=0, lt=LARGEST_ID, description="the version that this is a change of; left out: of any"
    ),
]
ParamName = Annotated[str, Field(min_length=1, max_length=64)]
ParamValue = Annotated[str, Field(max_length=500)]
Params = Annotated[dict[ParamName, ParamValue], Field(max_length=_MAX_PARAMS)]


class Command(BaseModel):
    """Base class of the API's request bodies."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        # A function uses one of the commands below; building the others would cost cold starts.
        defer_build=True,
    )

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read a request body.

        Raises:
            InvalidJson: The body is not JSON, or names a member twice.
            ValidationFailed: Names each field at fault.
        """
        try:
            command = _validate(lambda: cls.model_validate_json(body))
        except InvalidJson:
            # JSON can hold half a surrogate pair, which is no text: the error names the field.
            _reject_half_pairs(_parse_json(body))
            raise
        # A duplicate name could call a second phone that the caller's own check has not seen.
        json.loads(body, object_pairs_hook=reject_duplicate_names)
        return command

    @classmethod
    def from_mapping(cls, fields: Mapping[str, Any]) -> Self:
        """Read a direct invocation's fields.

        Raises:
            ValidationFailed: Names each field at fault.
        """
        _reject_half_pairs(fields)
        return _validate(lambda: cls.model_validate(dict(fields)))


def reject_duplicate_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON; ``object_pairs_hook`` of ``json.loads``.

    Raises:
        InvalidJson: A name stands twice in it.
    """
    document = dict(members)
    if len(document) < len(members):
        raise InvalidJson("A name stands twice in one object of the body.")
    return document


def _validate[M: BaseModel](validate: Callable[[], M]) -> M:
    try:
        return validate()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        if any(problem["type"] == "json_invalid" for problem in problems):
            raise InvalidJson("The body must be one JSON object in UTF-8.") from None
        at_fault = {problem["loc"] for problem in problems}
        raise ValidationFailed(
            "One or more fields of the request are not valid.",
            errors=[
                {
                    "loc": [_name(part) for part in problem["loc"]],
                    "type": problem["type"],
                    "msg": problem["msg"],
                }
                for problem in problems
                # If the region is not valid, a number without its region is not reported as well.
                if problem["type"] != "region_required" or ("region",) not in at_fault
            ],
        ) from None


def _parse_json(body: bytes) -> object:
    """Parse a body that pydantic refuses with the standard library; returns None if it cannot."""
    try:
        document: object = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return document


def _reject_half_pairs(document: object) -> None:
    """Refuse half a surrogate pair in a name or a value: it cannot be stored.

    Raises:
        ValidationFailed: Names each field that does.
    """
    errors = [
        {
            "loc": [_name(part) for part in loc],
            "type": "string_unicode",
            "msg": "Input should be a valid string, without half a surrogate pair",
        }
        for loc in _find_half_pairs(document, ())
    ]
    if errors:
        raise ValidationFailed(
            "One or more fields of the request are not valid.", errors=errors[:_MAX_ERRORS]
        )


def _find_half_pairs(node: object, loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    if isinstance(node, str):
        if not node.isascii() and _HALF_PAIR.search(node):
            yield loc
    elif len(loc) > _MAX_DEPTH:
        return
    elif isinstance(node, Mapping):
        for name, child in node.items():
            yield from _find_half_pairs(name, (*loc, name))
            yield from _find_half_pairs(child, (*loc, name))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _find_half_pairs(child, (*loc, index))


def _name(part: int | str) -> int | str:
    """Returns a field's name, masked: an unknown name could hold anything, also a phone."""
    if isinstance(part, int):
        return part
    return mask_digits(part)[:_MAX_NAME_LENGTH].encode(errors="replace").decode()
