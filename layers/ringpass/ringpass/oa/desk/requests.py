"""Commands of an OA's call desk, as pydantic models."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ringpass.clients.zns_templates.requests import NumericId
from ringpass.clock import from_text, read_instant, to_text
from ringpass.errors import invalid_field
from ringpass.http.fields import Command, Version
from ringpass.http.time_zones import read_time_zone
from ringpass.oa.desk.agents import AgentRole
from ringpass.oa.desk.hours import DEFAULT_TIME_ZONE, Hours, Span, Weekday
from ringpass.oa.desk.reply_texts import LONGEST_TEXT, Reply, template_error
from ringpass.oa.desk.settings import OaSettings, Suspension

# Time zones of other centuries are not whole minutes away from UTC.
_YEARS: Final = range(2000, 2100)


def _differs_from_start(end: str, info: ValidationInfo) -> str:
    if end == info.data.get("start"):
        raise PydanticCustomError(
            "empty_span", "a span has two different ends; a whole day is 00:00 to 24:00"
        )
    return end


def _time_zone(name: str) -> str:
    try:
        read_time_zone(name)
    except ValueError:
        raise PydanticCustomError(
            "time_zone_unknown", "a zone is a name such as Asia/Ho_Chi_Minh"
        ) from None
    return name


def _instant(text: str) -> str:
    try:
        instant = read_instant(text)
    except ValueError:
        instant = None
    if instant is None or instant.year not in _YEARS:
        raise PydanticCustomError("instant_format", "an RFC 3339 instant with an offset")
    return to_text(instant)


Instant = Annotated[
    str,
    AfterValidator(_instant),
    Field(json_schema_extra={"format": "date-time"}),
]


class GivenSpan(Command):
    """The hours that begin on one day."""

    start: Annotated[
        str,
        Field(
            pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
            description="`hh:mm`; this minute belongs to the span",
            examples=["08:00"],
        ),
    ]
    end: Annotated[
        str,
        Field(
            pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
            description="`hh:mm`, up to `24:00`; this minute does not belong to the span any more. "
            "Before `start`, it is on the next day",
            examples=["17:30"],
        ),
        AfterValidator(_differs_from_start),
    ]


class GivenHours(Command):
    """A span for each weekday; null, or left out: that day has none."""

    monday: GivenSpan | None = None
    tuesday: GivenSpan | None = None
    wednesday: GivenSpan | None = None
    thursday: GivenSpan | None = None
    friday: GivenSpan | None = None
    saturday: GivenSpan | None = None
    sunday: GivenSpan | None = None

    def hours(self, time_zone: str) -> Hours:
        """Returns the hours in this zone."""
        spans_by_day = {day: getattr(self, day) for day in Weekday}
        spans = {
            day: Span.from_text(span.start, span.end)
            for day, span in spans_by_day.items()
            if span is not None
        }
        return Hours(time_zone, spans)


class GivenReplies(Command):
    """The text for each case; null, or left out: nothing is sent."""

    out_of_hours: Annotated[
        str | None,
        Field(
            pattern=r"\S",
            max_length=LONGEST_TEXT,
            description="`{opens_at}` in it is the next opening, as `hh:mm dd/mm/yyyy`",
        ),
    ] = None
    busy: Annotated[str | None, Field(pattern=r"\S", max_length=LONGEST_TEXT)] = None

    def texts(self) -> dict[Reply, str]:
        """Returns the texts that are set."""
        fields = {Reply.OUT_OF_HOURS: self.out_of_hours, Reply.BUSY: self.busy}
        return {reply: text for reply, text in fields.items() if text is not None}


def _check_templates(replies: GivenReplies, info: ValidationInfo) -> GivenReplies:
    if not {"time_zone", "hours"} <= info.data.keys():
        return replies
    hours = info.data["hours"].hours(info.data["time_zone"])
    for reply, text in replies.texts().items():
        if (error := template_error(reply, text, hours)) is not None:
            type_, message = error
            raise PydanticCustomError(type_, "{reply}: {said}", {"reply": reply, "said": message})
    return replies


class GivenSuspension(Command):
    """Zalo has locked the feature for this OA."""

    reason: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="Zalo's words")]
    since: Annotated[Instant | None, Field(description="if it is known")] = None


class ReplaceOaSettings(Command):
    """``PUT /v1/oa/{oa_id}/settings``: all of them; what is left out has its default."""

    enabled: Annotated[bool, Field(description="whether calls may be made at all")] = False
    verified_enterprise: Annotated[
        bool,
        Field(description="whether Zalo has verified the OA as a business: only such a one calls"),
    ] = False
    suspended: GivenSuspension | None = None
    time_zone: Annotated[
        str,
        Field(
            pattern="^[A-Za-z][A-Za-z0-9_+/-]{0,63}$",
            description="a name of the tz database; its wall clock decides",
        ),
        AfterValidator(_time_zone),
    ] = DEFAULT_TIME_ZONE
    hours: GivenHours = Field(default_factory=GivenHours)
    replies: Annotated[GivenReplies, AfterValidator(_check_templates)] = Field(
        default_factory=GivenReplies
    )
    version: Version | None = None

    def settings(self) -> OaSettings:
        """Returns the settings, without a version."""
        suspended = self.suspended
        return OaSettings(
            enabled=self.enabled,
            verified_enterprise=self.verified_enterprise,
            suspended=Suspension(suspended.reason, suspended.since) if suspended else None,
            hours=self.hours.hours(self.time_zone),
            replies=self.replies.texts(),
        )


class PreviewReply(Command):
    """``POST /v1/oa/{oa_id}/settings/preview``: a reply as a customer would get it."""

    reply: Reply
    at: Annotated[Instant | None, Field(description="when the customer calls; left out: now")] = (
        None
    )
    text: Annotated[
        str | None,
        Field(
            pattern=r"\S",
            max_length=LONGEST_TEXT,
            description="a text to try; left out: the one that is set",
        ),
    ] = None

    @property
    def instant(self) -> datetime | None:
        """When the customer calls."""
        return from_text(self.at) if self.at else None

    def check(self, hours: Hours) -> None:
        """Check that the settings would accept the text.

        Raises:
            ValidationFailed: On ``text``.
        """
        error = template_error(self.reply, self.text or "", hours)
        if error is not None:
            raise invalid_field(["text"], *error)


class AddAgent(Command):
    """``POST /v1/oa/{oa_id}/agents``: one who makes and takes calls."""

    agent_id: Annotated[NumericId, Field(description="Zalo's user id of the agent")]
    name: Annotated[
        str,
        Field(
            pattern=r"^[^\x00-\x1f\x7f]{1,100}$",
            description="what the history of calls is searched by",
        ),
    ]
    role: AgentRole
