"""What webhooks cost: requests to the table, and messages."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from local.webhook_receiver import Answer, webhook_receiver
from tests.webhook_endpoints.post_office import PostOffice


@contextmanager
def counting(office: PostOffice) -> Iterator[Counter[str]]:
    """The requests to the table, and the messages that were sent, until the end of the block."""
    counted: Counter[str] = Counter()
    sent = len(office.messages)

    def count(**_: object) -> None:
        counted["requests"] += 1

    events = office.table.client.meta.events
    events.register("before-call.dynamodb", count)
    try:
        yield counted
    finally:
        events.unregister("before-call.dynamodb", count)
        counted["messages"] = len(office.messages) - sent


def test_an_event_without_endpoints_costs_one_request_a_batch(office: PostOffice) -> None:
    events = [office.write(f"ver_{number}", 1) for number in range(20)]
    with counting(office) as cost:
        office.fan_out.add(events)
    assert cost == {"requests": 1, "messages": 0}


def test_an_event_costs_two_requests_and_a_message_for_each_endpoint(office: PostOffice) -> None:
    with webhook_receiver() as receiver:
        for _ in range(3):
            office.register(receiver.url)
        event = office.write("ver_1", 1)
        with counting(office) as cost:
            office.fan_out.add([event])
    assert cost == {"requests": 1 + 3 * 2, "messages": 3}


def test_a_delivery_costs_eight_requests_and_a_failed_try_nine_and_a_message(
    office: PostOffice,
) -> None:
    answers = [Answer(500), Answer(), Answer()]
    with webhook_receiver(lambda _: answers.pop()) as receiver:
        office.register(receiver.url)
        for subject, requests, messages in (("ver_1", 8, 0), ("ver_2", 8, 0), ("ver_3", 9, 1)):
            office.happen(subject, 1)
            queued = len(office.messages)
            with counting(office) as cost:
                office.run()
            # The message that woke the lane is gone.
            assert cost == {"requests": requests, "messages": messages - queued}
