"""Events: each once, in their order, signed to a server of the user's own."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from local.webhook_receiver import Answer, webhook_receiver
from ringpass.events.model import EventType
from ringpass_cli.api import Api
from ringpass_cli.errors import CliError, ExitCode, usage
from ringpass_cli.feed import EventFeed
from ringpass_cli.samples import event_types, sample_event
from tests.cli.api_server import ApiServer, Reply, page, problem
from tests.cli.conftest import Cli
from tests.template import ROOT

START: Final = datetime(2026, 11, 30, 8, tzinfo=UTC)


def _event(number: int, seconds: float, event_type: str = "delivery.settled") -> dict[str, Any]:
    at = (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    return {
        "id": f"evt_{number}",
        "type": event_type,
        "timestamp": at.replace("+00:00", "Z"),
        "sequence": 1,
        "subject": f"dlv_{number}",
        "test": True,
        "data": {"status": "busy"},
    }


class Listing(Api):
    """A list of events that grows between two looks."""

    def __init__(self, looks: Sequence[Sequence[dict[str, Any]]]) -> None:
        self.looks = list(looks)
        self.queries: list[Mapping[str, object]] = []

    def items(
        self, path: str, query: Mapping[str, object] | None = None, *, most: int | None = None
    ) -> Iterator[dict[str, Any]]:
        assert (path, most) == ("/v1/events", None)
        assert query is not None
        self.queries.append(query)
        events = self.looks.pop(0)
        newest_first = sorted(events, key=lambda event: str(event["timestamp"]), reverse=True)
        return iter([e for e in newest_first if e["timestamp"] >= str(query["from"])])


@given(st.lists(st.tuples(st.floats(0, 55), st.integers(0, 3)), max_size=20))
def test_each_event_comes_once_however_late_it_is_listed(
    arrivals: list[tuple[float, int]],
) -> None:
    events = [_event(number, seconds) for number, (seconds, _) in enumerate(arrivals)]
    looks = [
        [event for event, (_, look) in zip(events, arrivals, strict=True) if look <= now]
        for now in range(5)
    ]
    feed = EventFeed(Listing(looks), START)
    polls = [feed.poll() for _ in range(5)]
    ids = [event["id"] for events in polls for event in events]
    assert sorted(ids) == sorted(event["id"] for event in events)
    for new in polls:
        assert new == sorted(new, key=lambda event: event["timestamp"])


def test_what_was_seen_long_ago_is_asked_for_no_more() -> None:
    listing = Listing([[_event(1, 0)], [_event(2, 3600)], [_event(2, 3600)]])
    feed = EventFeed(listing, START)
    assert [len(feed.poll()) for _ in range(3)] == [1, 1, 0]
    assert listing.queries[2]["from"] == "2026-11-30T08:59:00.000Z"
    assert list(feed._seen) == ["evt_2"]


@pytest.mark.parametrize(
    ("types", "parameter", "numbers"),
    [
        ((), None, [1, 2, 3]),
        (("delivery.settled",), "delivery.settled", [1]),
        (("verification.*",), "verification.*", [2, 3]),
        (("delivery.*", "verification.ended"), None, [1, 3]),
    ],
)
def test_types_are_chosen(
    types: tuple[str, ...], parameter: str | None, numbers: list[int]
) -> None:
    names = ("delivery.settled", "verification.started", "verification.ended")
    listing = Listing([[_event(n, n, name) for n, name in enumerate(names, 1)]])
    events = EventFeed(listing, START, types).poll()
    assert [event["id"] for event in events] == [f"evt_{number}" for number in numbers]
    assert listing.queries[0].get("type") == parameter


def _failing(looks: Sequence[CliError | list[dict[str, Any]]]) -> Callable[..., Any]:
    left = list(looks)

    def items(
        _path: str, _query: object = None, *, most: int | None = None
    ) -> Iterator[dict[str, Any]]:
        del most
        look = left.pop(0)
        if isinstance(look, CliError):
            raise look
        return iter(look)

    return items


def test_a_stack_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    away = CliError("away", exit_code=ExitCode.UNREACHABLE)
    listing = Listing([])
    monkeypatch.setattr(listing, "items", _failing([away, away, [_event(1, 0)], usage("refused")]))
    warnings: list[str] = []
    pauses: list[float] = []
    events = EventFeed(listing, START).follow(pauses.append, warnings.append)
    assert next(events)["id"] == "evt_1"
    assert [warning.partition(";")[0] for warning in warnings] == ["away", "It answers again."]
    with pytest.raises(CliError, match="refused"):
        next(events)


def test_tail_once_is_one_document(cli: Cli, server: ApiServer) -> None:
    event = _event(1, 0)
    server.on("GET /v1/events", page(event))
    result = cli("events", "tail", "--once", "--since", "2026-11-30T08:00:00Z", "--json")
    assert json.loads(result.stdout) == {"items": [event]}
    assert "delivery.settled" in cli("events", "tail", "--once", "--since", "1d").stdout
    assert cli("events", "tail", "--once", "--since", "soon").exit_code == ExitCode.USAGE


def test_a_refusal_ends_tail(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/events", Reply(problem(403, "missing_scope", "read"), 403))
    assert cli("events", "tail").exit_code == ExitCode.REFUSED


def test_listen_forwards_signed_events(cli: Cli, server: ApiServer, tmp_path: Path) -> None:
    first, second = _event(1, 0), _event(2, 1)
    server.on("GET /v1/events", page(second, first))
    path = tmp_path / "secret"
    arguments = ("--since", "2026-11-30T08:00:00Z", "--count", "2", "--secret-file", str(path))
    with webhook_receiver() as receiver:
        result = cli("listen", "--forward-to", receiver.url, *arguments)
    assert result.exit_code == 0, result.output
    secret = path.read_text("ascii").strip()
    assert path.stat().st_mode & 0o777 == 0o600
    assert result.stderr.count(secret) == 1
    assert secret not in result.stdout
    bodies = [Webhook(secret).verify(one.body, dict(one.headers)) for one in receiver.received]
    assert bodies == [first, second]
    assert [one.headers["webhook-id"] for one in receiver.received] == ["evt_1", "evt_2"]
    # The second time the secret is the same, and is not written.
    with webhook_receiver() as receiver:
        again = cli("listen", "--forward-to", receiver.url, *arguments)
    assert secret not in again.output
    assert Webhook(secret).verify(receiver.received[0].body, dict(receiver.received[0].headers))


def test_a_reply_that_is_no_success_is_shown(cli: Cli, server: ApiServer) -> None:
    server.on("GET /v1/events", page(_event(1, 0)))
    arguments = ("--since", "2026-11-30T08:00:00Z", "--count", "1")
    with webhook_receiver(lambda _: Answer(500, body=b"no handler")) as receiver:
        result = cli("listen", "--forward-to", receiver.url, *arguments)
        as_json = cli("listen", "--forward-to", receiver.url, *arguments, "--json")
    assert result.exit_code == ExitCode.NEGATIVE
    assert "-> 500 in" in result.stdout
    assert "no handler" in result.stdout
    assert json.loads(as_json.stdout)["http_status"] == 500
    away = cli("listen", "--forward-to", receiver.url, *arguments)
    assert away.exit_code == ExitCode.NEGATIVE
    assert "-> no answer" in away.stdout


@pytest.mark.parametrize("url", ["localhost:3000", "ftp://localhost", "", "http://"])
def test_what_is_no_address_is_wrong_usage(cli: Cli, url: str) -> None:
    assert cli("listen", "--forward-to", url).exit_code == ExitCode.USAGE


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_ü", "secret", "whsec_!!!"])
def test_a_file_without_a_secret_is_wrong_usage(cli: Cli, tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text, encoding="utf-8")
    arguments = ("--forward-to", "http://127.0.0.1:9", "--secret-file", str(path))
    assert cli("listen", *arguments).exit_code == ExitCode.USAGE


@pytest.mark.parametrize("event_type", event_types())
def test_a_sample_has_the_form_of_its_type(event_type: str) -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / f"{event_type}.json").read_text("utf-8"))
    sample = sample_event(event_type, START)
    jsonschema.validate(sample, schema)
    known = schema["$defs"][schema["properties"]["data"]["$ref"].rpartition("/")[2]]["properties"]
    assert set(sample["data"]) <= set(known)


def test_each_type_has_a_sample() -> None:
    assert set(event_types()) == {str(event_type) for event_type in EventType}


def test_a_sample_is_posted(cli: Cli, server: ApiServer) -> None:
    secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    with webhook_receiver() as receiver:
        arguments = ("--forward-to", receiver.url, "--secret")
        result = cli("trigger", "verification.approved", *arguments, stdin=secret)
    assert result.exit_code == 0, result.output
    assert secret not in result.output
    event = Webhook(secret).verify(receiver.received[0].body, dict(receiver.received[0].headers))
    assert event["data"]["status"] == "approved"
    assert server.requests == []


def test_a_secret_that_is_none_is_wrong_usage(cli: Cli) -> None:
    arguments = ("--forward-to", "http://127.0.0.1:9", "--secret")
    result = cli("trigger", "ping", *arguments, stdin="not-a-secret")
    assert result.exit_code == ExitCode.USAGE
    assert "not-a-secret" not in result.output


def test_only_the_local_stack_makes_events(cli: Cli) -> None:
    assert cli("trigger", "ping").exit_code == ExitCode.NOT_SET_UP
    result = cli("trigger", "no.such.type")
    assert result.exit_code == ExitCode.USAGE
    assert "delivery.settled" in result.stderr
