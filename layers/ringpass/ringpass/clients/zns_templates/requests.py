"""Request bodies of ZNS templates, as pydantic models.

A rule about two fields is checked at the field that must not be there, or that is missing:
``value`` on a parameter whose source is not ``constant``, ``zns_id`` if neither id is set.
"""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ringpass.clients.zns_templates.model import (
    LONGEST_VALUE,
    Param,
    ParamSource,
    ParamType,
    Template,
    Ticket,
)
from ringpass.http.fields import LARGEST_ID, Command, MetadataKey, Version

MOST_PARAMS: Final = 50
_LEAST_CODE: Final = 4
_CODE_TYPES: Final = (ParamType.TEXT, ParamType.NUMBER)

NumericId = Annotated[str, Field(pattern="^[0-9]{1,20}$")]


def _check_source(source: ParamSource, info: ValidationInfo) -> ParamSource:
    if source is not ParamSource.CODE:
        return source
    # A field that is not valid has an error of its own, and is absent here.
    if info.data.get("type", ParamType.TEXT) not in _CODE_TYPES:
        raise PydanticCustomError("not_for_a_code", "a code is a text or a number")
    if info.data.get("max_length", LONGEST_VALUE) < _LEAST_CODE:
        raise PydanticCustomError("not_for_a_code", "a code has at least four digits")
    return source


def _only_with_source(required_source: ParamSource) -> AfterValidator:
    """Return the check of a field that one source requires and the others do not have."""

    def check(value: str | None, info: ValidationInfo) -> str | None:
        source = info.data.get("source")
        if source is required_source and value is None:
            raise PydanticCustomError("missing", "Field required")
        if source is not None and source is not required_source and value is not None:
            raise PydanticCustomError("other_source", f"only the source {required_source} has it")
        return value

    return AfterValidator(check)


def _check_constant(value: str | None, info: ValidationInfo) -> str | None:
    """Check a constant as every other value of the parameter."""
    fields = {"name", "type", "max_length"}
    if value is None or not fields <= info.data.keys():
        return value
    param = Param(info.data["name"], info.data["type"], info.data["max_length"])
    if (fault := param.fault(value)) is not None:
        raise PydanticCustomError(*fault)
    return value


class TemplateParam(Command):
    """A parameter of a template."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[^\x00-\x1f\x7f<>]{1,64}$",
            description="as the template has it, without `<` and `>`",
        ),
    ]
    type: Annotated[
        ParamType,
        Field(description="`date` is `dd/mm/yyyy`, or `hh:mm:ss dd/mm/yyyy`"),
    ] = ParamType.TEXT
    max_length: Annotated[int, Field(ge=1, le=LONGEST_VALUE, description="in characters")] = (
        LONGEST_VALUE
    )
    required: bool = True
    source: Annotated[
        ParamSource,
        AfterValidator(_check_source),
        Field(
            description="where the value comes from; `code`: in a verification its code, in a "
            "single send `params`"
        ),
    ] = ParamSource.REQUEST
    value: Annotated[
        Annotated[str, Field(min_length=1, max_length=LONGEST_VALUE)] | None,
        _only_with_source(ParamSource.CONSTANT),
        AfterValidator(_check_constant),
        Field(validate_default=True, repr=False, description="of a `constant`"),
    ] = None
    key: Annotated[
        MetadataKey | None,
        _only_with_source(ParamSource.METADATA),
        Field(validate_default=True, description="of `metadata`: the name of its entry"),
    ] = None

    def to_param(self) -> Param:
        """Return the parameter in the form of ``Template``."""
        return Param(
            self.name, self.type, self.max_length, self.required, self.source, self.value, self.key
        )


def _check_params(params: list[TemplateParam]) -> list[TemplateParam]:
    names = [param.name for param in params]
    if len(set(names)) < len(names):
        raise PydanticCustomError("param_twice", "two parameters have the same name")
    if sum(param.source is ParamSource.CODE for param in params) > 1:
        raise PydanticCustomError("code_twice", "only one parameter takes the code")
    return params


def _check_ids(zns_id: str | None, info: ValidationInfo) -> str | None:
    if zns_id is None and info.data.get("caresoft_id", 0) is None:
        raise PydanticCustomError("id_required", "give caresoft_id, zns_id or both")
    return zns_id


def _check_ticket(ticket: Ticket, info: ValidationInfo) -> Ticket:
    if ticket is Ticket.GIVEN and info.data.get("caresoft_id", 0) is None:
        raise PydanticCustomError("no_tickets", "only CareSoft has tickets")
    return ticket


class RegisterTemplate(Command):
    """``POST /v1/zns-templates``: a template, as it is at Zalo and at CareSoft."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$",
            description="what sends, steps and settings call it; the client's only one of this "
            "name",
        ),
    ]
    caresoft_id: Annotated[
        int | None,
        Field(ge=1, lt=LARGEST_ID, description="CareSoft's id of the scenario"),
    ] = None
    zns_id: Annotated[
        NumericId | None,
        AfterValidator(_check_ids),
        Field(validate_default=True, description="Zalo's id of the template (ZNS_ID)"),
    ] = None
    oa_id: Annotated[
        NumericId | None, Field(description="Zalo's id of the OA that the template belongs to")
    ] = None
    approved: Annotated[
        bool, Field(description="whether Zalo has approved it; until then it cannot be sent")
    ] = False
    params: Annotated[
        list[TemplateParam], Field(max_length=MOST_PARAMS), AfterValidator(_check_params)
    ] = Field(default_factory=list)
    ticket: Annotated[
        Ticket,
        AfterValidator(_check_ticket),
        Field(
            description="of a send that names no ticket: `new`, CareSoft makes one; `given`, it is "
            "refused"
        ),
    ] = Ticket.NEW

    def to_template(self, base: Template) -> Template:
        """Return the template; id, owner, version, times and fingerprint come from ``base``."""
        return Template(
            id=base.id,
            client=base.client,
            name=self.name,
            caresoft_id=self.caresoft_id,
            zns_id=self.zns_id,
            oa_id=self.oa_id,
            approved=self.approved,
            params=tuple(param.to_param() for param in self.params),
            ticket=self.ticket,
            version=base.version,
            created_at=base.created_at,
            updated_at=base.updated_at,
            fingerprint=base.fingerprint,
        )


class ReplaceTemplate(RegisterTemplate):
    """``PUT /v1/zns-templates/{id}``: the whole template; what is left out has its default."""

    version: Version | None = None
