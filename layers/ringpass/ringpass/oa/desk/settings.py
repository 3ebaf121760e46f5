"""The settings of an OA's call desk: whether it may call, when, and its auto-replies.

Zalo has no API for its settings, so these are ours: keep them equal to those in Zalo's interface.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from ringpass.http.actor import Actor
from ringpass.oa.blockers import Blocker
from ringpass.oa.desk.hours import Hours
from ringpass.oa.desk.reply_texts import Reply, fill, format_local

_OFF: Final = Blocker("feature_off", "Calls are switched off for this OA: switch them on first.")
_NOT_VERIFIED: Final = Blocker(
    "oa_not_verified",
    "Only a verified OA of a business may call: have Zalo verify it, then say so in the settings.",
)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Zalo has locked the feature for this OA.

    Attributes:
        reason: What Zalo said.
        since: RFC 3339; None: not known.
    """

    reason: str
    since: str | None = None


@dataclass(frozen=True, slots=True)
class OaSettings:
    """The settings of one OA; the defaults are those of an OA without settings.

    Attributes:
        enabled: Whether the call desk is on.
        verified_enterprise: Whether Zalo has verified the OA as a business.
        suspended: Set while Zalo has locked the feature.
        hours: When calls are taken and made.
        replies: The text for each case; a case without a text is not answered.
        version: Counts the changes; 0: no change yet.
        updated_at: RFC 3339.
        updated_by: The actor of the last change.
    """

    enabled: bool = False
    verified_enterprise: bool = False
    suspended: Suspension | None = None
    hours: Hours = field(default_factory=Hours)
    replies: Mapping[Reply, str] = field(default_factory=dict)
    version: int = 0
    updated_at: str | None = None
    updated_by: Actor | None = None

    def list_blockers(self, at: datetime) -> list[Blocker]:
        """Returns every check of the settings that does not hold at this instant."""
        blockers = []
        if not self.enabled:
            blockers.append(_OFF)
        if not self.verified_enterprise:
            blockers.append(_NOT_VERIFIED)
        if self.suspended is not None:
            blockers.append(_suspension_blocker(self.suspended))
        if not self.hours.is_open(at):
            blockers.append(_closed_blocker(self.hours, at))
        return blockers

    def reply(self, reply: Reply, at: datetime) -> str | None:
        """Returns the text for a customer who calls at this instant; None: no text is set."""
        text = self.replies.get(reply)
        return None if text is None else fill(text, self.hours, at)

    def to_item(self) -> dict[str, Any]:
        """Its attributes in the table, without the key; None is left out."""
        fields = {
            "enabled": self.enabled,
            "verified_enterprise": self.verified_enterprise,
            "suspended": _suspension_item(self.suspended) if self.suspended else None,
            "hours": self.hours.to_item(),
            "replies": {str(reply): text for reply, text in self.replies.items()},
            "version": self.version,
            "updated_at": self.updated_at,
            "updated_by": self.updated_by.to_item() if self.updated_by else None,
        }
        return {name: value for name, value in fields.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Read what ``to_item`` returned; an item may have more attributes."""
        suspension, actor = item.get("suspended"), item.get("updated_by")
        return cls(
            enabled=item["enabled"],
            verified_enterprise=item["verified_enterprise"],
            suspended=Suspension(suspension["reason"], suspension.get("since"))
            if suspension
            else None,
            hours=Hours.from_item(item["hours"]),
            replies={Reply(reply): text for reply, text in item["replies"].items()},
            version=item["version"],
            updated_at=item.get("updated_at"),
            updated_by=Actor.from_item(actor) if actor else None,
        )


def _suspension_item(suspension: Suspension) -> dict[str, Any]:
    # The table client leaves out None at the top level only.
    return {
        name: value
        for name, value in (("reason", suspension.reason), ("since", suspension.since))
        if value is not None
    }


def _suspension_blocker(suspension: Suspension) -> Blocker:
    since = f" since {suspension.since}" if suspension.since else ""
    return Blocker(
        "oa_suspended",
        f"Zalo has suspended calls of this OA{since} ({suspension.reason}). Send the signed"
        ' undertaking ("bản cam kết") to oa@zalo.me; Zalo helps from there.',
    )


def _closed_blocker(hours: Hours, at: datetime) -> Blocker:
    opening = hours.next_opening(at)
    if opening is None:
        return Blocker("outside_hours", "The OA has no hours for calls: set them first.")
    when = f"{format_local(hours, opening)} ({hours.time_zone})"
    return Blocker("outside_hours", f"It is outside the OA's hours: call from {when} on.")
