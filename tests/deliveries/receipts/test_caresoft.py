"""What CareSoft tells of tickets: kept, and joined with the message that it is about, or left."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ringpass.aws.due_index import DueIndex
from ringpass.background.outbox import Outbox
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.deliveries.receipts.replay import Replays
from ringpass.deliveries.requests import Zns
from ringpass.errors import Unauthorized, Unavailable
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.caresoft.webhook import signature_of
from ringpass.redaction import Secret
from ringpass.wiring.replay import PROVIDERS
from tests.world import World, after_first

SECRET = Secret("CS123")
PHONE, OTHER = "+84983912148", "+84983912149"


def reply(ticket: int) -> HttpResponse:
    return HttpResponse(
        200, json.dumps({"status": "OK", "ticket": {"ticketId": str(ticket)}}).encode()
    )


def send(
    world: World, ticket: int = 297_002, *, phone: str = PHONE, names_ticket: bool = False
) -> Delivery:
    """A message, in a ticket that CareSoft makes for it, or in one that is given."""
    world.wire.answers = [reply(ticket)]
    fields: dict[str, Any] = {"phone": phone, "template": 366, "params": {"otp": "482915"}}
    command = Zns.from_mapping(fields | ({"ticket_id": ticket} if names_ticket else {}))
    return world.messages.send(command, "acme", None).delivery


def tell(
    world: World, ticket: int | None = 297_002, secret: Secret = SECRET, **fields: object
) -> int:
    """An event as CareSoft would deliver it, about the message to PHONE unless said otherwise."""
    event: dict[str, object] = {"object": "ticket", "phone": "0983912148", **fields}
    if ticket is not None:
        event["ticket"] = {"ticket_id": ticket}
    body = json.dumps(event).encode()
    return world.tickets.receive(signature_of(body, secret), body)


def join(world: World, ticket: int = 297_002) -> MatchResult:
    """What the queue has done a moment after an event."""
    return world.joins["caresoft"].match("caresoft", str(ticket), world.clock())


def now(world: World, delivery: Delivery) -> Delivery:
    current = world.deliveries.get(delivery.id)
    assert current is not None
    return current


def unjoined(world: World) -> list[str]:
    """The tickets that somebody should look at."""
    return [reference.ref for reference in world.references.list_unmatched("caresoft")]


def items(world: World, prefix: str) -> list[dict[str, Any]]:
    all_items = world.table.client.scan(TableName=world.table.name)["Items"]
    return [item for item in all_items if item["PK"]["S"].startswith(prefix)]


# ---------------------------------------------------------------------- a ticket that CareSoft made


def test_the_reply_names_the_ticket_that_was_made(world: World) -> None:
    delivery = send(world)
    assert (delivery.status, delivery.provider_ref, delivery.ticket_id) == (
        Status.ACCEPTED,
        "297002",
        "297002",
    )


@pytest.mark.slow
def test_an_event_without_a_status_is_kept_and_settles_nothing(world: World) -> None:
    delivery = send(world)
    assert tell(world) == 1
    assert now(world, delivery) == delivery
    reference = world.references.get("caresoft", "297002")
    assert reference is not None
    assert (reference.receipt_count, reference.receipts[0].reason) == (1, "no_status")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "status"), [("delivered", Status.DELIVERED), ("failed", Status.FAILED)]
)
def test_an_event_with_a_status_settles_the_message(
    world: World, word: str, status: Status
) -> None:
    delivery = send(world)
    tell(world, delivery_status=word)
    current = now(world, delivery)
    assert (current.status, current.reason) == (status, f"zns_{word}")


@pytest.mark.slow
def test_an_event_without_a_status_before_the_reply_is_no_news_either(world: World) -> None:
    def meanwhile() -> HttpResponse:
        tell(world)
        return reply(297_002)

    world.wire.answers = [meanwhile]
    command = Zns.from_mapping({"phone": PHONE, "template": 366})
    delivery = world.messages.send(command, "acme", None).delivery
    assert [entry.status for entry in delivery.history] == [Status.RESERVED, Status.ACCEPTED]


@pytest.mark.slow
def test_a_word_that_nobody_knows_stands_in_the_history(world: World) -> None:
    delivery = send(world)
    tell(world, delivery_status="sent")
    assert now(world, delivery).status is Status.ACCEPTED
    assert now(world, delivery).history[-1].reason == "later_cdr_unknown:zns_sent"


@pytest.mark.slow
def test_an_event_that_comes_again_is_counted_and_says_nothing_new(world: World) -> None:
    delivery = send(world)
    for _ in range(3):
        tell(world, delivery_status="delivered")
    assert now(world, delivery).version == 3
    reference = world.references.get("caresoft", "297002")
    assert reference is not None
    assert (len(reference.receipts), reference.receipt_count) == (1, 3)


@pytest.mark.slow
def test_the_event_may_come_before_the_reply(world: World) -> None:
    def meanwhile() -> HttpResponse:
        tell(world, delivery_status="delivered")
        assert join(world) is MatchResult.NO_OPEN_DELIVERY
        return reply(297_002)

    world.wire.answers = [meanwhile]
    command = Zns.from_mapping({"phone": PHONE, "template": 366})
    assert world.messages.send(command, "acme", None).delivery.status is Status.DELIVERED


@pytest.mark.slow
def test_an_event_of_a_ticket_that_is_not_ours_is_kept(world: World) -> None:
    delivery = send(world)
    tell(world, 297_999, delivery_status="delivered")
    assert join(world, 297_999) is MatchResult.NO_OPEN_DELIVERY
    assert now(world, delivery).status is Status.ACCEPTED
    reference = world.references.get("caresoft", "297999")
    assert reference is not None
    assert reference.unmatched_reason == "no_open_delivery"


@pytest.mark.slow
def test_a_message_whose_reply_was_lost_is_joined_with_no_ticket(world: World) -> None:
    """Its ticket is not known, and the same person may get other messages from CareSoft."""
    world.wire.answers = [NoResponse("timeout")]
    command = Zns.from_mapping({"phone": PHONE, "template": 366})
    delivery = world.messages.send(command, "acme", None).delivery
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    assert now(world, delivery).status is Status.UNKNOWN


# ---------------------------------------------------------------------- a ticket that was given


def test_a_ticket_that_was_given_is_no_reference_of_the_message(world: World) -> None:
    delivery = send(world, names_ticket=True)
    assert (delivery.provider_ref, delivery.ticket_id) == (None, "297002")
    reference = world.references.get("caresoft", "297002")
    assert reference is not None
    assert (reference.is_shared, reference.delivery_id) == (True, None)


@pytest.mark.slow
def test_it_is_joined_by_number_ticket_and_window(world: World) -> None:
    delivery = send(world, names_ticket=True)
    tell(world, delivery_status="delivered")
    assert now(world, delivery).status is Status.ACCEPTED, "the webhook itself does not look for it"
    assert join(world) is MatchResult.MATCHED
    current = now(world, delivery)
    assert (current.status, current.reason, current.provider_ref) == (
        Status.DELIVERED,
        "zns_delivered",
        None,
    )
    assert join(world) is MatchResult.MATCHED, "doing it twice does no harm"
    assert now(world, delivery).version == current.version


@pytest.mark.slow
def test_it_is_joined_although_the_reply_was_lost(world: World) -> None:
    world.wire.answers = [NoResponse("timeout")]
    command = Zns.from_mapping({"phone": PHONE, "template": 366, "ticket_id": 297_002})
    delivery = world.messages.send(command, "acme", None).delivery
    assert (delivery.status, delivery.ticket_id) == (Status.UNKNOWN, "297002")
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED


@pytest.mark.slow
def test_while_the_reply_is_awaited_it_is_too_early(world: World) -> None:
    def meanwhile() -> HttpResponse:
        tell(world, delivery_status="delivered")
        assert join(world) is MatchResult.LATER
        return reply(297_002)

    world.wire.answers = [meanwhile]
    command = Zns.from_mapping({"phone": PHONE, "template": 366, "ticket_id": 297_002})
    delivery = world.messages.send(command, "acme", None).delivery
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED


@pytest.mark.slow
def test_two_messages_in_one_ticket_are_told_apart_by_their_time(world: World) -> None:
    first = send(world, names_ticket=True)
    world.clock.turn(seconds=5)
    tell(world, delivery_status="delivered")
    join(world)
    world.clock.turn(seconds=60)
    second = send(world, names_ticket=True)
    # The first event again, and again after the second message: it stays the first one's.
    tell(world, delivery_status="delivered")
    join(world)
    assert now(world, second).status is Status.ACCEPTED
    world.clock.turn(seconds=5)
    tell(world, delivery_status="failed")
    assert join(world) is MatchResult.MATCHED
    assert [now(world, each).status for each in (first, second)] == [
        Status.DELIVERED,
        Status.FAILED,
    ]


@pytest.mark.slow
def test_two_open_messages_in_one_ticket_get_no_event_and_say_why(world: World) -> None:
    both = [send(world, names_ticket=True) for _ in range(2)]
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.AMBIGUOUS
    for delivery in both:
        current = now(world, delivery)
        assert current.status is Status.ACCEPTED
        assert current.history[-1].reason == "later_cdr_unknown:ambiguous_event"
    reference = world.references.get("caresoft", "297002")
    assert reference is not None
    assert reference.unmatched_reason == "ambiguous"


@pytest.mark.slow
def test_two_messages_in_one_ticket_to_two_numbers_are_told_apart(world: World) -> None:
    one, other = send(world, names_ticket=True), send(world, phone=OTHER, names_ticket=True)
    tell(world, phone="0983912149", delivery_status="failed")
    assert join(world) is MatchResult.MATCHED
    assert now(world, one).status is Status.ACCEPTED
    assert now(world, other).status is Status.FAILED


@pytest.mark.slow
def test_a_message_in_another_ticket_is_not_meant(world: World) -> None:
    delivery = send(world, 297_005, names_ticket=True)
    send(world, phone=OTHER, names_ticket=True)
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    assert now(world, delivery).status is Status.ACCEPTED


@pytest.mark.slow
def test_each_event_of_a_ticket_is_judged_by_its_own_time(world: World) -> None:
    first = send(world, names_ticket=True)
    world.clock.turn(seconds=5)
    tell(world, delivery_status="delivered")
    world.clock.turn(seconds=60)
    second = send(world, names_ticket=True)
    world.clock.turn(seconds=5)
    tell(world, delivery_status="failed")
    # Both events wait until now: the second message was not there when the first one came.
    assert join(world) is MatchResult.MATCHED
    assert [now(world, each).status for each in (first, second)] == [
        Status.DELIVERED,
        Status.FAILED,
    ]


@pytest.mark.slow
def test_each_event_of_a_ticket_goes_to_its_own_number(world: World) -> None:
    one, other = send(world, names_ticket=True), send(world, phone=OTHER, names_ticket=True)
    tell(world, delivery_status="delivered")
    tell(world, phone="0983912149", delivery_status="failed")
    assert join(world) is MatchResult.MATCHED
    assert [now(world, each).status for each in (one, other)] == [Status.DELIVERED, Status.FAILED]


def test_an_event_without_a_number_is_about_the_number_that_another_event_names(
    world: World,
) -> None:
    delivery = send(world, names_ticket=True)
    tell(world)
    tell(world, phone=None, delivery_status="delivered")
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED


@pytest.mark.parametrize(
    ("seconds", "result", "status"),
    [
        (0.9, MatchResult.MATCHED, Status.DELIVERED),
        (1, MatchResult.NO_OPEN_DELIVERY, Status.ACCEPTED),
    ],
)
def test_an_event_before_its_message_is_joined_within_the_margin_of_two_clocks(
    world: World, seconds: float, result: MatchResult, status: Status
) -> None:
    tell(world, delivery_status="delivered")
    world.clock.turn(seconds=seconds)
    delivery = send(world, names_ticket=True)
    assert join(world) is result
    assert now(world, delivery).status is status


@pytest.mark.slow
def test_while_one_reply_of_two_is_awaited_it_is_too_early(world: World) -> None:
    delivery = send(world, names_ticket=True)

    def meanwhile() -> HttpResponse:
        tell(world, delivery_status="delivered")
        assert join(world) is MatchResult.LATER
        return reply(297_002)

    world.wire.answers = [meanwhile]
    command = Zns.from_mapping({"phone": PHONE, "template": 366, "ticket_id": 297_002})
    world.messages.send(command, "acme", None)
    assert len(now(world, delivery).history) == 2, "nothing is said of it before that"


@pytest.mark.slow
def test_an_event_that_waits_for_a_reply_is_not_left_for_a_person(world: World) -> None:
    def meanwhile() -> HttpResponse:
        tell(world, delivery_status="delivered")
        assert join(world) is MatchResult.LATER
        return reply(297_002)

    world.wire.answers = [meanwhile]
    world.messages.send(
        Zns.from_mapping({"phone": PHONE, "template": 366, "ticket_id": 297_002}), "acme", None
    )
    assert unjoined(world) == []


@pytest.mark.slow
def test_what_is_joined_late_is_no_longer_left_for_a_person(world: World) -> None:
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    assert unjoined(world) == ["297002"]
    world.clock.turn(seconds=0.5)
    delivery = send(world, names_ticket=True)
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED
    assert unjoined(world) == []


def test_a_ticket_whose_events_say_nothing_is_not_left_for_a_person(world: World) -> None:
    tell(world, 297_999)
    assert join(world, 297_999) is MatchResult.NO_OPEN_DELIVERY
    assert unjoined(world) == []


def test_an_event_of_a_shared_ticket_that_says_nothing_is_never_overdue(world: World) -> None:
    send(world, names_ticket=True)
    tell(world)
    overdue = DueIndex(world.table).list_overdue(world.clock() + timedelta(days=1))
    assert [item["PK"] for item in overdue if item["entity"] == "reference"] == []


@pytest.mark.slow
@pytest.mark.parametrize("made_first", [True, False])
def test_what_the_stream_loses_of_a_shared_ticket_is_overdue_until_it_is_joined(
    world: World, made_first: bool
) -> None:
    if made_first:
        send(world)  # CareSoft made the ticket for this one, and the caller gave it to the next.
    mine = send(world, phone=OTHER, names_ticket=True)
    overdue = DueIndex(world.table)
    later = world.clock() + timedelta(days=1)
    assert list(overdue.list_overdue(later)) == []
    tell(world, phone="0983912149", delivery_status="failed")
    assert [item["ref"] for item in overdue.list_overdue(later)] == ["297002"]
    assert join(world) is MatchResult.MATCHED
    assert now(world, mine).status is Status.FAILED
    assert list(overdue.list_overdue(later)) == []


def test_once_all_is_joined_nothing_of_a_ticket_waits(world: World) -> None:
    send(world, names_ticket=True)
    tell(world, delivery_status="delivered")
    world.references.leave_to_scheduler("caresoft", "297002", world.clock())
    waiting = DueIndex(world.table)
    later = world.clock() + timedelta(hours=1)
    assert [item["ref"] for item in waiting.list_upcoming(later, 9)] == ["297002"]
    assert join(world) is MatchResult.MATCHED
    assert list(waiting.list_upcoming(later, 9)) == []


def test_an_event_that_another_run_has_joined_meanwhile_is_told_to_nobody_else(
    world: World,
) -> None:
    mine = send(world, names_ticket=True)
    tell(world, delivery_status="delivered")
    before = world.references.get("caresoft", "297002")
    assert before is not None

    def other_run_is_faster() -> None:
        assert world.references.match_receipt(before, 0, "dlv_other")

    with after_first("BatchGetItem", other_run_is_faster):
        assert join(world) is MatchResult.LATER
    assert now(world, mine).status is Status.ACCEPTED


def test_an_event_without_a_number_is_nobody_s_in_a_shared_ticket(world: World) -> None:
    delivery = send(world, names_ticket=True)
    tell(world, phone=None, delivery_status="delivered")
    assert join(world) is MatchResult.NO_CALLED_NUMBER
    assert now(world, delivery).status is Status.ACCEPTED


def test_an_event_long_after_the_message_is_not_its(world: World) -> None:
    delivery = send(world, names_ticket=True)
    world.clock.turn(hours=2, seconds=1)
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    assert now(world, delivery).status is Status.ACCEPTED


@pytest.mark.slow
def test_a_ticket_that_was_made_for_one_message_and_given_for_the_next(world: World) -> None:
    first = send(world)
    world.clock.turn(seconds=2)
    tell(world, delivery_status="delivered")
    assert now(world, first).status is Status.DELIVERED
    world.clock.turn(seconds=60)
    second = send(world, names_ticket=True)
    world.clock.turn(seconds=2)
    tell(world, delivery_status="failed")
    join(world)
    assert now(world, first).status is Status.DELIVERED
    assert now(world, second).status is Status.FAILED


@pytest.mark.slow
def test_the_first_one_of_such_two_may_be_the_open_one(world: World) -> None:
    first = send(world)
    world.clock.turn(seconds=60)
    second = send(world, phone=OTHER, names_ticket=True)
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.MATCHED
    assert now(world, first).status is Status.DELIVERED
    assert now(world, second).status is Status.ACCEPTED


def test_who_joined_an_event_and_died_before_the_delivery_was_told(world: World) -> None:
    delivery = send(world, names_ticket=True)
    tell(world, delivery_status="delivered")
    reference = world.references.get("caresoft", "297002")
    assert reference is not None
    assert world.references.match_receipt(reference, 0, delivery.id)
    assert not world.references.match_receipt(reference, 0, "dlv_other")
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED


@pytest.mark.slow
@pytest.mark.parametrize("is_made_for_another", [False, True])
def test_a_replay_of_a_shared_ticket_says_what_came_of_it(
    world: World, is_made_for_another: bool
) -> None:
    if is_made_for_another:
        send(world, phone=OTHER)
        send(world, phone=OTHER, names_ticket=True)
    tell(world, delivery_status="delivered")
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    replays = Replays(world.payloads, world.references, world.clock, PROVIDERS)
    [payload] = replays.list_unmatched("caresoft")
    assert replays.outcome(payload.id) == "no_open_delivery"
    replays.request(payload.id)
    assert replays.outcome(payload.id) is None, "it is in progress"
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    assert replays.outcome(payload.id) == "no_open_delivery"
    world.clock.turn(seconds=0.5)
    send(world, names_ticket=True)
    replays.request(payload.id)
    assert join(world) is MatchResult.MATCHED
    assert replays.outcome(payload.id) == "joined"


# --------------------------------------------------------------------------------- the stream


class Queued:
    """The queue: keeps which tickets are to be joined."""

    def __init__(self) -> None:
        self.refs: list[str] = []

    def add(self, task: Any, _now: Any) -> None:  # noqa: ANN401
        if task.type == "join_cdr":
            self.refs.append(f"{task.payload['provider']}#{task.payload['ref']}")


def queued(world: World) -> list[str]:
    """What the outbox queues when it gets the tickets from the stream."""
    agenda = Queued()
    outbox = Outbox(world.deliveries, agenda, world.clock, correlations=world.references)  # type: ignore[arg-type]
    for item in items(world, "REF#"):
        outbox.handle({"eventName": "MODIFY", "dynamodb": {"NewImage": item}})
    return agenda.refs


@pytest.mark.slow
def test_the_stream_tells_the_first_message_of_a_ticket_nothing_of_the_next_one(
    world: World,
) -> None:
    first, second = send(world), send(world, phone=OTHER, names_ticket=True)
    tell(world, phone="0983912149", delivery_status="failed")
    assert queued(world) == ["caresoft#297002"]
    assert now(world, first) == first
    assert join(world) is MatchResult.MATCHED
    assert [now(world, each).status for each in (first, second)] == [
        Status.ACCEPTED,
        Status.FAILED,
    ]


@pytest.mark.slow
def test_the_stream_queues_what_is_to_be_joined_and_nothing_else(world: World) -> None:
    send(world)
    tell(world, delivery_status="delivered")
    assert queued(world) == [], "the webhook has settled it"
    send(world, names_ticket=True)
    assert queued(world) == ["caresoft#297002"], "the first event might be another's"
    join(world)
    assert queued(world) == [], "it was looked at"
    world.clock.turn(seconds=10)
    tell(world, delivery_status="failed")
    assert queued(world) == ["caresoft#297002"]
    join(world)
    assert queued(world) == []
    tell(world, 1, delivery_status="delivered")
    assert queued(world) == ["caresoft#1"]


# ------------------------------------------------------------------------------------ the secret


def test_a_wrong_signature_is_refused_and_nothing_is_kept(world: World) -> None:
    body = b'{"ticket_id": 1}'
    for signature in ("", "0" * 40, signature_of(body, Secret("other"))):
        with pytest.raises(Unauthorized):
            world.tickets.receive(signature, body)
    with pytest.raises(Unauthorized):
        world.tickets.receive(signature_of(body, SECRET), b'{"ticket_id": 2}')
    assert not items(world, "REF#")
    assert not items(world, "RAW#")


def test_the_old_secret_is_valid_beside_the_next_one(world: World) -> None:
    tell(world, 1, SECRET)
    tell(world, 2, Secret("next-secret"))
    assert len(items(world, "REF#caresoft")) == 2


def test_a_secret_that_was_just_put_in_is_looked_for(world: World) -> None:
    tell(world)
    world.put_secret("caresoft_webhook", secret="brand-new")
    tell(world, 3, Secret("brand-new"))
    with pytest.raises(Unauthorized):
        tell(world, 4, SECRET)


@pytest.mark.parametrize("secret", [{}, {"secret": ""}, {"secrets": []}, {"token": "CS123"}])
def test_without_a_secret_nothing_is_taken(world: World, secret: dict[str, object]) -> None:
    world.put_secret("caresoft_webhook", **secret)
    with pytest.raises(Unavailable):
        tell(world)


# ------------------------------------------------------------------------- what is about no ticket


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "unreadable"),
        (b"hello", "unreadable"),
        (b"{}", "unreadable"),
        (b'{"object": "ticket"}', "no_ticket"),
        (b'{"event": "ticket.voice", "ticket_id": 1}', "other_event"),
        (b'{"object": "user", "user": {"username": "Lan"}}', "other_event"),
        (b" " * 65_537, "oversized"),
    ],
)
def test_whatever_is_signed_is_kept(world: World, body: bytes, why: str) -> None:
    world.tickets.receive(signature_of(body, SECRET), body)
    world.tickets.receive(signature_of(body, SECRET), body)
    [item] = [item for item in items(world, "RAW#caresoft#") if item["SK"] == {"S": "RAW"}]
    assert (item["why"], item["times"]) == ({"S": why}, {"N": "2"})
    assert "Lan" not in json.dumps(item)
    assert not items(world, "REF#")


@pytest.mark.slow
def test_several_events_in_one_body(world: World) -> None:
    deliveries = [send(world, ticket, phone=phone) for ticket, phone in ((1, PHONE), (2, OTHER))]
    body = b'[{"ticket_id":1,"status":"delivered"},{"ticket_id":2,"status":"failed"},{"x":1}]'
    assert world.tickets.receive(signature_of(body, SECRET), body) == 3
    assert [now(world, each).status for each in deliveries] == [Status.DELIVERED, Status.FAILED]
