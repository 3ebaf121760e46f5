"""Delivery: order, retries, pauses, disabling, bulkheads; receivers are real, time is turned."""

import json
from collections import defaultdict
from contextlib import ExitStack, suppress
from datetime import timedelta
from random import Random

import pytest
from standardwebhooks.webhooks import Webhook

from local.webhook_receiver import Answer, Received, webhook_receiver
from ringpass.aws.dynamodb import Table
from ringpass.clock import from_text, to_text
from ringpass.events.model import STACK, EventType
from ringpass.webhook_endpoints.lanes_store import lane_of
from ringpass.webhook_endpoints.model import DisabledReason, EndpointStatus
from ringpass.webhook_endpoints.requests import ReplaceEndpoint, ReplayEvents
from ringpass.webhook_endpoints.retry_schedule import DELAYS, MOST_TRIES
from tests.audit_log import actor
from tests.webhook_endpoints.post_office import KEY, PostOffice

DAY = timedelta(days=1)
NOWHERE = "http://127.0.0.1:1/hook"


def facts_in(received: list[Received]) -> list[tuple[str, int]]:
    bodies = [json.loads(request.body) for request in received]
    return [(body["subject"], body["sequence"]) for body in bodies]


def by_subject(received: list[Received]) -> dict[str, list[int]]:
    sequences: dict[str, list[int]] = defaultdict(list)
    for subject, sequence in facts_in(received):
        sequences[subject].append(sequence)
    return sequences


def test_an_event_is_posted_once_signed_and_equal_to_what_the_api_lists(
    office: PostOffice,
) -> None:
    with webhook_receiver() as receiver:
        endpoint = office.register(receiver.url)
        event = office.happen("dlv_1", 1)
        office.run()
        office.run(DAY)
    [request] = receiver.received
    assert json.loads(request.body) == event.body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == event.id
    assert request.headers["webhook-timestamp"] == str(int(from_text(event.timestamp).timestamp()))
    assert "ringpass-replay" not in request.headers
    [attempt] = office.tries(endpoint)
    assert (attempt.event_id, attempt.attempt, attempt.http_status) == (event.id, 1, 204)
    assert (attempt.error, attempt.next_at) == (None, None)
    assert office.is_at_rest()


def test_events_come_in_order_though_the_stream_has_them_in_any_order_and_twice(
    office: PostOffice,
) -> None:
    random = Random(12)  # noqa: S311 - the same order in each run
    with webhook_receiver() as receiver:
        office.register(receiver.url)
        events = [office.write(f"ver_{one}", number) for one in range(6) for number in (1, 2, 3, 4)]
        stream = events + random.sample(events, 12)
        random.shuffle(stream)
        for event in stream:
            office.fan_out.add([event])
            if random.random() < 0.5:
                office.run()
        office.run()
    expected = {f"ver_{one}": [1, 2, 3, 4] for one in range(6)}
    assert by_subject(receiver.received) == expected
    assert office.is_at_rest()


def test_only_what_an_endpoint_subscribes_to_and_what_is_its_client_s(office: PostOffice) -> None:
    with ExitStack() as servers:
        own = servers.enter_context(webhook_receiver())
        rival = servers.enter_context(webhook_receiver())
        office.register(own.url, "verification.*", "limit.refused")
        office.register(rival.url, client="rival")
        office.happen("ver_1", 1, type_=EventType.VERIFICATION_STARTED)
        office.happen("dlv_1", 1, type_=EventType.DELIVERY_ACCEPTED)
        office.happen("ver_1", 2, type_=EventType.VERIFICATION_APPROVED)
        office.happen("stack", 1, type_=EventType.LIMIT_REFUSED, client=STACK)
        office.happen("whe_1", 1, type_=EventType.PING)
        office.run()
    assert sorted(facts_in(own.received)) == [("stack", 1), ("ver_1", 1), ("ver_1", 2)]
    assert facts_in(rival.received) == [("stack", 1)]
    assert office.is_at_rest()


def test_what_happened_before_an_endpoint_was_there_is_not_delivered(office: PostOffice) -> None:
    office.happen("ver_1", 1)
    office.clock.turn(1)
    with webhook_receiver() as receiver:
        office.register(receiver.url)
        office.happen("ver_1", 2)
        office.run()
    assert facts_in(receiver.received) == [("ver_1", 2)]


def test_a_failed_event_is_tried_ten_times_over_three_days_and_holds_up_only_its_subject(
    office: PostOffice,
) -> None:
    def answer(request: Received) -> Answer:
        return Answer(500 if json.loads(request.body)["subject"] == "ver_bad" else 200)

    with webhook_receiver(answer) as receiver:
        endpoint = office.register(receiver.url)
        bad, next_ = office.happen("ver_bad", 1), office.happen("ver_bad", 2)
        office.run()
        office.happen("ver_good", 1)
        office.run(timedelta(days=4))
    good = [pair for pair in facts_in(receiver.received) if pair[0] == "ver_good"]
    assert good == [("ver_good", 1)]
    tries = office.tries(endpoint, event=bad.id)
    assert [one.attempt for one in tries] == list(range(1, MOST_TRIES + 1))
    assert {(one.http_status, one.error) for one in tries} == {(500, "http_500")}
    for this, following, delay in zip(tries, tries[1:], DELAYS, strict=False):
        wait = from_text(following.at) - from_text(this.at)
        # The jitter, and the five minutes after which a pause of the endpoint ends.
        assert delay <= wait <= 1.1 * delay + timedelta(minutes=6)
        assert this.next_at is not None
        assert this.next_at <= following.at
    assert tries[-1].next_at is None
    # The endpoint has taken another event meanwhile: it stays, and the subject goes on.
    assert office.service.queries.get("acme", endpoint.id).is_enabled
    assert len(office.tries(endpoint, event=next_.id)) > 0


def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_and_that_is_an_event(
    office: PostOffice,
) -> None:
    with webhook_receiver() as other:
        endpoint = office.register(NOWHERE)
        office.register(other.url, "webhook_endpoint.*")
        event = office.happen("ver_1", 1)
        office.run(timedelta(days=5))
        disabled = office.service.queries.get("acme", endpoint.id)
        assert (disabled.status, disabled.disabled_reason) == ("disabled", DisabledReason.FAILING)
        tries = office.tries(endpoint, event=event.id)
        assert [one.attempt for one in tries] == list(range(1, MOST_TRIES + 1))
        assert {one.error for one in tries} == {"connect_failed"}
        [fact] = office.events.list_by_subject(endpoint.id)
        assert (fact.type, fact.sequence) == (EventType.WEBHOOK_ENDPOINT_DISABLED, 1)
        assert fact.body["data"]["status"] == "disabled"  # type: ignore[typeddict-item]
        office.fan_out.add([fact])
        office.happen("ver_1", 2)
        office.run()
    assert facts_in(other.received) == [(endpoint.id, 1)]
    assert office.is_at_rest()


def test_410_disables_at_once_and_nothing_more_is_sent(office: PostOffice) -> None:
    with webhook_receiver(lambda _: Answer(410)) as receiver:
        endpoint = office.register(receiver.url)
        for subject in ("ver_1", "ver_2", "ver_3"):
            office.happen(subject, 1)
            office.happen(subject, 2)
        office.run(DAY)
    assert len(receiver.received) == 1
    disabled = office.service.queries.get("acme", endpoint.id)
    assert (disabled.status, disabled.disabled_reason) == ("disabled", DisabledReason.GONE)
    assert office.is_at_rest()


def test_an_endpoint_that_gets_another_url_while_the_old_one_says_410_stays(
    office: PostOffice,
) -> None:
    with webhook_receiver() as new:

        def move(_: Received) -> Answer:
            command = ReplaceEndpoint(url=new.url)
            office.service.replace(actor("acme"), endpoint.id, command)
            return Answer(410)

        with webhook_receiver(move) as old:
            endpoint = office.register(old.url)
            office.happen("ver_1", 1)
            office.happen("ver_1", 2)
            office.run()
    assert facts_in(old.received) == [("ver_1", 1)]
    assert facts_in(new.received) == [("ver_1", 1), ("ver_1", 2)]
    assert office.service.queries.get("acme", endpoint.id).is_enabled
    assert office.is_at_rest()


@pytest.mark.parametrize("header", ["3600", "Sat, 21 Nov 2026 09:30:00 GMT"])
def test_retry_after_is_kept_and_holds_for_the_whole_endpoint(
    office: PostOffice, header: str
) -> None:
    answers = [Answer(429, {"Retry-After": header})]
    with webhook_receiver(lambda _: answers.pop() if answers else Answer()) as receiver:
        endpoint = office.register(receiver.url)
        event = office.happen("ver_1", 1)
        office.run()
        office.happen("ver_2", 1)
        office.run(timedelta(minutes=59))
        assert len(receiver.received) == 1
        office.run(timedelta(minutes=10))
    assert sorted(facts_in(receiver.received)[1:]) == [("ver_1", 1), ("ver_2", 1)]
    [first, second] = office.tries(endpoint, event=event.id)
    assert from_text(second.at) - from_text(first.at) >= timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(301, {"Location": "http://127.0.0.1:1/"}), "http_301"),
        (Answer(404), "http_404"),
        (Answer(500, body=b"x" * 1_000_000), "http_500"),
        (Answer(503, {"Retry-After": "soon"}), "http_503"),
    ],
)
def test_what_is_no_success(office: PostOffice, answer: Answer, error: str) -> None:
    with webhook_receiver(lambda _: answer) as receiver:
        endpoint = office.register(receiver.url)
        office.happen("ver_1", 1)
        office.run()
    assert len(receiver.received) == 1
    [attempt] = office.tries(endpoint)
    assert attempt.error == error
    assert attempt.next_at is not None


def test_a_day_down_then_slow_then_410_and_the_others_notice_nothing(office: PostOffice) -> None:
    phase = "down"

    def answer(request: Received) -> Answer:
        if phase == "down":
            return Answer(503)
        if phase == "slow":
            office.clock.turn(14)
        return Answer(410 if phase == "gone" else 200)

    with ExitStack() as servers:
        weak = servers.enter_context(webhook_receiver(answer))
        strong = servers.enter_context(webhook_receiver())
        endpoint, other = office.register(weak.url), office.register(strong.url)
        written: dict[str, list[int]] = defaultdict(list)
        for number in range(6):
            for subject in (f"ver_{number}", f"ver_{max(number - 1, 0)}"):
                written[subject].append(len(written[subject]) + 1)
                office.happen(subject, written[subject][-1])
            office.run(timedelta(hours=4))
        down = len(weak.received)
        phase = "slow"
        office.run(timedelta(days=3))
        delivered = by_subject(weak.received[down:])
        assert delivered == written
        assert office.is_at_rest()
        phase = "gone"
        office.happen("ver_last", 1)
        office.happen("ver_last", 2)
        office.run(DAY)
        assert not office.service.queries.get("acme", endpoint.id).is_enabled
        # What was missed can be had again, also by the endpoint that is disabled.
        phase = "well"
        before = len(weak.received)
        replay = ReplayEvents(subject="ver_last")
        assert office.redelivery.replay("acme", endpoint.id, replay) == 2
        office.run()
    assert by_subject(weak.received[before:]) == {"ver_last": [1, 2]}
    # The other endpoint got each event in its first try, within a second of its time.
    waits = {one.attempt for one in office.tries(other)}
    assert waits == {1}
    assert by_subject(strong.received) == written | {"ver_last": [1, 2]}
    for one in office.tries(other):
        event = office.events.get(one.event_id)
        assert event is not None
        assert from_text(one.at) - from_text(event.timestamp) <= timedelta(seconds=1)


def test_a_dead_endpoint_is_asked_seldom_however_much_happens(office: PostOffice) -> None:
    endpoint = office.register(NOWHERE)
    for number in range(60):
        office.happen(f"ver_{number}", 1)
        office.run(timedelta(seconds=30))
    # Half an hour: without a pause it would be some 180 tries. With it, each of the eight lanes
    # tries one event in five minutes.
    assert len(office.tries(endpoint)) < 70


def test_a_slow_endpoint_keeps_one_function_a_lane_busy_for_its_time_only(
    office: PostOffice,
) -> None:
    def slow(_: Received) -> Answer:
        office.clock.turn(14)
        return Answer()

    with webhook_receiver(slow) as receiver:
        endpoint = office.register(receiver.url)
        subjects = [f"ver_{one}" for one in range(60)]
        lane = lane_of(endpoint, subjects[0])
        same_lane = [one for one in subjects if lane_of(endpoint, one) == lane]
        for subject in same_lane:
            office.happen(subject, 1)
        assert len(office.messages) >= 1
        office.dispatcher.work(lane)
        # It begins no request after 30 seconds, and gives the lane back.
        assert len(receiver.received) == min(3, len(same_lane))
        office.run(timedelta(hours=1))
    assert len(receiver.received) == len(same_lane)
    assert office.is_at_rest()


def test_while_a_function_works_on_a_lane_no_other_does_and_new_work_is_not_overlooked(
    office: PostOffice,
) -> None:
    inner: list[int] = []

    def answer(request: Received) -> Answer:
        if json.loads(request.body)["sequence"] == 1:
            # Meanwhile the next event comes, and its message reaches another function.
            office.happen("ver_1", 2)
            office.dispatcher.work(lane)
            inner.append(len(receiver.received))
        return Answer()

    with webhook_receiver(answer) as receiver:
        endpoint = office.register(receiver.url)
        lane = lane_of(endpoint, "ver_1")
        office.happen("ver_1", 1)
        office.messages.clear()
        office.dispatcher.work(lane)
    assert inner == [1]
    assert facts_in(receiver.received) == [("ver_1", 1), ("ver_1", 2)]
    assert office.is_at_rest()


def test_a_function_that_dies_at_any_request_of_its_own_loses_no_event(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dies(Exception):
        pass

    original = office.table.client._make_api_call  # type: ignore[attr-defined]
    with webhook_receiver() as receiver:
        office.register(receiver.url)
        for at in range(1, 9):
            for after in (False, True):
                subject = f"ver_{at}_{after}"
                office.happen(subject, 1)
                office.happen(subject, 2)
                calls = 0

                def call(
                    name: str, arguments: object, at: int = at, *, after: bool = after
                ) -> object:
                    nonlocal calls
                    calls += 1
                    if calls == at and not after:
                        raise Dies
                    result = original(name, arguments)
                    if calls == at:
                        raise Dies
                    return result

                monkeypatch.setattr(office.table.client, "_make_api_call", call)
                with suppress(Dies):
                    office.run()
                monkeypatch.undo()
                # The lease ends; the message is lost, and the sweeper finds the lane.
                office.clock.turn(3600)
                office.messages.clear()
                office.sweeper.run()
                office.run()
                once = sorted(set(by_subject(receiver.received)[subject]))
                assert once == [1, 2]
    assert office.is_at_rest()


def test_secrets_rotate_with_an_overlap(office: PostOffice) -> None:
    def verifies(request: Received, secret: str) -> bool:
        signatures = request.headers["webhook-signature"].split(" ")
        at = office.clock.now
        expected = Webhook(secret).sign(
            request.headers["webhook-id"],
            at.fromtimestamp(int(request.headers["webhook-timestamp"]), at.tzinfo),
            request.body.decode(),
        )
        return expected in signatures

    with webhook_receiver() as receiver:
        endpoint = office.register(receiver.url)
        old = office.service.secret(endpoint).reveal()
        rotated = office.service.rotate(actor("acme"), endpoint.id, 60)
        new = office.service.secret(rotated).reveal()
        assert new != old
        office.happen("ver_1", 1)
        office.run(timedelta(seconds=61))
        office.happen("ver_1", 2)
        office.run()
        at_once = office.service.rotate(actor("acme"), endpoint.id, 0)
        office.happen("ver_1", 3)
        office.run()
    during, after, last = receiver.received
    assert verifies(during, old)
    assert verifies(during, new)
    assert not verifies(after, old)
    assert verifies(after, new)
    assert not verifies(last, new)
    assert verifies(last, office.service.secret(at_once).reveal())


def test_a_deleted_endpoint_gets_nothing_more(office: PostOffice, table: Table) -> None:
    with webhook_receiver(lambda _: Answer(500)) as receiver:
        endpoint = office.register(receiver.url)
        office.happen("ver_1", 1)
        office.run()
        office.service.delete(actor("acme"), endpoint.id)
        office.run(DAY)
    assert len(receiver.received) == 1
    assert office.is_at_rest()


def test_enabling_begins_anew(office: PostOffice) -> None:
    answers = [Answer(410)]
    with webhook_receiver(lambda _: answers.pop() if answers else Answer()) as receiver:
        endpoint = office.register(receiver.url)
        office.happen("ver_1", 1)
        office.run(DAY)
        office.happen("ver_1", 2)
        office.run(DAY)
        enabled = office.service.enable(actor("acme"), endpoint.id)
        assert (enabled.status, enabled.disabled_reason) == (EndpointStatus.ENABLED, None)
        office.happen("ver_1", 3)
        office.run(DAY)
    assert facts_in(receiver.received) == [("ver_1", 1), ("ver_1", 3)]
    assert enabled.active_since == to_text(from_text(enabled.updated_at))
    assert KEY.reveal() not in repr(office.dispatcher)
