"""A registered ZNS template, and the values of its parameters.

A template is stored at Zalo, which approves it; at CareSoft a scenario links it with an OA. The
registered copy has its id at each of them and the rules of its parameters, so that a message that
Zalo would refuse is refused before any request. Pure: the store writes what ``to_item`` returns.

Sources: CareSoft's ZNS guide (ids, tickets, parameters); Zalo Cloud's pages on parameters (their
formats and usual lengths). Where these say nothing, every value that may be right is accepted.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from ringpass.errors import ValidationFailed, invalid_field
from ringpass.redaction import Secret, mask_digits

LONGEST_VALUE: Final = 500
"""Longest value of a parameter in any send, in characters."""

_LONGEST_SHOWN: Final = 64

type Problem = dict[str, Any]


class ParamType(StrEnum):
    """What a value must look like."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PHONE = "phone"
    URL = "url"


class ParamSource(StrEnum):
    """Where a value comes from."""

    CONSTANT = "constant"
    REQUEST = "request"
    METADATA = "metadata"
    CODE = "code"


class Ticket(StrEnum):
    """What becomes of a message that names no ticket of CareSoft's."""

    NEW = "new"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a template.

    Attributes:
        name: As in the template, without ``<`` and ``>``.
        type: Format of its value.
        max_length: Longest value, in characters.
        required: Whether a send without a value is refused.
        source: Where its value comes from.
        value: The value, if the source is ``constant``.
        key: Name of the metadata, if the source is ``metadata``.
    """

    name: str
    type: ParamType = ParamType.TEXT
    max_length: int = LONGEST_VALUE
    required: bool = True
    source: ParamSource = ParamSource.REQUEST
    value: str | None = field(default=None, repr=False)
    key: str | None = None

    def fault(self, value: str) -> tuple[str, str] | None:
        """Return the error of a value: type and message, never the value; None if it is valid."""
        # Counted in composed form: both ways to write an accent have the same length.
        if len(unicodedata.normalize("NFC", value)) > self.max_length:
            return "string_too_long", f"it has at most {self.max_length} characters"
        fits, type_, message = _TYPES[self.type]
        return None if fits(value) else (type_, message)

    def to_item(self) -> dict[str, Any]:
        """Return the item."""
        item = {
            "name": self.name,
            "type": str(self.type),
            "max_length": self.max_length,
            "required": self.required,
            "source": str(self.source),
            "value": self.value,
            "key": self.key,
        }
        return {name: value for name, value in item.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``."""
        return cls(
            item["name"],
            ParamType(item["type"]),
            item["max_length"],
            item["required"],
            ParamSource(item["source"]),
            item.get("value"),
            item.get("key"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A registered template.

    Attributes:
        id: ``tpl_`` and 32 characters.
        client: Its owner.
        name: Its name in sends, steps and settings; begins with a letter, so it is not an id.
        caresoft_id: CareSoft's id of the scenario; None: CareSoft cannot send it.
        zns_id: Zalo's id of the template; None: it cannot be sent through Zalo directly.
        oa_id: Zalo's id of the OA that it belongs to; None: not known.
        approved: Whether Zalo has approved it.
        params: Its parameters.
        ticket: Rule for a message without a ticket.
        version: Number of writes, from 1.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        fingerprint: Hash of the request, to detect another request with the same idempotency key.
    """

    id: str
    client: str
    name: str
    caresoft_id: int | None = None
    zns_id: str | None = None
    oa_id: str | None = None
    approved: bool = False
    params: tuple[Param, ...] = ()
    ticket: Ticket = Ticket.NEW
    version: int = 1
    created_at: str = ""
    updated_at: str = ""
    fingerprint: str | None = None

    @property
    def code_param(self) -> str | None:
        """Name of the parameter that takes a verification's code."""
        codes = (param.name for param in self.params if param.source is ParamSource.CODE)
        return next(codes, None)

    def belongs_to(self, oa_id: str) -> bool:
        """Whether this OA may send it; True if one of the two OAs is not known."""
        return not oa_id or self.oa_id in (None, oa_id)

    def fill(
        self,
        params: Mapping[str, str] | None,
        metadata: Mapping[str, str],
        code: Secret | None = None,
    ) -> dict[str, str]:
        """Return the values to send, each from its source.

        An optional parameter without a value is left out. An empty result (``{}``) means
        CareSoft's own mapping.

        Args:
            params: The request's parameters.
            metadata: That of the delivery or the verification.
            code: A verification's code; None: a single send, with its code in ``params``.

        Raises:
            ValidationFailed: On ``template``: ``template_not_approved``, or what
                ``check_for_codes`` refuses; or what ``values`` refuses.
        """
        if code is not None:
            self.check_for_codes()
        if not self.approved:
            raise invalid_field(
                ["template"], "template_not_approved", "the template is not marked as approved"
            )
        return self.values(params, metadata, code)

    def values(
        self,
        params: Mapping[str, str] | None,
        metadata: Mapping[str, str],
        code: Secret | None = None,
    ) -> dict[str, str]:
        """Return the values as ``fill`` does, also of a template that is not approved.

        Raises:
            ValidationFailed: Values are not valid: it names each parameter, and never a value.
        """
        request_params = params or {}
        problems = [
            _problem(mask_digits(name)[:_LONGEST_SHOWN], "param_unknown", "no such parameter")
            for name in sorted(request_params.keys() - {param.name for param in self.params})
        ]
        values: dict[str, str] = {}
        for param in self.params:
            from_request = param.source is ParamSource.REQUEST or (
                param.source is ParamSource.CODE and code is None
            )
            if param.name in request_params and not from_request:
                message = f"its source is {param.source}: leave it out"
                problems.append(_problem(param.name, "other_source", message))
                continue
            value = _value(param, request_params, metadata, code)
            # An empty text is no value: Zalo refuses it for a required parameter.
            if not value:
                if param.required:
                    problems.append(_missing(param))
                continue
            fault = param.fault(value)
            if fault is not None:
                problems.append(_problem(param.name, *fault))
            values[param.name] = value
        if problems:
            raise ValidationFailed(
                "The parameters do not fit the template.",
                errors=problems,
            )
        return values

    def check_for_codes(self) -> None:
        """Refuse a template that can never be a step of a verification.

        Raises:
            ValidationFailed: On ``template``: ``template_without_code``, or ``ticket_required``: a
                verification has no ticket.
        """
        if self.code_param is None:
            raise invalid_field(
                ["template"], "template_without_code", "none of its parameters takes the code"
            )
        if self.ticket is Ticket.GIVEN:
            raise invalid_field(
                ["template"], "ticket_required", "its messages answer a ticket that is given"
            )

    def check_ticket(self, ticket_id: int | None) -> None:
        """Refuse a message without a ticket if the template requires one.

        Raises:
            ValidationFailed: ``ticket_required``.
        """
        if self.ticket is Ticket.GIVEN and ticket_id is None:
            raise invalid_field(
                ["ticket_id"], "ticket_required", "messages of this template answer a ticket"
            )

    def to_item(self) -> dict[str, Any]:
        """Return the item without its key; fields that are None are left out."""
        item = {
            "id": self.id,
            "client": self.client,
            "name": self.name,
            "caresoft_id": self.caresoft_id,
            "zns_id": self.zns_id,
            "oa_id": self.oa_id,
            "approved": self.approved,
            "params": [param.to_item() for param in self.params],
            "ticket": str(self.ticket),
            "version": self.version,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "fingerprint": self.fingerprint,
        }
        return {name: value for name, value in item.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``; it may have more fields."""
        return cls(
            id=item["id"],
            client=item["client"],
            name=item["name"],
            caresoft_id=item.get("caresoft_id"),
            zns_id=item.get("zns_id"),
            oa_id=item.get("oa_id"),
            approved=item["approved"],
            params=tuple(map(Param.from_item, item["params"])),
            ticket=Ticket(item["ticket"]),
            version=item["version"],
            created_at=item["created_at"],
            updated_at=item["updated_at"],
            fingerprint=item.get("fingerprint"),
        )


def _value(
    param: Param,
    request_params: Mapping[str, str],
    metadata: Mapping[str, str],
    code: Secret | None,
) -> str | None:
    match param.source:
        case ParamSource.CONSTANT:
            return param.value
        case ParamSource.METADATA:
            return metadata.get(param.key or param.name)
        case ParamSource.CODE if code is not None:
            return code.reveal()
    return request_params.get(param.name)


def _missing(param: Param) -> Problem:
    if param.source is ParamSource.METADATA:
        message = f"there is no metadata {param.key or param.name!r} to take it from"
        return _problem(param.name, "missing", message)
    return _problem(param.name, "missing", "Field required")


def _problem(name: str, type_: str, message: str) -> Problem:
    return {"loc": ["params", name], "type": type_, "msg": message}


# -------------------------------------------------------------------------------- types of values

# With or without separators: the template's owner decides between 100000, 100.000 and 100,5.
_NUMBER: Final = re.compile(r"-?[0-9]+([.,][0-9]+)*")
_DATE: Final = re.compile(
    r"(?:(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))? )?"
    r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})"
)
# A person's number or a hotline such as 19001234.
_PHONE: Final = re.compile(r"\+?[0-9]{8,15}")
_URL: Final = re.compile(r"https?://[^\s/?#]+[^\s]*")


def _is_date(text: str) -> bool:
    """``dd/mm/yyyy``, with ``hh:mm`` or ``hh:mm:ss`` before it: the format that Zalo accepts."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        datetime(  # noqa: DTZ001 - only whether there is such a day and time
            **{name: int(part) for name, part in match.groupdict(default="0").items()}  # type: ignore[arg-type]
        )
    except ValueError:
        return False
    return True


_TYPES: Final[Mapping[ParamType, tuple[Callable[[str], object], str, str]]] = {
    ParamType.TEXT: (lambda _: True, "text_format", "a text"),
    ParamType.NUMBER: (_NUMBER.fullmatch, "number_format", "a number such as 100000"),
    ParamType.DATE: (_is_date, "date_format", "dd/mm/yyyy, or hh:mm:ss dd/mm/yyyy"),
    ParamType.PHONE: (_PHONE.fullmatch, "phone_format", "8 to 15 digits, + before them or not"),
    ParamType.URL: (_URL.fullmatch, "url_format", "an address with http:// or https://"),
}
