"""Reads refusals of limits and lists: the newest first, of all numbers or of one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ringpass.aws.client_index import position_pattern
from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.store import DeliveryRepository
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.refusals_store import Refusal, RefusalRepository, listed_at

_PARAMETERS: Final = frozenset({"phone", "region", "refused", "from", "to", "limit", "cursor"})
_POSITION: Final = position_pattern(re.compile("dec_[a-z2-7]{32}"))


@dataclass(frozen=True, slots=True)
class RefusalQueries:
    """Reads a client's refusals.

    Attributes:
        refusals: The table's refusals.
        deliveries: The table's deliveries: a number that has one may be looked up.
        lookups: Limits look-ups by phone.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    refusals: RefusalRepository
    deliveries: DeliveryRepository
    lookups: PhoneLookups
    secrets: Secrets
    clock: Clock

    def page(
        self, client: str, query: Mapping[str, str], key_id: str | None = None
    ) -> Page[Refusal]:
        """Return a page of the client's refusals, by ``phone, refused, from, to``.

        With ``refused=false`` it has the sends that a limit in mode ``record`` would have refused.

        Args:
            client: The client.
            query: The parameters.
            key_id: The request's API key, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has looked up too many numbers without a result.
        """
        params = Parameters(query, _PARAMETERS)
        refused = params.read("refused", None, _flag, "true or false") is not False
        after, before = params.between(self.clock(), _POSITION)
        limit, phone = params.limit(), params.phone()
        params.check()
        if phone is None:
            rows = self.refusals.of_client(client, after, before, refused=refused)
            return take_page(rows, limit, listed_at)
        key = phone_key(self.secrets.value("lookup", "key"), phone.e164)

        def read() -> Page[Refusal]:
            # An earlier release did not keep the number.
            rows = (
                replace(refusal, number=phone.e164)
                for refusal in self.refusals.of_phone(client, key, after, before)
            )
            return take_page(rows, limit, listed_at, lambda one: one.refused is refused)

        def is_known() -> bool:
            deliveries = self.deliveries.list_by_client_and_phone(client, key, "0", "9")
            return next(deliveries, None) is not None

        return self.lookups.page(key_id, phone, key, read, is_known)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("flag")
    return text == "true"
