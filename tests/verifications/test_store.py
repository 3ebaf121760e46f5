"""Every write of a verification, condition by condition: what it was computed for, or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from ringpass.aws.dynamodb import ConditionFailed, Table
from ringpass.aws.transaction import ConditionsFailed, Put, Transaction, Update
from ringpass.clients.settings.model import Step
from ringpass.clock import to_text
from ringpass.providers.facts import ChannelName
from ringpass.verifications.codes import SealedCode
from ringpass.verifications.model import (
    TimelineEntry,
    TimelineEvent,
    Verification,
    VerificationStatus,
)
from ringpass.verifications.store import (
    VERIFICATION,
    ActiveVerificationLock,
    AlreadyStarted,
    StaleTurn,
    VerificationRepository,
    check_attempt,
    from_item,
    stale_turn,
)
from tests.transactions import commit

STARTED: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
ENDS: Final = STARTED + timedelta(minutes=10)
NOW: Final = STARTED + timedelta(minutes=1)
TICK: Final = timedelta(milliseconds=1)
ID: Final = "ver_" + "a" * 32
KEY: Final = {"PK": f"VER#{ID}", "SK": "VER"}
ENDED: Final = sorted(set(VerificationStatus) - {VerificationStatus.PENDING})


def a_verification(**others: object) -> Verification:
    pending = Verification(
        id=ID,
        client="acme",
        phone="+79161234567",
        country="RU",
        status=VerificationStatus.PENDING,
        created_at=to_text(STARTED),
        updated_at=to_text(STARTED),
        ends_at=to_text(ENDS),
        workflow=(Step(ChannelName.PASSWORD_CALL, 60), Step(ChannelName.VOICE_OTP, 60)),
        code=SealedCode("0", "00", 4),
        attempts=3,
        fingerprint="f",
        attempt="first",
        step=0,
        step_due_at=to_text(STARTED + timedelta(seconds=60)),
        delivery_ids=("dlv_1",),
        history=(TimelineEntry(at=to_text(STARTED), event=TimelineEvent.STARTED),),
    )
    return replace(pending, **others)  # type: ignore[arg-type]


@pytest.fixture
def verifications(table: Table) -> VerificationRepository:
    return VerificationRepository(table, 3_600)


def started(verifications: VerificationRepository, **others: object) -> Verification:
    new = a_verification(**others)
    start(verifications, new)
    return new


def start(verifications: VerificationRepository, new: Verification) -> None:
    """Write a new verification, as a start does."""
    tx = Transaction(verifications.table)
    verifications.add(tx, new, "phone-key")
    try:
        tx.commit()
    except ConditionsFailed as refusal:
        check_attempt(refusal, new)


def raw(verifications: VerificationRepository) -> dict[str, Any]:
    item = verifications.table.get(KEY)
    assert item is not None
    return dict(item)


def refused(
    verifications: VerificationRepository,
    write: Callable[..., object],
    *args: object,
    **options: object,
) -> StaleTurn:
    """A write that must change nothing; gives what it said of the verification."""
    before = verifications.table.get(KEY)
    with pytest.raises(StaleTurn) as refusal:
        write(*args, **options)
    assert verifications.table.get(KEY) == before
    if before is not None:
        assert refusal.value.verification == from_item(before)
    return refusal.value


# ------------------------------------------------------------------------------------------ start


def test_a_verification_is_read_back_as_it_was_written(
    verifications: VerificationRepository,
) -> None:
    new = started(verifications)
    assert verifications.get(ID) == new
    item = raw(verifications)
    assert item["expires_at"] == int(STARTED.timestamp()) + 3_600
    assert item["due_at"] == to_text(STARTED + timedelta(seconds=60))
    assert item["due_bucket"].startswith("due#")


def test_the_same_id_starts_once(verifications: VerificationRepository) -> None:
    first = started(verifications)
    with pytest.raises(AlreadyStarted) as exists:
        start(verifications, a_verification(attempt="other"))
    assert exists.value.verification == first
    # The answer to its own write was lost, so botocore wrote again.
    start(verifications, first)
    assert raw(verifications)["version"] == 1


# ------------------------------------------------------------------------------------------ enter


def enter(verifications: VerificationRepository, turn: int = 1, now: datetime = NOW) -> None:
    """The second turn, on the second step."""
    next_turn = a_verification(
        step=1,
        turn=turn + 1,
        step_due_at=to_text(now + timedelta(seconds=60)),
        delivery_ids=("dlv_1", "dlv_2"),
    )
    line = TimelineEntry(at=to_text(now), event=TimelineEvent.SENT, step=1, delivery_id="dlv_2")
    delivery = Put(
        {"PK": "DLV#dlv_2", "SK": "DLV", "entity": "delivery"}, "attribute_not_exists(PK)"
    )
    tx = Transaction(verifications.table)
    verifications.advance(tx, next_turn, turn, [line], now)
    tx.add(delivery)
    try:
        tx.commit()
    except ConditionsFailed as refusal:
        raise stale_turn(refusal.items[VERIFICATION]) from None


def test_a_turn_is_written_with_its_delivery(verifications: VerificationRepository) -> None:
    started(verifications)
    enter(verifications)
    item = raw(verifications)
    assert (item["turn"], item["step"], item["version"]) == (2, 1, 2)
    assert item["delivery_ids"] == ["dlv_1", "dlv_2"]
    assert item["step_due_at"] == item["due_at"] == to_text(NOW + timedelta(seconds=60))
    assert item["updated_at"] == to_text(NOW)
    assert [line["event"] for line in item["history"]] == ["started", "sent"]
    assert verifications.table.get({"PK": "DLV#dlv_2", "SK": "DLV"}) is not None


@pytest.mark.parametrize(
    ("as_it_is", "now"),
    [
        pytest.param({"turn": 2}, NOW, id="another turn"),
        pytest.param({"exhausted": True}, NOW, id="exhausted"),
        pytest.param({"paid": 3}, NOW, id="no guess is left"),
        pytest.param({}, ENDS, id="its time is over"),
        *(pytest.param({"status": status}, NOW, id=str(status)) for status in ENDED),
    ],
)
def test_a_turn_is_not_written_where_it_does_not_fit(
    verifications: VerificationRepository, as_it_is: dict[str, Any], now: datetime
) -> None:
    started(verifications, **as_it_is)
    refused(verifications, enter, verifications, now=now)
    assert verifications.table.get({"PK": "DLV#dlv_2", "SK": "DLV"}) is None


def test_a_turn_is_written_up_to_the_last_moment(verifications: VerificationRepository) -> None:
    started(verifications, paid=2)
    enter(verifications, now=ENDS - TICK)
    assert raw(verifications)["turn"] == 2


# ---------------------------------------------------------------------------------------- exhaust


def exhaust(verifications: VerificationRepository) -> Verification:
    line = TimelineEntry(at=to_text(NOW), event=TimelineEvent.EXHAUSTED, reason="busy")
    return verifications.exhaust(a_verification(exhausted=True), [line], NOW)


def test_an_exhausted_one_is_due_at_its_end(verifications: VerificationRepository) -> None:
    started(verifications)
    verification = exhaust(verifications)
    assert verification.exhausted
    assert raw(verifications)["due_at"] == to_text(verification.due or NOW) > to_text(ENDS)
    refused(verifications, exhaust, verifications)


@pytest.mark.parametrize(
    "as_it_is", [{"turn": 2}, *({"status": status} for status in ENDED)], ids=str
)
def test_one_that_has_moved_is_not_exhausted(
    verifications: VerificationRepository, as_it_is: dict[str, Any]
) -> None:
    started(verifications, **as_it_is)
    refused(verifications, exhaust, verifications)


# -------------------------------------------------------------------------------------------- pay


def pay(
    verifications: VerificationRepository,
    guess: str = "guess",
    client: str = "acme",
    now: datetime = NOW,
) -> Verification:
    return verifications.consume_attempt(ID, client, guess, "code-key", now)


def test_a_guess_is_paid_for_and_kept(verifications: VerificationRepository) -> None:
    started(verifications)
    verification = pay(verifications)
    assert (verification.paid, verification.attempts_remaining, verification.version) == (1, 2, 2)
    assert verification.guesses == {"guess": "code-key"}
    assert verification.last_paid_at == verification.updated_at == to_text(NOW)
    assert [line.event for line in verification.history] == [
        TimelineEvent.STARTED,
        TimelineEvent.CHECKED,
    ]


def test_the_same_guess_is_paid_for_once(verifications: VerificationRepository) -> None:
    started(verifications)
    pay(verifications)
    refusal = refused(verifications, pay, verifications)
    assert refusal.verification is not None
    assert refusal.verification.paid == 1
    assert pay(verifications, "another").paid == 2


def test_there_are_as_many_guesses_as_attempts(verifications: VerificationRepository) -> None:
    started(verifications, attempts=2)
    for guess in ("one", "two"):
        pay(verifications, guess)
    refused(verifications, pay, verifications, "three")


@pytest.mark.parametrize("status", ENDED)
def test_no_guess_is_taken_after_the_end(
    verifications: VerificationRepository, status: VerificationStatus
) -> None:
    started(verifications, status=status)
    refused(verifications, pay, verifications)


def test_a_guess_is_taken_up_to_the_last_moment_and_not_then(
    verifications: VerificationRepository,
) -> None:
    started(verifications)
    assert pay(verifications, now=ENDS - TICK).paid == 1
    refused(verifications, pay, verifications, "late", now=ENDS)


def test_another_client_cannot_guess(verifications: VerificationRepository) -> None:
    started(verifications)
    refused(verifications, pay, verifications, client="rival")


def test_an_exhausted_one_takes_guesses(verifications: VerificationRepository) -> None:
    started(verifications, exhausted=True)
    assert pay(verifications).paid == 1


def test_there_is_no_guess_at_what_is_not_there(verifications: VerificationRepository) -> None:
    assert refused(verifications, pay, verifications).verification is None
    assert verifications.table.get(KEY) is None


# -------------------------------------------------------------------------------------------- end


def test_it_is_approved_by_the_guess_that_was_right(verifications: VerificationRepository) -> None:
    started(verifications, paid=3)
    verification = verifications.approve(ID, "zns", "guess", NOW)
    assert verification.status is VerificationStatus.APPROVED
    assert (verification.approved_channel, verification.ended_by) == ("zns", "guess")
    assert (verification.end_reason, verification.ended_at) == ("code_right", to_text(NOW))
    assert {"due_bucket", "due_at"}.isdisjoint(raw(verifications))


def test_it_ends_by_a_request_with_its_reason(verifications: VerificationRepository) -> None:
    started(verifications)
    verification = verifications.end(ID, VerificationStatus.CANCELED, "canceled", NOW, by="request")
    assert (verification.status, verification.end_reason) == (
        VerificationStatus.CANCELED,
        "canceled",
    )
    assert (verification.ended_by, verification.approved_channel) == ("request", None)
    assert verification.history[-1] == TimelineEntry(
        at=to_text(NOW), event=TimelineEvent.ENDED, reason="canceled:canceled"
    )
    assert {"due_bucket", "due_at"}.isdisjoint(raw(verifications))


@pytest.mark.parametrize("status", ENDED)
def test_what_has_ended_does_not_end_again(
    verifications: VerificationRepository, status: VerificationStatus
) -> None:
    started(verifications, status=status)
    refused(verifications, verifications.approve, ID, "zns", "guess", NOW)
    expired = VerificationStatus.EXPIRED
    refused(verifications, verifications.end, ID, expired, "time_over", NOW)


def test_only_an_open_one_is_replaced(verifications: VerificationRepository) -> None:
    started(verifications)
    commit(verifications.table, verifications.replace_action(ID, "ver_new", NOW))
    item = raw(verifications)
    assert (item["status"], item["end_reason"]) == ("canceled", "replaced")
    assert item["replaced_by"] == "ver_new"
    assert {"due_bucket", "due_at"}.isdisjoint(item)


# ------------------------------------------------------------------------------------------ timer


def test_its_timer_is_put_off_only_at_the_turn_that_it_was_computed_for(
    verifications: VerificationRepository,
) -> None:
    later = NOW + timedelta(seconds=90)
    new = started(verifications)
    before = raw(verifications)
    verifications.postpone(replace(new, turn=2), later, NOW)
    assert raw(verifications) == before
    verifications.postpone(new, later, NOW)
    assert raw(verifications)["due_at"] == to_text(later)


@pytest.mark.parametrize("status", ENDED)
def test_what_has_ended_gets_no_timer_again(
    verifications: VerificationRepository, status: VerificationStatus
) -> None:
    new = started(verifications)
    verifications.end(ID, status, "a_reason", NOW)
    before = raw(verifications)
    assert not {"due_at", "due_bucket"} & before.keys()
    verifications.postpone(new, NOW + timedelta(seconds=90), NOW)
    verifications.leave_to_scheduler(ID)
    assert raw(verifications) == before


def test_a_timer_is_left_to_the_scheduler(verifications: VerificationRepository) -> None:
    started(verifications)
    due_at = raw(verifications)["due_at"]
    verifications.leave_to_scheduler(ID)
    assert raw(verifications)["due_bucket"].startswith("later#")
    assert raw(verifications)["due_at"] == due_at


# ---------------------------------------------------------------------------- the phone's open one


def apply(table: Table, update: Update) -> None:
    table.update(update.key, update.update, update.values, condition=update.condition)


def test_a_phone_has_one_open_verification_until_its_time_is_over(table: Table) -> None:
    open_ones = ActiveVerificationLock(table)
    apply(table, open_ones.acquire(a_verification(), "phone-key", NOW))
    other = a_verification(id="ver_" + "b" * 32)
    with pytest.raises(ConditionFailed):
        apply(table, open_ones.acquire(other, "phone-key", ENDS - TICK))
    apply(table, open_ones.acquire(other, "phone-key", ENDS))
    with pytest.raises(ConditionFailed):
        apply(table, open_ones.transfer(a_verification(), "phone-key", ID))
    apply(table, open_ones.transfer(a_verification(), "phone-key", other.id))
