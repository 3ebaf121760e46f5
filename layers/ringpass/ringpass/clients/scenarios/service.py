"""Registers, edits, activates, deactivates, copies and deletes a client's scenarios.

Optimistic lock: a change is written only if the version that was read is still stored; otherwise it
is made again from the new version. Names and slots change in the same transaction, which also has
the entry of the audit log.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.transaction import ConditionsFailed, Put
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
from ringpass.clients.scenarios.store import SCENARIO, NameInUse, NoSlot, ScenarioRepository
from ringpass.clock import Clock, to_text
from ringpass.errors import (
    NameTaken,
    NotFound,
    ScenarioChanged,
    ScenarioSlotsTaken,
    invalid_field,
)
from ringpass.http.actor import Actor
from ringpass.http.idempotency import Result, check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.ids import scenario_id as new_scenario_id
from ringpass.observability import logger

if TYPE_CHECKING:
    from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario

_CREATE: Final = "POST /v1/scenarios"
_COPY: Final = "POST /v1/scenarios/{id}/copy"
_POSITION: Final = position_pattern(SCENARIO_ID)
_PARAMETERS: Final = frozenset({"status", "limit", "cursor"})
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class ScenarioService:
    """Manages the scenarios of each client.

    Attributes:
        stack: Name of the stack.
        scenarios: Repository of scenarios.
        ceilings: Repository of ceilings.
        clock: Tells the time.
    """

    stack: str
    scenarios: ScenarioRepository
    ceilings: CeilingRepository
    clock: Clock

    def get(self, client: str, scenario_id: str) -> Scenario:
        """Read one of the client's scenarios.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        # Only an id is read: the item of a name is no scenario.
        is_id = SCENARIO_ID.fullmatch(scenario_id) is not None
        scenario = self.scenarios.get(client, scenario_id) if is_id else None
        if scenario is None:
            raise NotFound("There is no such scenario.")
        return scenario

    def page(self, client: str, query: Mapping[str, str]) -> Page[Scenario]:
        """Return a page of the client's scenarios, newest first; ``status`` filters.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        params = Parameters(query, _PARAMETERS)
        status = params.choice("status", ScenarioStatus)
        before = params.cursor(_POSITION)
        limit = params.limit()
        params.check()
        rows = self.scenarios.for_client(client, before)
        return take_page(rows, limit, listed_at, lambda scenario: status in (None, scenario.status))

    def create(
        self, actor: Actor, command: "CreateScenario", idempotency_key: str | None = None
    ) -> Result[Scenario]:
        """Register an inactive scenario.

        Raises:
            ValidationFailed: Two fields do not fit together.
            NameTaken: Another scenario of the client has the name.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The idempotency key was used for another request.
        """
        client, script = actor.client, command.to_script()
        self._check_key(client, script)
        new = self._draft(client, script, _CREATE, idempotency_key, command.model_dump_json())
        result = self._add(actor, new)
        if result is None:
            raise _name_taken()
        return result

    def copy(
        self,
        actor: Actor,
        scenario_id: str,
        command: "CopyScenario",
        idempotency_key: str | None = None,
    ) -> Result[Scenario]:
        """Register an inactive scenario with the script of another one of any status.

        Raises:
            NotFound: There is no such scenario.
            NameTaken: Another scenario of the client has the name.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The idempotency key was used for another request.
        """
        client = actor.client
        old = self.get(client, scenario_id)
        body = f"{scenario_id} {command.model_dump_json()}"
        for name in [command.name] if command.name else self._free_names(client, old.script.name):
            script = replace(old.script, name=name, otp_id=command.otp_id)
            self._check_key(client, script)
            new = self._draft(client, script, _COPY, idempotency_key, body)
            if result := self._add(actor, replace(new, copy_of=scenario_id)):
                return result
        raise _name_taken()

    def replace(self, actor: Actor, scenario_id: str, command: "ReplaceScenario") -> Scenario:
        """Replace the script of an inactive scenario.

        Raises:
            NotFound: There is no such scenario.
            ValidationFailed: Two fields do not fit together.
            ScenarioChanged: The change is based on another version.
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
            NameTaken: Another scenario of the client has the name.
        """
        script = command.to_script()
        self._check_key(actor.client, script)

        def edit(old: Scenario, now: str) -> Scenario:
            new = old.edited(script, now)
            if command.version not in (None, old.version):
                raise ScenarioChanged("There is another version by now: read it first.")
            return new

        try:
            scenario = self._change(actor, scenario_id, Action.REPLACED, edit, self.scenarios.edit)
        except NameInUse:
            raise _name_taken() from None
        logger().info(
            "scenario edited",
            scenario=scenario.id,
            client=scenario.client,
            version=scenario.version,
        )
        return scenario

    def delete(self, actor: Actor, scenario_id: str) -> Scenario:
        """Delete an inactive scenario; return its last version.

        Raises:
            NotFound: There is no such scenario.
            ScenarioActive: It is active.
            ScenarioDeactivated: It was active once.
        """

        def copy_editable(old: Scenario, _now: str) -> Scenario:
            old.check_editable()
            return replace(old)

        scenario = self._change(
            actor,
            scenario_id,
            Action.DELETED,
            copy_editable,
            lambda old, _, entry: self.scenarios.remove(old, entry),
        )
        logger().info("scenario deleted", scenario=scenario.id, client=scenario.client)
        return scenario

    def activate(self, actor: Actor, scenario_id: str) -> Scenario:
        """Activate a scenario; no effect if it is active.

        Raises:
            NotFound: There is no such scenario.
            ScenarioDeactivated: It was active once.
            ScenarioIncomplete: It has no OTP id.
            ScenarioSlotsTaken: The account has no free slot for an active scenario.
        """
        return self._change(
            actor, scenario_id, Action.ACTIVATED, Scenario.activated, self._activate
        )

    def _activate(self, old: Scenario, new: Scenario, entry: Put) -> None:
        ceiling = self._check_key(new.client, new.script)
        # Concurrent transactions conflict: without a free slot none is started.
        slots = MOST_ACTIVE if ceiling.scenario_slots is None else ceiling.scenario_slots
        if not slots or self.scenarios.is_full(new.script.key_field):
            raise _no_slot()
        try:
            self.scenarios.activate(old, new, entry, slots)
        except NoSlot:
            raise _no_slot() from None
        logger().info("scenario activated", scenario=new.id, client=new.client)

    def deactivate(self, actor: Actor, scenario_id: str) -> Scenario:
        """Deactivate a scenario for good; no effect if it is deactivated.

        Raises:
            NotFound: There is no such scenario.
            ScenarioNotActive: It is inactive.
        """
        scenario = self._change(
            actor,
            scenario_id,
            Action.DEACTIVATED,
            Scenario.deactivated,
            self.scenarios.deactivate,
        )
        logger().info("scenario deactivated", scenario=scenario.id, client=scenario.client)
        return scenario

    def _check_key(self, client: str, script: Script) -> Ceiling:
        """Refuse a key that the operator has not given to the client; return the client's ceiling.

        Raises:
            ValidationFailed: On ``api_key``.
        """
        ceiling = self.ceilings.get(client)
        if not ceiling.allows_key(script.key_field):
            raise invalid_field(
                ["api_key"], "key_not_given", "the operator has not given this key to the client"
            )
        return ceiling

    def _change(
        self,
        actor: Actor,
        scenario_id: str,
        action: Action,
        transition: Callable[[Scenario, str], Scenario],
        write: Callable[[Scenario, Scenario, Put], None],
    ) -> Scenario:
        """Write the result of ``transition``, unless it is the current scenario itself."""

        def attempt() -> Scenario:
            old, now = self.get(actor.client, scenario_id), to_text(self.clock())
            new = transition(old, now)
            if new is not old:
                kept = None if action is Action.DELETED else new
                change = Change.between(Resource.SCENARIO, old.id, action, old, kept)
                write(old, new, audit_entry(actor, change, now))
            return new

        return retry_on_conflict(attempt, "The table is too busy.", tries=_TRIES, tag=SCENARIO)

    def _add(self, actor: Actor, new: Scenario) -> Result[Scenario] | None:
        """Return the new scenario or that of an equal earlier request; None: the name is taken."""
        change = Change.between(Resource.SCENARIO, new.id, Action.CREATED, None, new)
        try:
            self.scenarios.add(new, audit_entry(actor, change, new.created_at))
        except ConditionsFailed as refusal:
            item = refusal.items[SCENARIO]
            if item is None:
                raise
            existing = Scenario.from_item(item)
            if existing.fingerprint != new.fingerprint:
                raise key_reused_error() from None
            return Result(existing, replayed=True)
        except NameInUse:
            return None
        logger().info("scenario created", scenario=new.id, client=new.client, copy_of=new.copy_of)
        return Result(new, replayed=False)

    def _free_names(self, client: str, name: str) -> Iterator[str]:
        """Yield a few free names like this one: another request may take one meanwhile."""
        names = {entry.name for entry in self.scenarios.entries(client)}
        count = 0
        for number in range(2, len(names) + 2 + _TRIES):
            suffix = f" ({number})"
            candidate = name[: LONGEST_NAME - len(suffix)].rstrip() + suffix
            if candidate not in names and count < _TRIES:
                count += 1
                yield candidate

    def _draft(
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
