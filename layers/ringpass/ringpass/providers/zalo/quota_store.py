"""What an account may still send at a provider, as the provider said it last.

    PK QUO#<provider>#<account>   SK ALL              entity "quota"   the whole account
    PK QUO#<provider>#<account>   SK TPL#<template>   entity "quota"   one template

``daily``, ``remaining`` and ``heard_at`` are the provider's numbers, ``used_up_until`` says until
when nothing more can be sent. What was heard earlier never replaces what was heard later.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, Item, Table
from ringpass.clock import from_text, to_text

_KEPT: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class SenderQuota:
    """What is known of an account, or of one of its templates.

    Attributes:
        heard_at: When the provider said so.
        daily: How many it may send on a day; None if it was not said.
        remaining: How many of them were left then.
        used_up_until: Until when it may send none; None if it may.
    """

    heard_at: datetime
    daily: int | None = None
    remaining: int | None = None
    used_up_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuotaRepository:
    """Reads and writes what is left.

    Attributes:
        table: The table.
        provider: Whose numbers.
        account: Of which account there.
    """

    table: Table
    provider: str
    account: str

    def get(self, *templates: str) -> dict[str | None, SenderQuota]:
        """What is known of the account, under None, and of these templates."""
        keys = [self._key(template) for template in (None, *templates)]
        found = {item["SK"]: _from_item(item) for item in self.table.get_many(keys)}
        names = {self._key(template)["SK"]: template for template in (None, *templates)}
        return {names[key]: quota for key, quota in found.items()}

    def put(self, template: str | None, quota: SenderQuota) -> None:
        """Write what was heard of a template, or of the account, unless something later was."""
        item = {
            **self._key(template),
            "entity": "quota",
            "heard_at": to_text(quota.heard_at),
            "daily": quota.daily,
            "remaining": quota.remaining,
            "used_up_until": quota.used_up_until and to_text(quota.used_up_until),
            "expires_at": int((quota.heard_at + _KEPT).timestamp()),
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
