"""Feedback: the client says whether the code of its single send was verified."""

from dataclasses import replace
from itertools import permutations, product

import pytest
from botocore.model import OperationModel

from ringpass.clients.settings.model import ClientSettings
from ringpass.deliveries.feedback import FeedbackRecorder
from ringpass.deliveries.model import Delivery, Source, derive_change
from ringpass.deliveries.requests import PasswordCall
from ringpass.errors import FeedbackConflict, NotFound
from ringpass.limits.settings import FraudBudget, HourlyBudget, LimitSettings, Mode
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse
from ringpass.verifications.requests import StartVerification
from tests.deliveries.test_failover import Providers, providers
from tests.deliveries.test_failover import send as send_message
from tests.deliveries.test_model import ANSWERED, REPLY, applied, feedback, learnt, reserved
from tests.stored_settings import store_settings
from tests.world import ACCEPTED, World, after_first

__all__ = ["providers"]

AFTER_CALL = {"verified": True, "verified_at": "2026-11-21T08:31:00.000Z"}


@pytest.fixture
def recorder(world: World) -> FeedbackRecorder:
    return FeedbackRecorder(world.deliveries, world.clock)


def send(world: World, client: str = "acme", phone: str = "+79777777777") -> Delivery:
    world.wire.answers = [ACCEPTED]
    delivery = world.calls.send(
        PasswordCall.from_mapping({"phone": phone, "code": "1234"}), client, None
    ).delivery
    world.clock.turn(minutes=1)
    return delivery


# ----------------------------------------------------------------------------------- state machine


def test_feedback_stands_in_the_history_and_changes_no_status() -> None:
    delivery = learnt(REPLY, ANSWERED, feedback(verified=True))
    assert (delivery.status, delivery.verified) == (Status.ANSWERED, True)
    last = delivery.history[-1]
    assert (last.status, last.reason, last.source) == (
        Status.ANSWERED,
        "verified",
        Source.FEEDBACK,
    )


@pytest.mark.parametrize("verified", [True, False])
def test_repeated_feedback_changes_nothing(verified: bool) -> None:
    once = learnt(REPLY, feedback(verified=verified))
    assert learnt(REPLY, *[feedback(verified=verified)] * 3) == once


def test_verified_is_final_and_not_verified_is_not() -> None:
    right, wrong = feedback(verified=True), feedback(verified=False)
    corrected = learnt(REPLY, wrong, right)
    assert (corrected.verified, corrected.verified_at) == (True, right.at)
    assert [entry.reason for entry in corrected.history[-2:]] == ["not_verified", "verified"]
    late = learnt(REPLY, right, wrong)
    assert (late.verified, len(late.history)) == (True, 3)


def test_feedback_and_the_provider_s_facts_come_in_any_order() -> None:
    facts = (REPLY, ANSWERED, feedback(verified=False), feedback(verified=True))
    for order in permutations(facts):
        delivery = learnt(*order)
        assert (delivery.status, delivery.verified) == (Status.ANSWERED, True)


@pytest.mark.parametrize(("first", "second"), [*product([True, False], repeat=2)])
def test_facts_of_one_write_say_what_those_of_two_say(first: bool, second: bool) -> None:
    facts = [feedback(verified=first), feedback(verified=second)]
    at_once = applied(reserved(), derive_change(reserved().snapshot, facts))
    one_by_one = learnt(*facts)
    assert replace(at_once, version=one_by_one.version) == one_by_one


# ---------------------------------------------------------------------------------------- use case


def test_a_single_send_is_verified_once(world: World, recorder: FeedbackRecorder) -> None:
    sent = send(world)
    assert (sent.verified, sent.verified_at) == (None, None)
    first = recorder.record(sent.id, "acme", verified=True)
    assert (first.verified, first.verified_at) == (True, AFTER_CALL["verified_at"])
    assert first.version == sent.version + 1
    world.clock.turn(hours=1)
    assert recorder.record(sent.id, "acme", verified=True) == first
    assert world.deliveries.get(sent.id) == first


def test_feedback_costs_a_read_and_an_update_and_repeated_a_read(
    world: World, recorder: FeedbackRecorder
) -> None:
    sent, requests = send(world), list[str]()

    def count(model: OperationModel, **_: object) -> None:
        requests.append(model.name)

    world.table.client.meta.events.register("before-call.dynamodb", count)
    for expected in (["GetItem", "UpdateItem"], ["GetItem"]):
        recorder.record(sent.id, "acme", verified=True)
        assert requests == expected
        requests.clear()


def test_a_code_that_was_not_verified_may_be_later_and_not_the_other_way_round(
    world: World, recorder: FeedbackRecorder
) -> None:
    sent = send(world)
    wrong = recorder.record(sent.id, "acme", verified=False)
    assert (wrong.verified, wrong.verified_at) == (False, None)
    assert recorder.record(sent.id, "acme", verified=False) == wrong
    right = recorder.record(sent.id, "acme", verified=True)
    with pytest.raises(FeedbackConflict) as refusal:
        recorder.record(sent.id, "acme", verified=False)
    assert refusal.value.status == 409
    assert world.deliveries.get(sent.id) == right


def test_nobody_gives_feedback_to_another_client_s_delivery(
    world: World, recorder: FeedbackRecorder
) -> None:
    sent = send(world, client="other")
    for delivery_id in (sent.id, "dlv_" + "a" * 32, "x" * 3_000, ""):
        with pytest.raises(NotFound):
            recorder.record(delivery_id, "acme", verified=True)
    assert world.deliveries.get(sent.id) == sent


def test_of_a_verification_s_delivery_ringpass_knows_itself(
    world: World, recorder: FeedbackRecorder
) -> None:
    world.wire.answers = [ACCEPTED]
    start = StartVerification.from_mapping(
        {"phone": "+79777777777", "code": "1234", "workflow": [{"channel": "password_call"}]}
    )
    [delivery] = world.starts.start(start, "acme", None).deliveries
    for verified in (True, False):
        with pytest.raises(FeedbackConflict):
            recorder.record(delivery.id, "acme", verified=verified)
    assert world.deliveries.get(delivery.id) == delivery


def test_feedback_of_a_send_that_failed_over_is_that_of_its_last_delivery(
    world: World, recorder: FeedbackRecorder, providers: Providers
) -> None:
    providers.caresoft = HttpResponse(422, b'{"code":"errors","message":"no"}')
    last = send_message(world, providers, first="caresoft").delivery
    assert last.retry_of is not None
    recorded = recorder.record(last.retry_of, "acme", verified=True)
    assert (recorded.id, recorded.verified) == (last.id, True)
    assert recorder.record(last.id, "acme", verified=True) == recorded
    first = world.deliveries.get(last.retry_of)
    assert first is not None
    assert first.verified is None
    # The repeated send is counted where the first one was.
    assert first.unverified == last.unverified is not None


def test_feedback_and_a_cdr_at_the_same_time_are_both_recorded(
    world: World, recorder: FeedbackRecorder
) -> None:
    sent = send(world)
    with after_first("GetItem", lambda: world.cdr(16, "ANSWER")):
        recorded = recorder.record(sent.id, "acme", verified=True)
    assert (recorded.status, recorded.verified) == (Status.ANSWERED, True)
    assert [entry.source for entry in recorded.history] == ["request", "reply", "cdr", "feedback"]


def test_two_that_give_feedback_at_once_write_one_line(
    world: World, recorder: FeedbackRecorder
) -> None:
    sent = send(world)
    with after_first("GetItem", lambda: recorder.record(sent.id, "acme", verified=True)):
        recorded = recorder.record(sent.id, "acme", verified=True)
    assert recorded.version == sent.version + 1
    other = send(world, phone="+79777777778")
    with (
        after_first("GetItem", lambda: recorder.record(other.id, "acme", verified=True)),
        pytest.raises(FeedbackConflict),
    ):
        recorder.record(other.id, "acme", verified=False)


def test_a_single_send_keeps_where_the_fraud_budget_counts_it(world: World) -> None:
    assert send(world).unverified == {"day": "2026-11-21", "shard": 0, "single": True}
    off = ClientSettings(limits=LimitSettings(fraud_budget=FraudBudget(Mode.OFF)))
    store_settings(world.table, "other", off)
    assert send(world, client="other").unverified is None


def test_a_single_send_beyond_a_budget_that_only_records_is_sent_and_recorded(
    world: World,
) -> None:
    budget = FraudBudget(Mode.RECORD, country_least=0, sends_least=0)
    settings = ClientSettings(limits=LimitSettings(fraud_budget=budget))
    store_settings(world.table, "acme", settings)
    assert send(world).status is Status.ACCEPTED
    refusals = world.parts.password_call.planner.refusals
    [decision] = refusals.of_client("acme", "0", "9", refused=False)
    assert (decision.limit, decision.starts) == ("fraud_budget_country", False)
    assert (decision.verification_id, decision.step) == (None, None)


def test_a_start_beyond_what_an_hour_may_have_is_recorded_with_it(world: World) -> None:
    budget = FraudBudget(hourly=HourlyBudget(Mode.RECORD, country_least=0))
    settings = ClientSettings(limits=LimitSettings(fraud_budget=budget))
    store_settings(world.table, "acme", settings)
    world.wire.answers = [ACCEPTED]
    start = StartVerification.from_mapping(
        {"phone": "+79777777777", "workflow": [{"channel": "password_call"}]}
    )
    verification = world.starts.start(start, "acme", None).verification
    refusals = world.parts.password_call.planner.refusals
    [decision] = refusals.of_client("acme", "0", "9", refused=False)
    assert (decision.limit, decision.refused) == ("fraud_budget_country_hour", False)
    assert (decision.verification_id, decision.step) == (verification.id, 0)
    assert verification.decision is None
    stored = world.verifications.get(verification.id)
    assert stored is not None
    assert stored.decision is not None
    assert [each["limit"] for each in stored.decision["would_refuse"]] == [decision.limit]
    assert list(refusals.of_client("acme", "0", "9")) == []
