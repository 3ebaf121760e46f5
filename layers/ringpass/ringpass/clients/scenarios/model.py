"""A registered OTP Call scenario: its script and its state machine.

    inactive --activate--> active --deactivate--> deactivated
    edit, delete           (read-only)            (read-only for good)

A scenario is defined in Bizfly's console; Bizfly has no known API to create or activate one. A
registered scenario is a copy of it. Pure: the store writes what ``to_item`` returns.

Source: Bizfly Cloud's OTP Call guide. It has no lengths and no lists of voices or speeds: the
limits below are ours. It has no way to end an active scenario either: deactivation is ours too.
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
"""How many scenarios of all clients may be active at once in one account at Bizfly."""
LEAST_PLAYS: Final = 2
"""Fewest plays of a code that is repeated; the first play counts."""
MOST_PLAYS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 30
LEAST_SPEED: Final = Decimal("0.5")
MOST_SPEED: Final = Decimal(2)
LONGEST_NAME: Final = 64
LONGEST_TEXT: Final = 500

DEFAULT_KEY_FIELD: Final = "api_key"
"""The field of Bizfly's secret that holds the key of a scenario without ``key_field``."""
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
    """Repetition of the code.

    Attributes:
        count: Number of plays, 2 or more; the first one counts.
        pause_seconds: Silence before each repetition.
        announcement: Text before each repetition.
    """

    count: int
    pause_seconds: int
    announcement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The part of a scenario that can be edited while it is inactive.

    Attributes:
        name: Its name, unique among the client's scenarios.
        description: Its purpose.
        hotline: The number that calls; or else
        hotline_group: the group of numbers, one of which calls.
        greeting: First text.
        voice: Voice, as named in Bizfly's console; None: the console's default. It does not read
            the digits of the code.
        speed: Speed of the texts, 1 is normal.
        repeat: Repetition of the code; None: it is played once.
        closing: Last text; None: none.
        otp_id: The scenario's id at Bizfly, ``OTP-975705``; None until the client has set it.
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
        """Return the item; fields that are None are left out."""
        item = {
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
        return {name: value for name, value in item.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``."""
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
        client: Its owner.
        status: Its state.
        script: Its script.
        version: Number of writes, from 1.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        fingerprint: Hash of the request, to detect another request with the same idempotency key.
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
        """Refuse to change or delete a scenario that is not inactive.

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
        """Return the scenario with another script.

        Raises:
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
        """
        self.check_editable()
        return self._next(now, script=script)

    def activated(self, now: str) -> Self:
        """Return the active scenario; the same object if it is active.

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
        """Return the deactivated scenario; the same object if it is deactivated.

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
        """Return the item without its keys; fields that are None are left out."""
        item = {
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
        return {name: value for name, value in item.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``; it may have more fields."""
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
