"""CDRs: before the reply, many times, for nothing we know, and joined by the called number."""

import json
from dataclasses import replace
from functools import partial

import pytest

from ringpass.aws.dynamodb import Item
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.deliveries.receipts.settlement import settle
from ringpass.deliveries.requests import PasswordCall
from ringpass.errors import Unauthorized
from ringpass.ids import phone_key
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.facts import ChannelName
from ringpass.providers.mcn.call_reference import is_own
from ringpass.providers.simulator.outcomes import reference_of
from ringpass.redaction import Secret
from tests.transactions import reserve
from tests.world import ACCEPTED, REF, TOKEN, World, after_first

LOST = NoResponse("connection_cut")


def send(
    world: World, answer: HttpResponse | NoResponse = ACCEPTED, phone: str = "+79777777777"
) -> str:
    world.wire.answers = [answer]
    command = PasswordCall.from_mapping({"phone": phone, "code": "1234"})
    return world.calls.send(command, "acme", None).delivery.id


def now(world: World, delivery_id: str) -> Delivery:
    delivery = world.deliveries.get(delivery_id)
    assert delivery is not None
    return delivery


def join(world: World) -> MatchResult:
    return world.late_matcher.match("mcn", REF, world.clock())


def items(world: World, prefix: str) -> list[Item]:
    scanned = world.table.client.scan(TableName=world.table.name)["Items"]
    return [item for item in scanned if item["PK"]["S"].startswith(prefix)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("q931_status", "final_status", "status"),
    [
        (16, "ANSWER", Status.ANSWERED),
        (17, "CANCEL", Status.BUSY),
        (16, "CANCEL", Status.NO_ANSWER),
        (31, "CANCEL", Status.REFUSED),
        (41, "CANCEL", Status.BILLING_FAILED),
        (20, "CANCEL", Status.UNREACHABLE),
    ],
)
def test_a_cdr_settles_its_delivery(
    world: World, q931_status: int, final_status: str, status: Status
) -> None:
    delivery = send(world)
    world.cdr(q931_status, final_status)
    assert now(world, delivery).status is status
    assert now(world, delivery).reason == f"q850_{q931_status}"


def test_a_cdr_before_the_reply_is_kept_and_joined_by_the_reply(world: World) -> None:
    world.cdr(17, "CANCEL")
    delivery = now(world, send(world))
    assert delivery.status is Status.BUSY
    assert [entry.status for entry in delivery.history] == ["reserved", "accepted", "busy"]


@pytest.mark.slow
def test_a_repeated_cdr_settles_once_and_is_counted(world: World) -> None:
    delivery = send(world)
    for _ in range(3):
        world.cdr(17, "CANCEL")
    assert len(now(world, delivery).history) == 3
    reference = world.references.get("mcn", REF)
    assert reference is not None
    assert reference.receipt_count == 3


def test_a_contradicting_cdr_is_kept_and_changes_no_status(world: World) -> None:
    delivery = send(world)
    world.cdr(16, "ANSWER")
    world.cdr(17, "CANCEL")
    assert now(world, delivery).status is Status.ANSWERED
    assert now(world, delivery).history[-1].reason == "later_cdr_busy:q850_17"


def test_a_cdr_for_a_call_we_never_made_is_kept(world: World) -> None:
    world.cdr(17, "CANCEL")
    assert join(world) is MatchResult.NO_OPEN_DELIVERY
    reference = world.references.get("mcn", REF)
    assert reference is not None
    assert (reference.receipt_count, reference.unmatched_reason) == (1, "no_open_delivery")


@pytest.mark.slow
def test_a_lost_reply_s_cdr_is_joined_by_the_called_number(world: World) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER")
    assert now(world, delivery).status is Status.UNKNOWN
    assert join(world) is MatchResult.MATCHED
    current = now(world, delivery)
    assert (current.status, current.provider_ref) == ("answered", REF)
    assert current.cost is not None
    assert current.cost.kind == "settled"
    # From here on the call is known: a later CDR needs no join.
    world.cdr(17, "CANCEL")
    assert now(world, delivery).history[-1].reason == "later_cdr_busy:q850_17"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("+79777777777", "89777777777"),
        ("+79777777777", "+7 (977) 777-77-77"),
        ("+79777777777", "sip:79777777777@mcn"),
        ("+79777777777", 79777777777),
        ("+842438221315", "02438221315"),
        ("+842438221315", "842438221315"),
    ],
)
def test_the_called_number_may_be_written_in_any_form(
    open_world: World, phone: str, number: object
) -> None:
    delivery = send(open_world, LOST, phone)
    open_world.cdr(16, "ANSWER", called_number=number)
    assert join(open_world) is MatchResult.MATCHED
    assert now(open_world, delivery).status is Status.ANSWERED


@pytest.mark.slow
def test_a_call_that_was_accepted_without_its_id_is_joined_by_the_called_number(
    world: World,
) -> None:
    delivery = send(world, HttpResponse(200, b'{"ok": true}'))
    assert (now(world, delivery).status, now(world, delivery).provider_ref) == ("accepted", None)
    world.cdr(17, "CANCEL")
    assert join(world) is MatchResult.MATCHED
    current = now(world, delivery)
    assert (current.status, current.provider_ref) == ("busy", REF)
    assert [entry.status for entry in current.history] == ["reserved", "accepted", "busy"]


@pytest.mark.slow
def test_a_call_that_is_known_by_another_id_is_no_candidate(world: World) -> None:
    first, lost = send(world), send(world, LOST)
    other_call = "ffffffffffff_117793"
    world.cdr(17, "CANCEL", verification_call_uuid=other_call)
    assert world.late_matcher.match("mcn", other_call, world.clock()) is MatchResult.MATCHED
    assert now(world, lost).status is Status.BUSY
    assert (now(world, first).status, now(world, first).provider_ref) == ("accepted", REF)


def test_it_is_not_joined_without_the_called_number(world: World) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER", called_number=None)
    assert join(world) is MatchResult.NO_CALLED_NUMBER
    assert now(world, delivery).status is Status.UNKNOWN


def test_another_account_s_call_is_not_joined(world: World) -> None:
    delivery, ref = send(world, LOST), "da59bda0a1bb_999999"
    world.cdr(16, "ANSWER", verification_call_uuid=ref)
    assert world.late_matcher.match("mcn", ref, world.clock()) is MatchResult.OTHER_ACCOUNT
    assert now(world, delivery).status is Status.UNKNOWN


def test_with_two_open_deliveries_it_is_joined_to_none_and_says_so(world: World) -> None:
    first, second = send(world, LOST), send(world, LOST)
    world.cdr(16, "ANSWER")
    assert join(world) is MatchResult.AMBIGUOUS
    for delivery in (now(world, first), now(world, second)):
        assert delivery.status is Status.UNKNOWN
        assert delivery.history[-1].reason == "later_cdr_unknown:ambiguous_cdr"


@pytest.mark.slow
def test_other_numbers_providers_and_times_are_no_candidates(world: World) -> None:
    send(world, LOST, phone="+79777777778")
    old = send(world, LOST)
    settled = send(world)
    world.clock.turn(hours=3)
    other_call = "ffffffffffff_117793"
    world.cdr(16, "ANSWER", verification_call_uuid=other_call)
    assert (
        world.late_matcher.match("mcn", other_call, world.clock()) is MatchResult.NO_OPEN_DELIVERY
    )
    assert now(world, old).status is Status.UNKNOWN
    assert now(world, settled).status is Status.ACCEPTED


def send_while_the_cdr_comes(world: World) -> str:
    """A call whose CDR comes before its reply is lost."""

    def cdr_comes_meanwhile() -> NoResponse:
        world.cdr(16, "ANSWER")
        assert join(world) is MatchResult.LATER
        return LOST

    world.wire.answers = [cdr_comes_meanwhile]
    command = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
    return world.calls.send(command, "acme", None).delivery.id


def test_it_is_too_early_while_a_reply_may_still_come(world: World) -> None:
    delivery = send_while_the_cdr_comes(world)
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.ANSWERED


def test_it_is_too_early_while_one_of_two_replies_may_still_come(world: World) -> None:
    lost = send(world, LOST)
    send_while_the_cdr_comes(world)
    assert len(now(world, lost).history) == 2, "nothing is said of it before that"


def test_a_repeated_cdr_does_not_change_when_the_call_was(world: World) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER")
    world.clock.turn(hours=3)
    world.cdr(17, "CANCEL")
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.ANSWERED


@pytest.mark.parametrize(
    ("seconds", "result"), [(4.9, MatchResult.MATCHED), (5, MatchResult.NO_OPEN_DELIVERY)]
)
def test_a_cdr_before_its_request_is_joined_within_the_margin_of_two_clocks(
    world: World, seconds: float, result: MatchResult
) -> None:
    world.cdr(16, "ANSWER")
    world.clock.turn(seconds=seconds)
    send(world, LOST)
    assert join(world) is result


def test_another_provider_s_call_to_the_number_is_no_candidate(world: World) -> None:
    delivery = send(world, LOST)
    other = replace(
        now(world, delivery), id="dlv_" + "b" * 32, provider="bizfly", channel=ChannelName.VOICE_OTP
    )
    reserve(world.deliveries, other, phone_key(Secret("k" * 64), other.phone))
    world.cdr(16, "ANSWER")
    assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.ANSWERED
    assert now(world, other.id).status is Status.UNKNOWN


def test_where_our_account_is_not_known_a_call_of_any_account_is_joined(world: World) -> None:
    delivery, ref = send(world, LOST), "da59bda0a1bb_999999"
    world.cdr(16, "ANSWER", verification_call_uuid=ref)
    anybody = replace(world.late_matcher, is_own_ref=partial(is_own, ""))
    assert anybody.match("mcn", ref, world.clock()) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.ANSWERED


def test_a_call_that_was_only_played_is_joined_like_one_of_our_account(world: World) -> None:
    delivery = send(world, LOST)
    ref = reference_of(delivery)
    world.cdr(16, "ANSWER", verification_call_uuid=ref)
    assert world.late_matcher.match("mcn", ref, world.clock()) is MatchResult.MATCHED
    assert now(world, delivery).provider_ref == ref


@pytest.mark.slow
def test_of_two_calls_that_find_the_same_delivery_at_once_one_gets_it(world: World) -> None:
    delivery, other_call = send(world, LOST), "ffffffffffff_117793"
    world.cdr(16, "ANSWER")
    world.cdr(17, "CANCEL", verification_call_uuid=other_call)

    def other_call_is_faster() -> None:
        result = world.late_matcher.match("mcn", other_call, world.clock())
        assert result is MatchResult.MATCHED

    with after_first("BatchGetItem", other_call_is_faster):
        assert join(world) is MatchResult.LATER
    assert (now(world, delivery).status, now(world, delivery).provider_ref) == ("busy", other_call)
    reference = world.references.get("mcn", REF)
    assert reference is not None
    assert reference.delivery_id is None
    assert join(world) is MatchResult.NO_OPEN_DELIVERY


def test_a_cdr_that_comes_while_its_call_is_joined_is_told_too(world: World) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER")
    with after_first("BatchGetItem", lambda: world.cdr(17, "CANCEL")):
        assert join(world) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.ANSWERED
    assert now(world, delivery).history[-1].reason == "later_cdr_busy:q850_17"


def test_a_join_that_stopped_half_way_is_finished(world: World) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER")
    reference = world.references.get("mcn", REF)
    assert reference is not None
    # The delivery has learnt of its call, the reference of its delivery not yet.
    open_delivery = now(world, delivery)
    world.deliveries.apply(
        delivery, reference.facts, open_delivery.snapshot, open_delivery.updated_at
    )
    assert join(world) is MatchResult.MATCHED
    current = world.references.get("mcn", REF)
    assert current is not None
    assert current.delivery_id == delivery


def test_one_delivery_is_never_joined_to_two_calls(world: World) -> None:
    delivery = send(world, LOST)
    world.cdr(16, "ANSWER")
    other_call = "ffffffffffff_117793"
    world.cdr(17, "CANCEL", verification_call_uuid=other_call)
    assert join(world) is MatchResult.MATCHED
    assert (
        world.late_matcher.match("mcn", other_call, world.clock()) is MatchResult.NO_OPEN_DELIVERY
    )
    assert now(world, delivery).status is Status.ANSWERED


def test_settling_a_call_without_a_delivery_does_nothing(world: World) -> None:
    world.cdr()
    reference = world.references.get("mcn", REF)
    assert reference is not None
    assert settle(world.deliveries, reference, world.clock()) is None


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "đ", "\ud800"])
def test_a_wrong_token_is_refused_and_nothing_is_kept(world: World, token: str) -> None:
    with pytest.raises(Unauthorized):
        world.inbox.receive(token, b'{"q931_status":17}', "")
    assert items(world, "") == []


def test_a_new_token_is_valid_at_once_and_an_old_one_no_longer(world: World) -> None:
    assert world.inbox.receive(TOKEN, b"null", "") == 0
    world.put_secret("mcn_webhook", tokens=["brand-new-token"])
    assert world.inbox.receive("brand-new-token", b"null", "") == 0
    with pytest.raises(Unauthorized):
        world.inbox.receive(TOKEN, b"null", "")


def test_two_tokens_are_valid_at_once(world: World) -> None:
    assert world.inbox.receive("next-token", b'{"q931_status":17}', "") == 1


@pytest.mark.parametrize(
    "body", [b"", b"null", b"hello 1234", b"\xff", b"[" * 5_000, b'{"q931_status":17}']
)
def test_what_names_no_call_is_kept_all_the_same(world: World, body: bytes) -> None:
    world.inbox.receive(TOKEN, body, "")
    world.inbox.receive(TOKEN, body, "")
    [payload] = world.payloads.list_unmatched("mcn")
    assert payload.times == 2
    assert world.payloads.body(payload) == body
    assert all(b"hello" not in json.dumps(item).encode() for item in items(world, "RAW#mcn#"))


def test_what_a_get_carries_is_read_where_the_body_is_blank(world: World) -> None:
    delivery = send(world)
    query = f"verification_call_uuid={REF}&q931_status=17&final_status=CANCEL"
    assert world.inbox.receive(TOKEN, b" \n", query) == 1
    assert now(world, delivery).status is Status.BUSY


@pytest.mark.slow
def test_a_cdr_of_a_known_call_needs_no_called_number(world: World) -> None:
    delivery = send(world)
    world.cdr(17, "CANCEL", called_number=None)
    assert now(world, delivery).status is Status.BUSY
    assert list(world.payloads.list_unmatched("mcn")) == []


@pytest.mark.slow
def test_a_cdr_without_a_cause_is_kept_whole(world: World) -> None:
    delivery = send(world)
    body = json.dumps({"verification_call_uuid": REF, "called_number": "79777777777"}).encode()
    assert world.inbox.receive(TOKEN, body, "") == 1
    [payload] = world.payloads.list_unmatched("mcn")
    assert payload.reason == "no_cause"
    assert now(world, delivery).status is Status.ACCEPTED


@pytest.mark.slow
def test_several_cdrs_in_one_webhook_delivery(world: World) -> None:
    delivery = send(world)
    cdrs = [
        {"verification_call_uuid": REF, "q931_status": 17, "final_status": "CANCEL"},
        {"verification_call_uuid": "a_117793", "q931_status": 16, "final_status": "ANSWER"},
    ]
    assert world.inbox.receive(TOKEN, json.dumps(cdrs).encode(), "") == 2
    assert now(world, delivery).status is Status.BUSY
    assert world.references.get("mcn", "a_117793") is not None


@pytest.mark.slow
def test_a_reference_that_is_another_delivery_s_is_not_taken_from_it(world: World) -> None:
    first, second = send(world), send(world)
    world.cdr(17, "CANCEL")
    assert now(world, first).status is Status.BUSY
    assert (now(world, second).status, now(world, second).provider_ref) == ("accepted", None)


def test_what_is_larger_than_any_cdr_is_kept_unread(world: World) -> None:
    assert world.inbox.receive(TOKEN, b'{"q931_status":17}' + b" " * 65_536, "") == 0
    [payload] = world.payloads.list_unmatched("mcn")
    assert (payload.reason, payload.size, payload.next) == ("oversized", 65_554, 0)
    world.inbox.work(payload.id)
    [payload] = world.payloads.list_unmatched("mcn")
    assert (payload.reason, payload.next) == ("no_reference", None)
