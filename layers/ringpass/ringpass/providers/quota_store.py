"""Repository of send quotas: what an account may still send, as the provider reported it last.

    PK QUO#<provider>#<account>   SK ALL              entity "quota"   the whole account
    PK QUO#<provider>#<account>   SK TPL#<template>   entity "quota"   one template

``daily`` and ``remaining`` are the provider's numbers at the time ``heard_at``. Until
``used_up_until`` nothing more can be sent. An older report never replaces a newer one.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.clock import from_text, to_text

_RETENTION: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class SenderQuota:
    """Quota of an account, or of one of its templates.

    Attributes:
        heard_at: When the provider reported it.
        daily: Messages a day; None if it was not reported.
        remaining: Messages left at ``heard_at``.
        used_up_until: Until when it may send none; None if it may send.
    """

    heard_at: datetime
    daily: int | None = None
    remaining: int | None = None
    used_up_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuotaRepository:
    """Repository of one account's quotas.

    Attributes:
        table: The table.
        provider: The provider's name.
        account: Our account there.
    """

    table: Table
    provider: str
    account: str

    def get(self, *templates: str) -> dict[str | None, SenderQuota]:
        """Returns the stored quotas of the account, under None, and of these templates."""
        keys = [self._key(template) for template in (None, *templates)]
        quotas = {item["SK"]: _from_item(item) for item in self.table.get_many(keys)}
        names = {self._key(template)["SK"]: template for template in (None, *templates)}
        return {names[key]: quota for key, quota in quotas.items()}

    def put(self, template: str | None, quota: SenderQuota) -> None:
        """Write the quota of a template, or of the account, unless a newer one is stored."""
        item = {
            **self._key(template),
            "entity": "quota",
            "heard_at": to_text(quota.heard_at),
            "daily": quota.daily,
            "remaining": quota.remaining,
            "used_up_until": quota.used_up_until and to_text(quota.used_up_until),
            "expires_at": int((quota.heard_at + _RETENTION).timestamp()),
        }
        with suppress(ConditionFailed):
            self.table.put(
                item,
                "attribute_not_exists(PK) OR heard_at <= :heard_at",
                {":heard_at": item["heard_at"]},
            )

    def _key(self, template: str | None) -> Item:
        sort = "ALL" if template is None else f"TPL#{template}"
        return {"PK": f"QUO#{self.provider}#{self.account}", "SK": sort}


def _from_item(item: Item) -> SenderQuota:
    until = item.get("used_up_until")
    return SenderQuota(
        heard_at=from_text(item["heard_at"]),
        daily=item.get("daily"),
        remaining=item.get("remaining"),
        used_up_until=from_text(until) if until else None,
    )
