"""An OTP Call scenario as a client has registered it: its script, and what may be done with it.

    inactive --activate--> active --deactivate--> deactivated
    edit, delete           (read-only)            (read-only for good)

A scenario lives in Bizfly's console, and no API of Bizfly's is known that makes or activates one:
what is registered mirrors the console. Pure: the store keeps what ``to_item`` gives.

Source: Bizfly Cloud's OTP Call guide. It gives no lengths and no lists of voices or speeds; the
limits below are ours. Nor does it say that an active scenario can be ended: that is ours too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

from ringpass.errors import (
    ScenarioActive,
    ScenarioDeactivated,
    ScenarioIncomplete,
    ScenarioNotActive,
)

MOST_ACTIVE: Final = 2
"""How many may be active at once in one account of Bizfly's, whoever's they are."""
LEAST_PLAYS: Final = 2
"""Of a script that is repeated; the first play counts."""
MOST_PLAYS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 30
LEAST_SPEED: Final = Decimal("0.5")
MOST_SPEED: Final = Decimal(2)
LONGEST_NAME: Final = 64
LONGEST_TEXT: Final = 500

DEFAULT_KEY_FIELD: Final = "api_key"
"""The field of Bizfly's secret that holds a scenario's key, where the scenario names none."""
OTP_ID: Final = re.compile(r"OTP-[0-9]{1,18}")
SCENARIO_ID: Final = re.compile(r"scn_[a-z2-7]{32}")


class ScenarioStatus(StrEnum):
    """Where a scenario is on its one way."""

    INACTIVE = "inactive"
    """It may be edited and deleted, and no call has it."""
    ACTIVE = "active"
    """Calls may have it; it stays as it is."""
    DEACTIVATED = "deactivated"
    """No call has it, it stays as it is, and it can be copied."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """How the code is said again.

    Attributes:
        count: How often it is said in all, 2 and more: the first time counts.
        pause_seconds: Silence before each repetition.
        announcement: What is read before the code when it is repeated.
    """

    count: int
    pause_seconds: int
    announcement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All that an inactive scenario may change.

    Attributes:
        name: The client's own name of it; no other scenario of the client has it.
        description: What it is for.
        hotline: The number that calls; or else
        hotline_group: the group of numbers, one of which calls.
        greeting: What is read first.
        voice: Who reads, as Bizfly's console names it; None: as the console chooses. The digits
            of the code are not read by it.
        speed: How fast it is read, 1 is usual.
        repeat: How the code is said again; None: it is said once.
        closing: What is read last; None: nothing.
        otp_id: The scenario's id at Bizfly, ``OTP-975705``; None until the console has shown it.
        key_field: The field of Bizfly's secret that holds its API key. One key is one account.
    """

    name: str
    greeting: str
    description: str | None = None
    hotline: str | None = None
    hotline_group: str | None = None
    voice: str | None = None
    speed: Decimal = Decimal(1)
    repeat: Repeat | None = None
    closing: str | None = None
    otp_id: str | None = None
    key_field: str = DEFAULT_KEY_FIELD

    def to_item(self) -> dict[str, Any]:
        """As the table keeps it; what is None is left out."""
        told = {
            "name": self.name,
            "description": self.description,
            "hotline": self.hotline,
            "hotline_group": self.hotline_group,
            "greeting": self.greeting,
            "voice": self.voice,
            "speed": self.speed,
            "repeat": self.repeat
            and {
                "count": self.repeat.count,
                "pause_seconds": self.repeat.pause_seconds,
                "announcement": self.repeat.announcement,
            },
            "closing": self.closing,
            "otp_id": self.otp_id,
            "key_field": self.key_field,
        }
        return {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """What ``to_item`` gave."""
        repeat = item.get("repeat")
        return cls(
            **{name: value for name, value in item.items() if name not in {"repeat", "speed"}},
            speed=Decimal(item["speed"]),
            repeat=Repeat(**repeat) if repeat else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A registered scenario.

    Attributes:
        id: ``scn_`` and 32 characters.
        client: Whose it is.
        status: What may be done with it.
        script: Its script.
        version: Counts the writes, from 1.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        fingerprint: Tells apart the requests that an idempotency key may have served.
        activated_at: When it was activated.
        deactivated_at: When it was deactivated.
        copy_of: Id of the scenario that it was copied from.
    """

    id: str
    client: str
    script: Script
    created_at: str
    updated_at: str
    fingerprint: str
    status: ScenarioStatus = ScenarioStatus.INACTIVE
    version: int = 1
    activated_at: str | None = None
    deactivated_at: str | None = None
    copy_of: str | None = None

    def check_editable(self) -> None:
        """Refuse to change or delete what is no longer inactive.

        Raises:
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
        """
        match self.status:
            case ScenarioStatus.ACTIVE:
                raise ScenarioActive(
                    "An active scenario can be neither edited nor deleted. It can be copied."
                )
            case ScenarioStatus.DEACTIVATED:
                raise ScenarioDeactivated(
                    "A deactivated scenario stays as it is. It can be copied."
                )

    def edited(self, script: Script, now: str) -> Self:
        """The scenario with another script.

        Raises:
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
        """
        self.check_editable()
        return self._next(now, script=script)

    def activated(self, now: str) -> Self:
        """The scenario, active; itself if it is.

        Raises:
            ScenarioDeactivated: It was active once.
            ScenarioIncomplete: It has no OTP id.
        """
        if self.status is ScenarioStatus.ACTIVE:
            return self
        if self.status is ScenarioStatus.DEACTIVATED:
            raise ScenarioDeactivated(
                "A deactivated scenario is not activated again. It can be copied."
            )
        if self.script.otp_id is None:
            raise ScenarioIncomplete(
                "The scenario has no otp_id: put in the one that Bizfly's console shows for it."
            )
        return self._next(now, status=ScenarioStatus.ACTIVE, activated_at=now)

    def deactivated(self, now: str) -> Self:
        """The scenario, deactivated; itself if it is.

        Raises:
            ScenarioNotActive: It is inactive.
        """
        if self.status is ScenarioStatus.DEACTIVATED:
            return self
        if self.status is ScenarioStatus.INACTIVE:
            raise ScenarioNotActive("Only an active scenario can be deactivated.")
        return self._next(now, status=ScenarioStatus.DEACTIVATED, deactivated_at=now)

    def _next(self, now: str, **changes: Any) -> Self:  # noqa: ANN401 - its own attributes
        return replace(self, updated_at=now, version=self.version + 1, **changes)

    def to_item(self) -> dict[str, Any]:
        """As the table keeps it, but for the keys; what is None is left out."""
        told = {
            "id": self.id,
            "client": self.client,
            "status": str(self.status),
            "script": self.script.to_item(),
            "version": self.version,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "fingerprint": self.fingerprint,
            "activated_at": self.activated_at,
            "deactivated_at": self.deactivated_at,
            "copy_of": self.copy_of,
        }
        return {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """What ``to_item`` gave; an item may hold more."""
        return cls(
            id=item["id"],
            client=item["client"],
            status=ScenarioStatus(item["status"]),
            script=Script.from_item(item["script"]),
            version=item["version"],
            created_at=item["created_at"],
            updated_at=item["updated_at"],
            fingerprint=item["fingerprint"],
            activated_at=item.get("activated_at"),
            deactivated_at=item.get("deactivated_at"),
            copy_of=item.get("copy_of"),
        )
