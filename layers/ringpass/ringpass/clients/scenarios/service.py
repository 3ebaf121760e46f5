"""Registering, editing, activating, deactivating, copying and deleting a client's scenarios.

A change is made of the version that was read, and written only if that is still the one; where
somebody else was faster it is made anew of what holds then. Names and slots are settled in the
same transaction.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ringpass.aws.dynamodb import ConditionFailed
from ringpass.clients.ceilings.model import Ceiling
from ringpass.clients.ceilings.store import CeilingRepository
from ringpass.clients.scenarios.model import (
    LONGEST_NAME,
    MOST_ACTIVE,
    SCENARIO_ID,
    Scenario,
    ScenarioStatus,
    Script,
)
from ringpass.clients.scenarios.store import NameInUse, NoSlot, ScenarioRepository, listed_at
from ringpass.clock import Clock, to_text
from ringpass.errors import (
    NameTaken,
    NotFound,
    ScenarioChanged,
    ScenarioSlotsTaken,
    Unavailable,
    invalid_field,
)
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, take
from ringpass.ids import scenario_id as new_scenario_id
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario

_CREATE: Final = "POST /v1/scenarios"
_COPY: Final = "POST /v1/scenarios/{id}/copy"
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{SCENARIO_ID.pattern}")
_FIELDS: Final = frozenset({"status", "limit", "cursor"})
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Made:
    """A scenario, and whether an earlier request with the same idempotency key made it."""

    scenario: Scenario
    replayed: bool


@dataclass(frozen=True, slots=True)
class ScenarioService:
    """Manages scenarios, each client's apart.

    Attributes:
        stack: Name of the stack.
        scenarios: The table's scenarios.
        ceilings: What the operator allows clients.
        clock: Tells the time.
    """

    stack: str
    scenarios: ScenarioRepository
    ceilings: CeilingRepository
    clock: Clock

    def one(self, client: str, scenario_id: str) -> Scenario:
        """The client's scenario.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        # What cannot be an id need not be looked up: a name's item is no scenario.
        known = SCENARIO_ID.fullmatch(scenario_id) is not None
        found = self.scenarios.get(client, scenario_id) if known else None
        if found is None:
            raise NotFound("There is no such scenario.")
        return found

    def page(self, client: str, query: Mapping[str, str]) -> Page[Scenario]:
        """A page of the client's scenarios, newest first; ``status`` leaves others out.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        given = Parameters(query, _FIELDS)
        wanted = f"one of {', '.join(ScenarioStatus)}"
        status = given.read("status", None, ScenarioStatus, wanted)
        before = given.cursor(to_text(self.clock() + timedelta(seconds=1)), _LISTED)
        limit = given.limit()
        given.check()
        rows = self.scenarios.of_client(client, before)
        return Page(*take(rows, lambda one: status in (None, one.status), limit, listed_at))

    def create(
        self, client: str, asked: "CreateScenario", idempotency_key: str | None = None
    ) -> Made:
        """Register a scenario; it is inactive.

        Raises:
            ValidationFailed: Two fields do not go together.
            NameTaken: Another scenario of the client has the name.
            InvalidHeader: The idempotency key cannot be one.
            IdempotencyKeyReused: It has served another request.
        """
        script = asked.script()
        self._check_key(client, script)
        new = self._new(client, script, _CREATE, idempotency_key, asked.model_dump_json())
        made = self._added(new)
        if made is None:
            raise _name_taken()
        return made

    def copy(
        self,
        client: str,
        scenario_id: str,
        asked: "CopyScenario",
        idempotency_key: str | None = None,
    ) -> Made:
        """Register a scenario, inactive, with the script of another one, whatever its status.

        Raises:
            NotFound: There is no such scenario.
            NameTaken: Another scenario of the client has the name.
            InvalidHeader: The idempotency key cannot be one.
            IdempotencyKeyReused: It has served another request.
        """
        old = self.one(client, scenario_id)
        body = f"{scenario_id} {asked.model_dump_json()}"
        for name in [asked.name] if asked.name else self._free_names(client, old.script.name):
            script = replace(old.script, name=name, otp_id=asked.otp_id)
            self._check_key(client, script)
            new = self._new(client, script, _COPY, idempotency_key, body)
            if made := self._added(replace(new, copy_of=scenario_id)):
                return made
        raise _name_taken()

    def replace(self, client: str, scenario_id: str, asked: "ReplaceScenario") -> Scenario:
        """Replace the script of an inactive scenario.

        Raises:
            NotFound: There is no such scenario.
            ValidationFailed: Two fields do not go together.
            ScenarioChanged: It was a change of another version.
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
            NameTaken: Another scenario of the client has the name.
        """
        script = asked.script()
        self._check_key(client, script)

        def edit(old: Scenario, now: str) -> Scenario:
            new = old.edited(script, now)
            if asked.version not in (None, old.version):
                raise ScenarioChanged("There is another version by now: read it first.")
            return new

        try:
            made = self._change(client, scenario_id, edit, self.scenarios.edit)
        except NameInUse:
            raise _name_taken() from None
        logger().info("scenario edited", scenario=made.id, client=client, version=made.version)
        return made

    def delete(self, client: str, scenario_id: str) -> Scenario:
        """Delete an inactive scenario, and give what it was.

        Raises:
            NotFound: There is no such scenario.
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
        """

        def same(old: Scenario, _now: str) -> Scenario:
            old.check_editable()
            return replace(old)

        gone = self._change(client, scenario_id, same, lambda old, _: self.scenarios.remove(old))
        logger().info("scenario deleted", scenario=gone.id, client=client)
        return gone

    def activate(self, client: str, scenario_id: str) -> Scenario:
        """Activate a scenario; harmless if it is active.

        Raises:
            NotFound: There is no such scenario.
            ScenarioDeactivated: It was active once.
            ScenarioIncomplete: It has no OTP id.
            ScenarioSlotsTaken: The account has as many active scenarios as it can have.
        """
        return self._change(client, scenario_id, Scenario.activated, self._activate)

    def _activate(self, old: Scenario, new: Scenario) -> None:
        ceiling = self._check_key(new.client, new.script)
        # Many at once hinder each other: whoever sees that there is no slot need not try.
        slots = MOST_ACTIVE if ceiling.scenario_slots is None else ceiling.scenario_slots
        if not slots or self.scenarios.is_full(new.script.key_field):
            raise _no_slot()
        try:
            self.scenarios.activate(old, new, slots)
        except NoSlot:
            raise _no_slot() from None
        logger().info("scenario activated", scenario=new.id, client=new.client)

    def deactivate(self, client: str, scenario_id: str) -> Scenario:
        """Deactivate a scenario for good; harmless if it is deactivated.

        Raises:
            NotFound: There is no such scenario.
            ScenarioNotActive: It is inactive.
        """
        made = self._change(client, scenario_id, Scenario.deactivated, self.scenarios.deactivate)
        logger().info("scenario deactivated", scenario=made.id, client=client)
        return made

    def _check_key(self, client: str, script: Script) -> Ceiling:
        """Refuse a key that the operator has not given to the client; gives the client's ceiling.

        Raises:
            ValidationFailed: On ``api_key``.
        """
        ceiling = self.ceilings.of(client)
        if not ceiling.allows_key(script.key_field):
            raise invalid_field(
                ["api_key"], "key_not_given", "the operator has not given this key to the client"
            )
        return ceiling

    def _change(
        self,
        client: str,
        scenario_id: str,
        make: Callable[[Scenario, str], Scenario],
        write: Callable[[Scenario, Scenario], None],
    ) -> Scenario:
        """Write what ``make`` makes of the scenario as it is, unless that is the same object."""
        for _ in range(_TRIES):
            old = self.one(client, scenario_id)
            new = make(old, to_text(self.clock()))
            if new is old:
                return old
            try:
                write(old, new)
            except ConditionFailed:
                continue  # Somebody else was faster.
            return new
        raise Unavailable("The table is too busy.")

    def _added(self, new: Scenario) -> Made | None:
        """The new scenario, or that of an earlier equal request; None if the name is taken."""
        try:
            self.scenarios.add(new)
        except ConditionFailed as failed:
            if failed.item is None:
                raise
            found = Scenario.from_item(failed.item)
            if found.fingerprint != new.fingerprint:
                raise key_reused_error() from None
            return Made(found, replayed=True)
        except NameInUse:
            return None
        logger().info("scenario created", scenario=new.id, client=new.client, copy_of=new.copy_of)
        return Made(new, replayed=False)

    def _free_names(self, client: str, name: str) -> Iterator[str]:
        """Names like this one that nobody has, a few of them: someone may take one meanwhile."""
        taken = {entry.name for entry in self.scenarios.entries(client)}
        found = 0
        for number in range(2, len(taken) + 2 + _TRIES):
            suffix = f" ({number})"
            candidate = name[: LONGEST_NAME - len(suffix)].rstrip() + suffix
            if candidate not in taken and found < _TRIES:
                found += 1
                yield candidate

    def _new(
        self, client: str, script: Script, route: str, idempotency_key: str | None, body: str
    ) -> Scenario:
        check_key(idempotency_key)
        now = to_text(self.clock())
        return Scenario(
            id=new_scenario_id(self.stack, client, route, idempotency_key),
            client=client,
            script=script,
            created_at=now,
            updated_at=now,
            fingerprint=hashlib.sha256(body.encode()).hexdigest(),
        )


def _name_taken() -> NameTaken:
    return NameTaken("Another scenario of yours has this name.")


def _no_slot() -> ScenarioSlotsTaken:
    return ScenarioSlotsTaken(
        "Two scenarios of this account at Bizfly are active, maybe another client's, or as many "
        "of yours as the operator allows. One of them must be deactivated first."
    )
