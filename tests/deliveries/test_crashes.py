"""The function is ended at every point between reserve and finish; then a replay and the CDR come.

Never a second request, and always the right end.
"""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.background.outbox import Outbox
from ringpass.background.tasks import Task, TaskQueue
from ringpass.background.worker import TaskWorker
from ringpass.deliveries.correlations_store import CorrelationRepository
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.order_builders import VoiceOrderBuilder
from ringpass.deliveries.receipts.voice_gateway import store_simulated_call
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp
from ringpass.deliveries.send import SendResult, SendService
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.facts import ChannelName
from ringpass.providers.voice_gateway.client import VoiceGateway
from tests.background.test_worker import Queue, stream
from tests.moto_table import moto_client
from tests.world import ACCEPTED, World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

CALL: Final = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
VOICE: Final = VoiceOtp.from_mapping({"phone": "+84389801371", "otp": "1234"})
GATEWAY_TAKES: Final = HttpResponse(200, b'{"accepted": true, "call_id": "call-1"}')
TAKEN: Final = HttpResponse(200, '{"message": "thành công", "status": true}'.encode())

# Each point between the first write and the answer, in order.
POINTS: Final = (
    "before the reservation",
    "after the reservation",
    "before the request",
    "after the request",
    "before the reference",
    "after the reference",
    "before the finish",
    "after the finish",
)
WRITES: Final = {
    "transact_write_items": "reservation",
    "put_item": "reservation",
    "update_item REF": "reference",
    "update_item DLV": "finish",
}


class Killed(BaseException):
    """The function is ended here."""


class DyingClient:
    """DynamoDB's client in a function that is ended at one point."""

    def __init__(self, client: object, point: str) -> None:
        self._client = client
        self._point = point

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        def call(**arguments: Any) -> Any:  # noqa: ANN401 - its arguments
            key = arguments.get("Key", {}).get("PK", {}).get("S", "")[:3]
            name = WRITES.get(f"{operation} {key}".strip(), WRITES.get(operation))
            if self._point == f"before the {name}":
                raise Killed
            answer = getattr(self._client, operation)(**arguments)
            if self._point == f"after the {name}":
                raise Killed
            return answer

        return call


def send(world: World) -> SendResult:
    return world.calls.send(CALL, "acme", "key")


def voice(world: World) -> SendService[VoiceOtp]:
    """Sends whose provider gives no reference."""
    return replace(
        cast("SendService[Any]", world.calls),
        route="POST /v1/voice-otp",
        channel=world.parts.voice_otp,
    )


def gateway(world: World) -> SendService[VoiceOtp]:
    """Sends through a voice gateway, whose results repeat our id."""
    moto_client("secretsmanager").create_secret(
        Name="voice_gateway", SecretString='{"token": "gateway-token"}'
    )
    channel = world.parts.channel(
        ChannelName.VOICE_OTP,
        VoiceOrderBuilder(world.parts.scenarios),
        VoiceGateway("https://pbx.test/otp"),
    )
    return replace(voice(world), channel=channel)


def killed_at[C: SendCommand](
    world: World, point: str, reply: HttpResponse | NoResponse, calls: SendService[C], command: C
) -> None:
    """The first request, ended at a point."""
    dying = cast("DynamoDBClient", DyingClient(world.table.client, point))
    table = Table(dying, world.table.name)

    def answer() -> HttpResponse | NoResponse:
        if point == "after the request":
            raise Killed
        return reply

    transmit = kill if point == "before the request" else world.wire.send
    world.wire.answers = [answer, reply]
    [route] = calls.channel.routes
    channel = replace(
        calls.channel,
        routes=(replace(route, caller=replace(route.caller, transmit=transmit)),),
        deliveries=replace(world.deliveries, table=table),
        correlations=CorrelationRepository(table, world.references.retention_seconds),
    )
    calls = replace(calls, channel=channel)
    with pytest.raises(Killed):
        calls.send(command, "acme", "key")


def kill(_: HttpRequest) -> HttpResponse:
    raise Killed


def settle_down(world: World) -> None:
    """What the stream and the queue do, until nothing is left to do."""
    queue = Queue()
    agenda = TaskQueue(cast("SQSClient", queue), "url")
    outbox = Outbox(world.deliveries, agenda, world.clock, correlations=world.references)
    advance = TaskWorker(
        world.deliveries,
        world.references,
        world.joins,
        world.simulations,
        lambda: world.moves,
        agenda,
        world.clock,
        lambda: pytest.fail("nothing was told of an OA"),
    )
    for _ in range(3):
        for record in [*stream(world, "DLV#"), *stream(world, "REF#")]:
            outbox.handle(record)
        world.clock.turn(seconds=31)
        tasks, queue.sent = queue.sent, []
        for message in tasks:
            advance.run(Task.from_json(message["MessageBody"]))


def end(world: World, delivery_id: str) -> Delivery:
    delivery = world.deliveries.get(delivery_id)
    assert delivery is not None
    return delivery


@pytest.mark.slow
@pytest.mark.parametrize("cdr_comes", ["before the replay", "after the replay", "never"])
@pytest.mark.parametrize("point", POINTS[1:])
def test_a_killed_function_places_no_second_call_and_its_delivery_ends_right(
    world: World, point: str, cdr_comes: str
) -> None:
    killed_at(world, point, ACCEPTED, world.calls, CALL)
    request_count = len(world.wire.requests)
    is_placed = POINTS.index(point) >= POINTS.index("after the request")
    assert request_count == (1 if is_placed else 0)
    if is_placed and cdr_comes == "before the replay":
        world.cdr(16, "ANSWER")
    settle_down(world)
    replay = send(world)
    assert replay.replayed
    if is_placed and cdr_comes == "after the replay":
        world.cdr(16, "ANSWER")
    settle_down(world)
    delivery = end(world, replay.delivery.id)
    assert len(world.wire.requests) == request_count
    if is_placed and cdr_comes != "never":
        assert delivery.status is Status.ANSWERED
    elif POINTS.index(point) >= POINTS.index("after the reference"):
        # What was written of the reply is not lost with the function.
        assert delivery.status is Status.ACCEPTED
    else:
        assert (delivery.status, delivery.reason) == (Status.UNKNOWN, "function_ended")


@pytest.mark.slow
@pytest.mark.parametrize("point", [point for point in POINTS[1:] if "reference" not in point])
def test_nor_does_it_where_the_provider_gives_no_reference(world: World, point: str) -> None:
    calls = voice(world)
    killed_at(world, point, TAKEN, calls, VOICE)
    request_count = len(world.wire.requests)
    assert request_count == (1 if POINTS.index(point) >= POINTS.index("after the request") else 0)
    settle_down(world)
    replay = calls.send(VOICE, "acme", "key")
    assert replay.replayed
    assert len(world.wire.requests) == request_count
    delivery = end(world, replay.delivery.id)
    if point == "after the finish":
        assert delivery.status is Status.ACCEPTED
    else:
        assert (delivery.status, delivery.reason) == (Status.UNKNOWN, "function_ended")


@pytest.mark.slow
@pytest.mark.parametrize("result_comes", [True, False])
@pytest.mark.parametrize("point", POINTS[1:])
def test_nor_does_it_at_a_voice_gateway(world: World, point: str, result_comes: bool) -> None:
    calls = gateway(world)
    killed_at(world, point, GATEWAY_TAKES, calls, VOICE)
    request_count = len(world.wire.requests)
    is_placed = POINTS.index(point) >= POINTS.index("after the request")
    assert request_count == (1 if is_placed else 0)
    if is_placed and result_comes:
        [request] = world.wire.requests
        delivery_id = json.loads(request.body)["delivery_id"]
        result = {
            "ref": "call-1",
            "delivery_id": delivery_id,
            "outcome": "answered",
            "reason": "answered",
        }
        store_simulated_call(world.deliveries, world.references, result, world.clock())
    settle_down(world)
    replay = calls.send(VOICE, "acme", "key")
    assert replay.replayed
    assert len(world.wire.requests) == request_count
    delivery = end(world, replay.delivery.id)
    if is_placed and result_comes:
        assert delivery.status is Status.ANSWERED
    elif POINTS.index(point) >= POINTS.index("after the reference"):
        assert delivery.status is Status.ACCEPTED
    else:
        assert (delivery.status, delivery.reason) == (Status.UNKNOWN, "function_ended")


def test_before_the_reservation_nothing_has_happened_and_a_replay_is_the_first(
    world: World,
) -> None:
    killed_at(world, "before the reservation", ACCEPTED, world.calls, CALL)
    world.wire.answers = [ACCEPTED]
    assert not send(world).replayed
    assert len(world.wire.requests) == 1
