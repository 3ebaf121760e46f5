"""Asking customers for a permission to be called: once, whatever fails, never taken for given."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ringpass.clients.settings.model import ClientSettings
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.clock import to_text
from ringpass.costs import Cost
from ringpass.errors import (
    ConsentAllowed,
    ConsentBlocked,
    ConsentOpen,
    IdempotencyKeyReused,
    InProgress,
    InvalidHeader,
    LimitReached,
    NotAllowed,
    NotFound,
    ProviderFailed,
    Unavailable,
    ValidationFailed,
)
from ringpass.http.actor import Actor
from ringpass.http.router import Caller
from ringpass.ids import list_key
from ringpass.limits.counters import CounterRepository
from ringpass.limits.settings import LimitSettings, PhoneList
from ringpass.oa.consents import service as module
from ringpass.oa.consents import views
from ringpass.oa.consents.consent_view import consent_view
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.model import Consent, ConsentState, Fee
from ringpass.oa.consents.store import ConsentChanged
from ringpass.oa.events.model import OaEvent
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.zalo.call_type import CallType
from ringpass.reporting.cost_queries import CostQueries
from ringpass.reporting.projector import StatisticsProjector
from ringpass.reporting.store import StatisticsRepository
from tests.moto_table import moto_client
from tests.oa.consent_office import (
    DIGITS,
    OA,
    OTHER_OA,
    PHONE,
    SHOP,
    USER,
    Office,
    Reply,
    ms,
)
from tests.stored_settings import store_settings
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager import SecretsManagerClient

SEES, MASKS = (
    Caller("shop", frozenset({"read", "phones:read"})),
    Caller("shop", frozenset({"read"})),
)


@pytest.fixture
def office(world: World) -> Office:
    return Office.made(world)


def costs(office: Office) -> list[dict[str, Any]]:
    """What the client's day cost, once the stream has told all."""
    statistics = StatisticsRepository(office.world.table)
    counting = StatisticsProjector(statistics, office.world.deliveries)
    for item in office.items("CNQ#"):
        # A request begins with an estimate, and is counted when it does.
        first = {**item, "version": {"N": "1"}}
        if "cost" in item:
            estimate = {"amount": {"S": "600"}, "kind": {"S": "estimated"}}
            first["cost"] = {"M": item["cost"]["M"] | estimate}
        counting.count({"dynamodb": {"NewImage": first}})
        counting.count({"dynamodb": {"NewImage": item, "OldImage": first}})
    figures = CostQueries(
        statistics,
        CounterRepository(office.world.table),
        ClientSettingsRepository(office.world.table),
        office.world.clock,
    )
    return [
        {
            "estimated": sum(cost.estimated for cost in one.costs),
            "settled": sum(cost.settled for cost in one.costs),
            "spent": one.spent,
            "lines": [(cost.channel, cost.provider) for cost in one.costs],
        }
        for one in figures.report("shop", {}).days
    ]


@pytest.mark.slow
def test_a_customer_is_asked(office: Office) -> None:
    result = office.ask(name="Chị Lan", user_id=USER)
    assert not result.replayed
    assert office.zalo.paid_requests() == [
        {"phone": DIGITS, "call_type": "audio", "reason_code": 105}
    ]
    assert office.state() == ConsentState.REQUESTED
    assert (office.consent.name, office.consent.user_id) == ("Chị Lan", USER)
    assert office.until() == office.world.clock() + timedelta(hours=24)
    office.sent()
    assert office.state() == ConsentState.WAITING
    office.world.clock.turn(minutes=5)
    office.reply(expired_time=ms(office.world.clock() + timedelta(days=30)))
    assert office.state() == ConsentState.ALLOWED
    office.world.clock.turn(days=30, milliseconds=-1)
    assert office.state() == ConsentState.ALLOWED
    office.world.clock.turn(milliseconds=1)
    assert office.state() == ConsentState.EXPIRED


REASONS = {
    "consulting": 101,
    "order_or_appointment": 103,
    "delivery": 105,
    "flight": 106,
    "order_update": 107,
}


@pytest.mark.slow
def test_what_zalo_is_sent(office: Office) -> None:
    pairs = [(reason, call_type) for reason in REASONS for call_type in CallType]
    for last, (reason, call_type) in enumerate(pairs):
        consent = office.ask(phone=f"+8477354{last:04}", reason=reason, call_type=call_type).value
        assert office.zalo.paid_requests()[-1] == {
            "phone": f"8477354{last:04}",
            "call_type": call_type,
            "reason_code": REASONS[reason],
        }
        assert consent.call_type == call_type


INVALID: list[tuple[dict[str, object], str]] = [
    ({"phone": "+79777777777"}, "country_not_supported"),
    ({"phone": "84773543888"}, "region_required"),
    ({"phone": "+842438221221"}, "landline_not_supported"),
    ({"phone": "1900 1234", "region": "VN"}, "service_number"),
    ({"phone": "+84000000000"}, "test_number_not_allowed"),
    ({"reason": "code"}, "enum"),
    ({"reason": 105}, "enum"),
    ({"call_type": "AUDIO"}, "enum"),
    ({"name": ""}, "string_too_short"),
    ({"name": "a\nb"}, "string_pattern_mismatch"),
    ({"user_id": "abc"}, "string_pattern_mismatch"),
    ({"otp": "482915"}, "extra_forbidden"),
]


@pytest.mark.slow
def test_what_is_not_valid(office: Office) -> None:
    for fields, type_ in INVALID:
        with pytest.raises(ValidationFailed) as refusal:
            office.ask(None, SHOP, **fields)
        assert [error["type"] for error in refusal.value.errors] == [type_]
    assert office.zalo.requests == []
    assert office.items("CN") == []


def test_a_national_number_with_its_region_is_the_same_customer(office: Office) -> None:
    office.ask(phone="0773 543 888", region="VN")
    with pytest.raises(ConsentOpen):
        office.ask()


def test_test_numbers_go_where_customers_are_played(office: Office) -> None:
    office.consents = replace(office.consents, plays_test_numbers=True)
    office.ask(phone="+84000000004")
    assert office.zalo.paid_requests()[0]["phone"] == "84000000004"
    assert costs(office) == []


def test_nobody_else_has_the_oa(office: Office) -> None:
    office.ask()
    one, other = office.consent.id, Actor("other", "key")
    for oa_id, author in ((OA, other), (OTHER_OA, SHOP), ("", SHOP)):
        for use in (
            lambda oa_id=oa_id, author=author: office.consents.get(oa_id, author, one),
            lambda oa_id=oa_id, author=author: office.consents.check(oa_id, author, one),
            lambda oa_id=oa_id, author=author: office.consents.page(oa_id, author, {}),
            lambda oa_id=oa_id, author=author: office.consents.export(oa_id, author, {}),
            lambda oa_id=oa_id, author=author: office.consents.delete(oa_id, author, one),
            lambda oa_id=oa_id, author=author: office.consents.delete_number(
                oa_id, author, {"phone": PHONE}
            ),
        ):
            with pytest.raises(NotFound):
                use()
    with pytest.raises(NotFound):
        office.ask(author=other)
    assert len(office.zalo.requests) == 1


# ------------------------------------------------------------------------------- one open request


@pytest.mark.slow
def test_a_customer_who_is_being_asked_is_not_asked_again(office: Office) -> None:
    office.ask()
    for _ in range(3):
        with pytest.raises(ConsentOpen) as open_:
            office.ask(call_type="video", reason="flight")
        assert open_.value.members == {
            "consent_id": office.consent.id,
            "until": to_text(office.until()),
        }
    office.sent()
    with pytest.raises(ConsentOpen):
        office.ask()
    assert len(office.zalo.paid_requests()) == 1


def test_after_the_time_for_an_answer_the_customer_can_be_asked_again(office: Office) -> None:
    office.ask()
    office.world.clock.turn(hours=24, milliseconds=-1)
    with pytest.raises(ConsentOpen):
        office.ask()
    office.world.clock.turn(milliseconds=1)
    assert office.state() == ConsentState.EXPIRED
    office.ask()
    assert len(office.zalo.paid_requests()) == 2


def test_a_customer_who_has_allowed_it_is_not_asked(office: Office) -> None:
    office.ask()
    office.reply()
    with pytest.raises(ConsentAllowed) as allowed:
        office.ask()
    assert allowed.value.members["until"] == to_text(office.until())
    # Another kind of call is another question.
    office.ask(call_type="audio_and_video")
    assert office.zalo.paid_requests()[-1]["call_type"] == "audio_and_video"


def test_a_customer_who_has_blocked_calls_is_not_asked_until_that_has_changed(
    office: Office,
) -> None:
    office.ask()
    office.reply("USER_BLOCKED")
    with pytest.raises(ConsentBlocked):
        office.ask()
    office.zalo.check = {"error": 20}
    office.world.clock.turn(days=1)
    office.consents.check(OA, SHOP, office.consent.id)
    office.ask()
    assert len(office.zalo.paid_requests()) == 2


def test_a_customer_who_has_refused_can_be_asked_again(office: Office) -> None:
    office.ask()
    office.reply("DENY")
    assert office.state() == ConsentState.REFUSED
    office.world.clock.turn(days=1)
    office.ask()
    assert office.state() == ConsentState.REQUESTED


def test_after_zalos_too_many_an_hour_is_waited(office: Office) -> None:
    office.zalo.request = {"error": 5, "message": "too many"}
    assert office.ask().value.status.why == "too_many_requests"
    office.world.clock.turn(minutes=20)
    with pytest.raises(LimitReached) as limit:
        office.ask()
    assert (limit.value.limit, limit.value.retry_after) == ("zalo_consents", 2400)
    office.world.clock.turn(minutes=40, milliseconds=-1)
    with pytest.raises(LimitReached):
        office.ask()
    office.world.clock.turn(milliseconds=1)
    office.zalo.request = {"error": 0}
    office.ask()
    assert office.state() == ConsentState.REQUESTED


def test_who_writes_meanwhile_is_seen(office: Office) -> None:
    """The write holds only for what was read: the second of two finds the first one's request."""
    store = office.consents.recorder.repository
    read, raced = type(store).read, list[bool]()

    class Racing(type(store)):  # type: ignore[misc]
        def read(self, oa_id: str, consent_id: str) -> object:
            record = read(store, oa_id, consent_id)
            if not raced:
                raced.append(True)
                office.ask()
            return record

    records = replace(
        office.consents.recorder, repository=Racing(store.table, store.retention_seconds)
    )
    second = replace(office, consents=replace(office.consents, recorder=records))
    with pytest.raises(ConsentOpen):
        second.ask()
    assert len(office.zalo.paid_requests()) == 1


# ------------------------------------------------------------------------------------ idempotency


def test_the_same_request_again_is_answered_from_the_record(office: Office) -> None:
    first = office.ask("order-1")
    again = office.ask("order-1")
    assert (first.replayed, again.replayed) == (False, True)
    assert again.value.id == first.value.id
    office.reply()
    assert office.ask("order-1").value.state(office.world.clock()) is ConsentState.ALLOWED
    assert len(office.zalo.paid_requests()) == 1


def test_the_key_of_another_request(office: Office) -> None:
    office.ask("order-1")
    for name, value in (("reason", "flight"), ("phone", "+84773543889"), ("name", "Lan")):
        with pytest.raises(IdempotencyKeyReused):
            office.ask("order-1", SHOP, **{name: value})
    with pytest.raises(InvalidHeader):
        office.ask("ä")
    assert len(office.zalo.paid_requests()) == 1


def test_while_the_first_is_running_the_second_waits(office: Office) -> None:
    refusals: list[type[Exception]] = []

    def meanwhile() -> dict[str, Any]:
        for key in ("order-1", None, "order-2"):
            try:
                office.ask(key)
            except (InProgress, ConsentOpen) as refusal:
                refusals.append(type(refusal))
        return {"error": 0}

    office.zalo.request = meanwhile
    office.ask("order-1")
    assert refusals == [InProgress, ConsentOpen, ConsentOpen]
    assert len(office.zalo.paid_requests()) == 1


@pytest.mark.slow
def test_a_function_that_died_after_its_claim_leaves_an_open_request(office: Office) -> None:
    class Killed(BaseException):
        pass

    def die() -> dict[str, Any]:
        raise Killed

    office.zalo.request = die
    with pytest.raises(Killed):
        office.ask("order-1")
    office.zalo.request = {"error": 0}
    with pytest.raises(InProgress):
        office.ask("order-1")
    with pytest.raises(ConsentOpen):
        office.ask()
    office.world.clock.turn(seconds=30)
    again = office.ask("order-1")
    assert again.replayed
    assert again.value.state(office.world.clock()) is ConsentState.REQUESTED
    assert len(office.zalo.paid_requests()) == 1
    # Zalo knows whether it was sent.
    office.world.clock.turn(seconds=31)
    office.zalo.check = {"error": 20}
    office.consents.check(OA, SHOP, again.value.id)
    assert office.state() == ConsentState.NOT_ASKED
    assert costs(office)[0]["settled"] == 0


# --------------------------------------------------------------------- no answer is ever a consent


REPLIES: list[tuple[Reply, ConsentState, str | None, bool | None]] = [
    ({"error": 0}, ConsentState.REQUESTED, None, True),
    ({"error": "2"}, ConsentState.REQUESTED, None, True),
    ({"error": 8}, ConsentState.WAITING, None, False),
    ({"error": 3}, ConsentState.REFUSED, "rejected", False),
    ({"error": 4}, ConsentState.BLOCKED, "blocked", False),
    *(
        ({"error": number}, ConsentState.NOT_ASKED, word, False)
        for number, word in (
            (5, "too_many_requests"),
            (6, "insufficient_permissions"),
            (7, "reason_required"),
            (9, "never_interacted"),
            (11, "bad_request"),
            (13, "bad_parameter"),
            (14, "failed"),
            (16, "expired"),
            (18, "outside_working_hours"),
            (19, "time_not_permitted"),
            (20, "never_requested"),
            (21, "inbound_off"),
            (-216, "unauthorized"),
            (-124, "unauthorized"),
            (-32, "rate_limited"),
        )
    ),
    (HttpResponse(401, b""), ConsentState.NOT_ASKED, "unauthorized", False),
    (HttpResponse(429, b""), ConsentState.NOT_ASKED, "rate_limited", False),
    (NoResponse("connect_failed", sent=False), ConsentState.NOT_ASKED, "connect_failed", False),
    *(
        (unclear, ConsentState.REQUESTED, why, None)
        for unclear, why in (
            ({"error": 10}, "zalo_error_10"),
            ({"error": 12}, "zalo_error_12"),
            ({"error": 15}, "zalo_error_15"),
            ({"error": 17}, "zalo_error_17"),
            ({"error": 22}, "zalo_error_22"),
            ({"error": -200}, "zalo_error_-200"),
            ({"error": None}, "unreadable_reply"),
            ({"message": "Success"}, "unreadable_reply"),
            (HttpResponse(200, b"<html>"), "unreadable_reply"),
            (HttpResponse(500, b""), "http_500"),
            (HttpResponse(502, b"<html>"), "http_502"),
            (NoResponse("timeout"), "timeout"),
            (NoResponse("connection_cut"), "connection_cut"),
        )
    ),
]


@pytest.mark.slow
def test_every_reply_ends_in_a_clear_state(office: Office) -> None:
    now = office.world.clock()
    for last, (reply, state, why, charged) in enumerate(REPLIES):
        count = len(office.zalo.paid_requests())
        office.zalo.request = reply
        consent = office.ask(phone=f"+8477354{last:04}").value
        assert consent.state(now) is state, reply
        assert consent.blocker(now) is not None
        assert why is None or consent.status.why == why
        amount, kind = (600, "estimated") if charged is None else (600 * charged, "settled")
        assert consent.status.cost == Cost(Decimal(amount), "VND", kind)
        assert len(office.zalo.paid_requests()) - count == (2 if why == "unauthorized" else 1)
    ledger = costs(office)[0]
    unclear = sum(charged is None for *_, charged in REPLIES)
    charges = sum(charged is True for *_, charged in REPLIES)
    assert (ledger["estimated"], ledger["settled"]) == (600 * unclear, 600 * charges)
    assert ledger["spent"] == 600 * (unclear + charges)


def test_allowed_already_is_asked_for_its_end(office: Office) -> None:
    office.zalo.request = {"error": 1}
    end = office.world.clock() + timedelta(days=12)
    office.zalo.check = {"error": 0, "expired_time": str(ms(end))}
    office.ask()
    assert (office.state(), office.until()) == (ConsentState.ALLOWED, end)
    assert costs(office)[0]["settled"] == 0


@pytest.mark.parametrize("check", [NoResponse("timeout"), {"error": -216}, {"error": 0}])
def test_allowed_already_without_an_end_is_for_48_hours(office: Office, check: Reply) -> None:
    office.zalo.request, office.zalo.check = {"error": 1}, check
    office.ask()
    assert office.state() == ConsentState.ALLOWED
    assert office.until() == office.world.clock() + timedelta(hours=48)


def test_without_a_token_nothing_is_written(office: Office) -> None:
    manager: SecretsManagerClient = moto_client("secretsmanager")
    arn = office.consents.zalo.tokens.arn_of()
    manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    with pytest.raises(Unavailable):
        office.ask()
    assert office.items("CN") == []
    assert office.zalo.requests == []


def test_a_reply_that_cannot_be_written_is_no_error(office: Office) -> None:
    store = office.consents.recorder.repository

    class Failing(type(store)):  # type: ignore[misc]
        def add(self, *_: object, **__: object) -> bool:
            raise Unavailable("The table cannot be reached.")

    failing = Failing(store.table, store.retention_seconds)
    records = replace(office.consents.recorder, repository=failing)
    second = replace(office, consents=replace(office.consents, recorder=records))
    consent = second.ask().value
    assert consent.state(office.world.clock()) is ConsentState.REQUESTED
    office.reply()
    assert office.state() == ConsentState.ALLOWED


def test_a_fee_whose_request_is_kept_no_longer_is_left_as_it_was(office: Office) -> None:
    office.zalo.request = NoResponse("timeout")
    office.ask()
    [request] = office.items("CNQ#")
    office.world.table.delete({"PK": request["PK"]["S"], "SK": "CNQ"})
    office.sent()
    assert office.state() == ConsentState.WAITING
    assert office.consent.status.fee is Fee.CHARGED
    assert office.items("CNQ#") == []


# ---------------------------------------------------------------------------- checking and limits


CHECKS: list[tuple[dict[str, int | str], ConsentState]] = [
    ({"error": 0}, ConsentState.ALLOWED),
    ({"error": "1", "expired_time": 0}, ConsentState.ALLOWED),
    ({"error": 2}, ConsentState.REQUESTED),
    ({"error": 8}, ConsentState.WAITING),
    ({"error": 3}, ConsentState.REFUSED),
    ({"error": 4}, ConsentState.BLOCKED),
    ({"error": 16}, ConsentState.EXPIRED),
    ({"error": 20}, ConsentState.NOT_ASKED),
]


@pytest.mark.slow
def test_what_zalo_says_when_it_is_asked(office: Office) -> None:
    for last, (check, state) in enumerate(CHECKS):
        consent = office.ask(phone=f"+8477354388{last}").value
        office.world.clock.turn(minutes=2)
        office.zalo.check = check
        record = office.consents.check(OA, SHOP, consent.id)
        assert record.consent is not None
        assert record.consent.state(office.world.clock()) is state
        assert record.evidence[-1].source is ConsentSource.CHECK
        assert (record.evidence[-1].zalo_value, record.evidence[-1].actor) == (
            str(check["error"]),
            SHOP,
        )


SILENT: list[tuple[Reply, str, int | None]] = [
    (NoResponse("timeout"), "timeout", None),
    (HttpResponse(500, b""), "http_500", None),
    ({"error": -216}, "unauthorized", -216),
    ({"error": 5}, "too_many_requests", 5),
    ({"error": 99}, "zalo_error_99", None),
]


@pytest.mark.slow
def test_a_zalo_that_does_not_say_changes_nothing(office: Office) -> None:
    consent = office.ask().value
    for check, reason, number in SILENT:
        office.zalo.check = check
        with pytest.raises(ProviderFailed) as failed:
            office.consents.check(OA, SHOP, consent.id)
        assert failed.value.members == {"reason": reason, "zalo_error": number}
        assert office.consent == consent
        assert office.consents.checker.refresh(consent, office.world.clock()) == consent


def test_refreshing_a_customer_of_whom_nothing_is_known(office: Office) -> None:
    phone = parse_phone(PHONE)
    office.zalo.check = {"error": 20}
    assert office.consents.checker.refresh(phone, office.world.clock()) is None
    assert office.items("CNS#") == []
    assert office.consents.checker.refresh(None, office.world.clock()) is None
    office.zalo.check = {"error": 0, "expired_time": 0}
    consent = office.consents.checker.refresh(phone, office.world.clock())
    assert consent is not None
    assert consent.state(office.world.clock()) is ConsentState.ALLOWED
    assert consent.status.until is None


def test_the_money_of_the_day(office: Office) -> None:
    limits = LimitSettings(daily_money={"VND": Decimal(799)})
    set_limits(office, limits)
    office.ask()
    with pytest.raises(LimitReached) as limit:
        office.ask(phone="+84773543880")
    assert limit.value.limit == "daily_money"
    assert len(office.zalo.paid_requests()) == 1
    assert len(office.items("CNS#")) == 3
    assert [one["channel"]["S"] for one in office.items("DEC#")] == ["oa_consent"]
    assert [one["spent"] for one in costs(office)] == [600]


def set_limits(office: Office, limits: LimitSettings) -> None:
    store_settings(office.world.table, "shop", ClientSettings(limits=limits))


def test_a_number_on_the_deny_list_is_not_asked(office: Office) -> None:
    key = list_key(office.consents.recorder.phone_key(PHONE), "shop")
    set_limits(office, LimitSettings(deny=PhoneList(numbers=frozenset({key}))))
    with pytest.raises(NotAllowed):
        office.ask()
    assert office.items("CN") == []
    assert [one["limit"]["S"] for one in office.items("DEC#")] == ["deny_list"]


@pytest.mark.slow
def test_a_fee_that_is_given_back_makes_room(office: Office) -> None:
    set_limits(office, LimitSettings(daily_money={"VND": Decimal(600)}))
    office.zalo.request = {"error": 9}
    office.ask()
    costs(office)
    office.zalo.request = {"error": 0}
    office.ask()
    assert costs(office) == [
        {
            "estimated": 0,
            "settled": 600,
            "spent": 600,
            "lines": [("oa_consent", "zalo")],
        }
    ]


def test_the_sends_of_the_day(office: Office) -> None:
    set_limits(office, LimitSettings(daily_sends=1))
    office.ask()
    with pytest.raises(LimitReached) as limit:
        office.ask(phone="+84773543889")
    assert limit.value.limit == "daily_sends"


# ------------------------------------------------------------------------------ reading, deleting


@pytest.mark.slow
def test_the_list(office: Office) -> None:
    phones = [f"+8477354388{last}" for last in range(5)]
    for phone in phones:
        office.ask(phone=phone)
        office.world.clock.turn(seconds=1)
    office.event("user_reply_consent", phone=phones[1][1:], user_consent="ALLOW")
    page = office.consents.page(OA, SHOP, {"limit": "3"})
    rest = office.consents.page(OA, SHOP, {"limit": "3", "cursor": page.next_cursor or ""})
    assert [one.phone for one in (*page.items, *rest.items)] == phones[::-1]
    assert rest.next_cursor is None
    [allowed] = office.consents.page(OA, SHOP, {"state": "allowed"}).items
    assert allowed.phone == phones[1]
    [consent] = office.consents.page(OA, SHOP, {"phone": "0773543883", "region": "VN"}).items
    assert consent.phone == phones[3]
    assert office.consents.page(OA, SHOP, {"phone": phones[3], "state": "allowed"}).items == ()
    assert office.consents.page(OA, SHOP, {"phone": "+84773543899"}).items == ()
    office.world.clock.turn(hours=24)
    assert len(office.consents.page(OA, SHOP, {"state": "expired"}).items) == 4


def test_a_list_that_cannot_be_asked_for(office: Office) -> None:
    for name, value in (
        ("state", "open"),
        ("phone", DIGITS),
        ("cursor", "x"),
        ("limit", "0"),
        ("from", "x"),
    ):
        with pytest.raises(ValidationFailed):
            office.consents.page(OA, SHOP, {name: value})


def test_the_answers(office: Office) -> None:
    office.ask(name="Chị Lan")
    office.reply(expired_time=0)
    now = office.world.clock()
    record = office.consents.get(OA, SHOP, office.consent.id)
    view = json.loads(json.dumps(views.consent(record, MASKS, office.world.clock).body))
    assert (view["phone"], view["name"]) == ("+84******888", "Chị Lan")
    assert (view["state"], view["unlimited"], view["expires_at"]) == ("allowed", True, None)
    assert view["cost"] == {"amount": "600", "currency": "VND", "kind": "settled"}
    assert [one["what"] for one in view["evidence"]] == ["asked", "taken", "allowed"]
    assert view["evidence"][0]["key_id"] == SHOP.key_id
    assert PHONE not in json.dumps(view)
    assert consent_view(office.consent, now, clear_phone=True)["phone"] == PHONE
    page = office.consents.page(OA, SHOP, {})
    assert json.dumps(views.page(page, MASKS, office.world.clock).body)


def test_the_export(office: Office) -> None:
    office.ask()
    office.sent()
    office.reply()
    export = office.consents.export(OA, SHOP, {})
    answer = views.export(export, MASKS)
    assert answer.headers["Content-Type"] == "application/jsonl"
    lines = [json.loads(line) for line in (answer.text or "").splitlines()]
    assert [line["what"] for line in lines] == ["asked", "taken", "waiting", "allowed"]
    assert [line["source"] for line in lines] == ["request", "reply", "event", "event"]
    assert {line["phone"] for line in lines} == {"+84******888"}
    assert lines[0]["client"] == "shop"
    table = views.export(office.consents.export(OA, SHOP, {"format": "csv"}), SEES)
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *rows = (table.text or "").split("\r\n")[:-1]
    assert header.startswith("consent_id,oa_id,phone,at")
    # A spreadsheet takes what begins with a plus for a formula.
    assert all(f",'{PHONE}," in row for row in rows)
    assert len(rows) == len(lines)
    with pytest.raises(ValidationFailed):
        office.consents.export(OA, SHOP, {"format": "xml"})


@pytest.mark.slow
def test_an_export_in_parts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for last in range(5):
        office.ask(phone=f"+8477354388{last}")
        office.world.clock.turn(seconds=1)
    monkeypatch.setattr(module, "MOST_LINES", 4)
    phones, cursor = list[str](), dict[str, str]()
    for _ in range(5):
        export = office.consents.export(OA, SHOP, cursor)
        phones += [entry.consent.phone for entry in export.consents if entry.consent]
        if export.next_cursor is None:
            break
        cursor = {"cursor": export.next_cursor}
        assert views.export(export, MASKS).headers["Next-Cursor"] == export.next_cursor
    assert phones == [f"+8477354388{last}" for last in reversed(range(5))]


def test_what_a_request_and_an_event_cost(office: Office) -> None:
    operations: list[str] = []
    events = office.world.table.client.meta.events
    events.register("before-call.dynamodb.*", lambda model, **_: operations.append(model.name))
    office.ask("order-1")
    # The client's settings are read each time: its deny list holds at once.
    assert operations == ["BatchGetItem", "Query", "TransactWriteItems", "TransactWriteItems"]
    operations.clear()
    digest = office.keep("user_reply_consent", user_consent="ALLOW")
    assert operations == ["PutItem"]
    operations.clear()
    office.events.work(digest or "")
    assert operations == ["GetItem", "Query", "TransactWriteItems", "UpdateItem"]


@pytest.mark.slow
@pytest.mark.parametrize("by_number", [False, True])
def test_deleting(office: Office, by_number: bool) -> None:
    office.ask("order-1", user_id="1")
    office.sent()
    office.reply(user_id=USER)
    one = office.consent
    assert office.consents.find(None, USER) == one
    if by_number:
        query = {"phone": "0773543888", "region": "VN"}
        assert office.consents.delete_number(OA, SHOP, query) == one
    else:
        assert office.consents.delete(OA, SHOP, one.id) == one
    [tombstone] = office.items("CN")
    assert tombstone["SK"] == {"S": "GONE"}
    assert tombstone.keys() == {"PK", "SK", "entity", "deleted_at", "changes", "expires_at"}
    for item in office.items(""):
        assert DIGITS[2:] not in json.dumps(item, default=str)
    assert office.consents.find(one.phone_key, USER) is None
    assert office.consents.find(None, USER) is None
    with pytest.raises(NotFound):
        office.consents.delete(OA, SHOP, one.id)
    with pytest.raises(NotFound):
        office.consents.delete_number(OA, SHOP, {"phone": PHONE})
    with pytest.raises(ValidationFailed):
        office.consents.delete_number(OA, SHOP, {})


def test_a_consent_that_there_is_not(office: Office) -> None:
    for use in (office.consents.get, office.consents.check, office.consents.delete):
        for id_ in ("cns_x", "", "cns_" + "a" * 32, "../x"):
            with pytest.raises(NotFound):
                use(OA, SHOP, id_)


# ------------------------------------------------------------------------------------ Zalo's events


@pytest.mark.slow
def test_events_in_any_order_and_three_times(office: Office) -> None:
    office.ask()
    now = office.world.clock()
    tell: list[Callable[[], None]] = [
        lambda: office.event(
            "user_reply_consent", user_consent="ALLOW", confirmed_time=ms(now) + 900
        ),
        lambda: office.event("oa_send_consent", request_type="SENT", create_time=ms(now) + 100),
        lambda: office.event("oa_send_consent", request_type="EXPIRED", create_time=ms(now) + 100),
    ]
    office.world.clock.turn(seconds=2)
    for one in (*tell, *tell, *tell):
        one()
    assert office.state() == ConsentState.ALLOWED
    assert len(office.items("OAE#")) == 3
    assert len(office.consents.get(OA, SHOP, office.consent.id).evidence) == 5


def test_a_repeated_event_is_known_by_what_it_says(office: Office) -> None:
    fields = {"user_consent": "ALLOW", "confirmed_time": "1795336200000"}
    first = office.keep("user_reply_consent", **fields)
    again = office.keep("user_reply_consent", **fields, timestamp="1795336230000", num_retry=1)
    assert first == again
    assert len(office.items("OAE#")) == 1


def test_an_event_is_finished_only_once_it_has_been_worked_on(office: Office) -> None:
    digest = office.keep("user_reply_consent", user_consent="ALLOW")
    assert digest is not None
    [item] = office.items("OAE#")
    assert item["due_bucket"]["S"].startswith("due#")
    assert item["phone"]["S"].endswith(DIGITS)
    assert DIGITS not in item["fields"]["S"]
    office.events.work(digest)
    office.events.work(digest)
    [item] = office.items("OAE#")
    assert not {"fields", "phone", "due_bucket", "due_at"} & item.keys()
    assert office.state() == ConsentState.ALLOWED
    # It may come again after that.
    office.keep("user_reply_consent", user_consent="ALLOW")
    assert len(office.items("OAE#")) == 1


def test_an_event_whose_work_fails_stays_unfinished(office: Office) -> None:
    class Failing:
        def handle(self, event: OaEvent, now: object) -> None:
            raise Unavailable("The table cannot be reached.")

    digest = office.keep("user_reply_consent", user_consent="ALLOW")
    events = replace(office.events, handlers={"user_reply_consent": Failing})
    with pytest.raises(Unavailable):
        events.work(digest or "")
    assert "due_at" in office.items("OAE#")[0]
    office.events.work(digest or "")
    assert office.state() == ConsentState.ALLOWED


def test_another_oas_event_is_none_of_ours(office: Office) -> None:
    for oa_id in (OTHER_OA, 17, "x"):
        assert office.keep("user_reply_consent", oa_id=oa_id, user_consent="ALLOW") is None
    assert office.items("OAE#") == []
    for ours in (None, "", OA, int(OA)):
        assert office.keep("user_reply_consent", oa_id=ours, user_consent="ALLOW") is not None


def test_an_event_of_nobody_is_done_with(office: Office) -> None:
    unreadable: list[object] = [None, "12", {}, "+79777777777"]
    for phone in unreadable:
        office.event("user_reply_consent", user_consent="ALLOW", phone=phone)
    assert office.items("CNS#") == []
    assert not any("due_at" in item for item in office.items("OAE#"))


@pytest.mark.slow
def test_a_number_in_every_form(office: Office) -> None:
    forms: list[object] = [DIGITS, f"+{DIGITS}", "0773543888", int(DIGITS)]
    for phone in forms:
        # The text and the number are one event, unless it is another answer.
        office.world.clock.turn(seconds=1)
        office.reply(phone=phone)
        assert office.state() == ConsentState.ALLOWED
        office.consents.delete(OA, SHOP, office.consent.id)


def test_a_user_id_that_was_given_is_a_note(office: Office) -> None:
    """Nobody is found, called or written to by it: only Zalo knows whose it is."""
    consent = office.ask(user_id=USER).value
    assert (consent.user_id, consent.user_confirmed_at) == (USER, None)
    office.reply()
    assert office.state() == ConsentState.ALLOWED
    assert office.consents.find(None, USER) is None
    assert office.consents.recorder.confirmed_user_id(office.consent) is None
    assert office.items("CNU#") == []


@pytest.mark.slow
def test_an_event_teaches_whose_user_id_it_is(office: Office) -> None:
    office.ask(phone="+84773543889", user_id=USER)
    office.event("user_reply_consent", user_consent="ALLOW", user_id=int(USER))
    consent = office.consents.find(None, USER)
    assert consent is not None
    assert (consent.phone, consent.user_id) == (PHONE, USER)
    assert office.consents.recorder.confirmed_user_id(consent) == USER
    assert office.consents.find(None, "1") is None
    # What is given to us afterwards changes nothing.
    office.ask(phone="+84773543887", user_id=USER)
    assert office.consents.find(None, USER) == consent
    office.world.clock.turn(seconds=1)
    office.reply("DENY")
    assert office.ask(user_id="1").value.user_id == USER


def test_a_user_id_that_zalo_tells_of_another_number_is_that_number_s(office: Office) -> None:
    office.reply(user_id=USER)
    office.world.clock.turn(seconds=1)
    office.reply(phone="84773543889", user_id=USER)
    consent = office.consents.find(None, USER)
    assert consent is not None
    assert consent.phone == "+84773543889"
    # The number that it was of keeps its permission, and nobody is called by it with the id.
    assert office.consent.user_id == USER
    assert office.consents.recorder.confirmed_user_id(office.consent) is None
    # Deleting that one takes nothing away from the other.
    office.consents.delete(OA, SHOP, office.consent.id)
    assert office.consents.find(None, USER) == consent


def test_an_older_word_about_a_user_id_changes_nothing(office: Office) -> None:
    early = ms(office.world.clock())
    office.world.clock.turn(minutes=5)
    office.reply(user_id=USER)
    office.event("user_reply_consent", user_consent="DENY", confirmed_time=early, user_id="1")
    assert (office.consent.user_id, office.consent.former_user_ids) == (USER, ())
    told_of_another = {"phone": "84773543889", "user_id": USER, "confirmed_time": early}
    office.event("user_reply_consent", user_consent="ALLOW", **told_of_another)
    consent = office.consents.find(None, USER)
    assert consent is not None
    assert consent.phone == PHONE


@pytest.mark.slow
def test_what_zalo_told_for_a_user_id_goes_with_the_customer(office: Office) -> None:
    office.ask(user_id="0")
    office.reply(user_id="1")
    office.world.clock.turn(seconds=1)
    office.reply("DENY", user_id="2")
    assert (office.consent.user_id, office.consent.former_user_ids) == ("2", ("1",))
    assert office.consents.find(None, "1") is None
    assert len(office.items("CNU#")) == 2
    office.consents.delete(OA, SHOP, office.consent.id)
    assert [one["SK"] for one in office.items("CN")] == [{"S": "GONE"}]


# -------------------------------------------------------------------------------- stays deleted


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["ALLOW", "DENY", "USER_BLOCKED"])
def test_an_event_of_before_a_deletion_brings_nobody_back(office: Office, answer: str) -> None:
    """Also one that comes for the first time: Zalo repeats events for almost two hours."""
    office.ask()
    office.reply()
    at = ms(office.world.clock())
    office.world.clock.turn(minutes=30)
    office.consents.delete(OA, SHOP, office.consent.id)
    office.world.clock.turn(minutes=30)
    for fields in ({"confirmed_time": at}, {"timestamp": str(at)}):
        office.event("user_reply_consent", user_consent=answer, user_id=USER, **fields)
    office.event("oa_send_consent", request_type="SENT", create_time=at)
    expiry = {"create_time": at, "expired_time": at}
    office.event("oa_send_consent", request_type="EXPIRED", **expiry)
    assert [one["SK"] for one in office.items("CN")] == [{"S": "GONE"}]
    # Nor does it count once the customer is asked anew.
    office.ask()
    office.event("user_reply_consent", user_consent=answer, confirmed_time=at, note="again")
    assert office.state() == ConsentState.REQUESTED


def test_what_waited_while_a_customer_was_deleted_brings_nobody_back(office: Office) -> None:
    office.ask()
    digest = office.keep("user_reply_consent", user_consent="ALLOW")
    office.world.clock.turn(seconds=1)
    office.consents.delete(OA, SHOP, office.consent.id)
    office.events.work(digest or "")
    assert [one["SK"] for one in office.items("CN")] == [{"S": "GONE"}]


def test_a_reply_of_zalo_s_during_a_deletion_brings_nobody_back(office: Office) -> None:
    def deleted_meanwhile() -> dict[str, Any]:
        office.world.clock.turn(seconds=1)
        office.consents.delete(OA, SHOP, office.consent.id)
        office.world.clock.turn(seconds=1)
        return {"error": 0}

    office.zalo.request = deleted_meanwhile
    assert office.ask().value.state(office.world.clock()) is ConsentState.REQUESTED
    assert [one["SK"] for one in office.items("CN")] == [{"S": "GONE"}]


def test_a_check_of_before_a_deletion_brings_nobody_back(office: Office) -> None:
    office.ask()
    one = office.consent
    fact, _ = office.consents.checker.fetch(PHONE)
    assert fact is not None
    office.consents.delete(OA, SHOP, one.id)
    assert office.consents.recorder.add(PHONE, fact, office.world.clock()) is None


def test_what_happens_after_a_deletion_counts(office: Office) -> None:
    office.ask()
    office.reply()
    office.consents.delete(OA, SHOP, office.consent.id)
    office.world.clock.turn(seconds=1)
    office.reply()
    assert office.state() == ConsentState.ALLOWED


def test_a_fact_that_is_added_during_a_deletion_goes_too(office: Office) -> None:
    office.ask()
    store, one, late = office.consents.recorder.repository, office.consent, list[Evidence]()

    class Meanwhile(type(store)):  # type: ignore[misc]
        def _delete_facts(self, consent: Consent, facts: list[Evidence]) -> None:
            super()._delete_facts(consent, facts)
            if not late:
                late.append(replace(facts[0], zalo_value="late"))
                store.add(late[0], one, replace(one, version=one.version + 1), settles=False)

    meanwhile = Meanwhile(store.table, store.retention_seconds)
    meanwhile.delete(meanwhile.read(OA, one.id), office.world.clock())
    assert late
    assert [item["SK"] for item in office.items("CN")] == [{"S": "GONE"}]


@pytest.mark.slow
def test_a_consent_that_changes_all_the_time(office: Office) -> None:
    store = office.consents.recorder.repository

    class Busy(type(store)):  # type: ignore[misc]
        def add(self, *_: object, **__: object) -> bool:
            raise ConsentChanged

        def claim(self, *_: object, **__: object) -> None:
            raise ConsentChanged

    busy = replace(office.consents.recorder, repository=Busy(store.table, store.retention_seconds))
    with pytest.raises(Unavailable):
        replace(office, consents=replace(office.consents, recorder=busy)).ask()
    with pytest.raises(Unavailable):
        replace(office.events, handlers={"user_reply_consent": lambda: busy}).work(
            office.keep("user_reply_consent", user_consent="ALLOW") or ""
        )


def test_facts_are_kept_in_the_order_of_their_times(office: Office) -> None:
    office.ask()
    office.world.clock.turn(seconds=3)
    office.sent()
    office.world.clock.turn(seconds=3)
    office.reply("DENY")
    record = office.consents.get(OA, SHOP, office.consent.id)
    assert [fact.kind for fact in record.evidence] == [
        ConsentFact.ASKED,
        ConsentFact.TAKEN,
        ConsentFact.WAITING,
        ConsentFact.REFUSED,
    ]
