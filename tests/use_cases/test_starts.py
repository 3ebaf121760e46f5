"""Starting a verification for a phone that has one already, while limits count."""

import pytest

from ringpass.errors import LimitReached
from ringpass.providers.wire import HttpAnswer
from ringpass.starts import Started
from ringpass.verification import VerificationStatus
from ringpass.verification_commands import StartVerification
from tests.use_cases.conftest import World


def start(world: World) -> Started:
    reference = f"{len(world.wire.requests):012x}_117793"
    text = f'{{"ok":true,"caller_number":"74951091234","verification_uuid":"{reference}"}}'
    world.wire.answers = [HttpAnswer(200, text.encode())]
    command = StartVerification.from_mapping({"phone": "+79777777777"})
    return world.starts.start(command, "acme", None)


def test_a_start_before_its_pause_is_over_is_refused_and_leaves_the_open_one(world: World) -> None:
    first = start(world).verification
    world.clock.turn(seconds=5)
    with pytest.raises(LimitReached) as refused:
        start(world)
    assert refused.value.limit == "pauses"
    found = world.verifications.get(first.id)
    assert found is not None
    assert found.status is VerificationStatus.PENDING
    assert len(world.wire.requests) == 1


def test_a_start_after_its_pause_replaces_the_open_one(world: World) -> None:
    first = start(world).verification
    world.clock.turn(seconds=31)
    second = start(world).verification
    found = world.verifications.get(first.id)
    assert found is not None
    assert (found.status, found.replaced_by) == (VerificationStatus.CANCELED, second.id)
    assert len(world.wire.requests) == 2
