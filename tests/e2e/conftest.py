"""One deployed local stack with its sandbox for all tests of this folder, used over HTTP."""

import json
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from local.invoke import STACK_VARIABLE, stack_in_use
from local.seeding import EVERYTHING
from local.stack import Stack, running_stack
from ringpass.aws.dynamodb import Table
from ringpass.clients.api_keys.service import ApiKeyService
from ringpass.clients.api_keys.store import ApiKeyRepository
from ringpass.clock import utc_now
from tests.audit_log import actor
from tests.e2e.secrecy import API_KEY, RECORD, Answer
from tests.plain_http import NO_AUTHORITIES

# The first look at a stream starts a worker. On a busy machine a webhook may be answered late, and
# is sent again only then.
PATIENCE_SECONDS = 90.0
POLL_SECONDS: Final = 0.1
CDR_DELAY_SECONDS: Final = 0.2
"""How long after its response the sandbox sends a call's CDR: a second, unless tests set it."""
RACERS: Final = int(os.environ.get("RACERS") or 10)
"""So many requests race for one thing; each starts a process. ``make proof`` sends forty."""
_IS_SHARED: Final = STACK_VARIABLE in os.environ
# Numbers that an earlier run has used would bring its records along.
_NUMBERS = count(secrets.randbelow(90_000) if _IS_SHARED else 1)
_log = logging.getLogger(__name__)
"""Tells why a request failed, in what pytest shows of a test that fails."""
# They look at what all others have done.
_LAST: Final = ("test_event_recount.py", "test_policies.py", "test_secrecy.py")
_HERE: Final = Path(__file__).parent
_BY_CHANCE: Final = ("content-length", "date")
"""Headers that the product does not write, and that may hold any four digits."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that look at the whole run at its end, whatever else is run."""
    items.sort(key=lambda item: item.path.parent == _HERE and item.path.name in _LAST)


@pytest.fixture(scope="session")
def whole_run(request: pytest.FixtureRequest) -> None:
    """Skips a test that needs all of this folder, where only some of it is run."""
    chosen = {item.path for item in request.session.items}
    if _IS_SHARED:
        pytest.skip("says something of whole runs alone, on a stack of their own")
    if missing := sorted(path.name for path in _HERE.glob("test_*.py") if path not in chosen):
        pytest.skip(f"says something of whole runs alone; not run: {', '.join(missing)}")


@dataclass(frozen=True)
class Api:
    """The API as a client sees it, with one API key."""

    http: httpx.Client
    url: str

    def post(
        self, path: str, body: object, key: str | None = None, **headers: str
    ) -> httpx.Response:
        all_headers = headers | ({"Idempotency-Key": key} if key else {})
        return self.http.post(self.url + path, json=body, headers=all_headers)

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.http.get(self.url + path, params=query)

    def delivery(self, delivery_id: str) -> dict[str, Any]:
        answer = self.get(f"/v1/deliveries/{delivery_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def settled(self, delivery_id: str, *statuses: str) -> dict[str, Any]:
        """The delivery once it has one of these statuses."""
        return until(
            lambda: self.delivery(delivery_id), lambda delivery: delivery["status"] in statuses
        )


@dataclass(frozen=True)
class Sandbox:
    """The sandbox's control routes."""

    http: httpx.Client
    url: str

    def all_requests(self) -> list[dict[str, Any]]:
        """What providers were asked, since the last reset."""
        answer = self.http.get(f"{self.url}/_sandbox/requests")
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def requests(self, phone: str, provider: str = "", *, least: int = 0) -> list[dict[str, Any]]:
        """What providers, or one of them, were asked for this phone, once there is so much."""
        query = {"phone": phone} | ({"provider": provider} if provider else {})

        def look() -> list[dict[str, Any]]:
            answer = self.http.get(f"{self.url}/_sandbox/requests", params=query)
            items: list[dict[str, Any]] = answer.json()["items"]
            return items

        return until(look, lambda items: len(items) >= least)

    def control(self, path: str, **fields: object) -> dict[str, Any]:
        if path == "reset":
            RECORD.requests += self.all_requests()  # It forgets them.
        answer = self.http.post(f"{self.url}/_sandbox/{path}", json=fields)
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        return reply


def until[T](look: Callable[[], T], good: Callable[[T], bool]) -> T:
    """What is seen once it is as it should be; fails with what was seen last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not good(value := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"still {value} after {PATIENCE_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return value


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A stack of the run's own; with RINGPASS_STACK the one that runs already, to be quick."""
    if _IS_SHARED:
        yield stack_in_use()
    else:
        with running_stack("e2e") as running:
            yield running


def recording_client(stack: Stack, **headers: str) -> httpx.Client:
    """A client whose answers from the API are kept, to be searched at the end."""

    def record(response: httpx.Response) -> None:
        url = str(response.request.url)
        if url.startswith(stack.api_url):
            response.read()
            method = response.request.method
            RECORD.speak(f"{response.request.url.query!r} {response.request.content!r}")
            path = re.sub(r"(/webhooks/mcn/).*", r"\1...", urlsplit(url).path)
            if response.is_server_error:
                _log.warning("%s %s: %d %s", method, path, response.status_code, response.text)
            key = API_KEY.search(response.request.headers.get("Authorization", ""))
            answer = Answer(
                request=f"{method} {path}",
                key_id=key[1] if key else "",
                status=response.status_code,
                headers=json.dumps(
                    [one for one in response.headers.multi_items() if one[0] not in _BY_CHANCE]
                ),
                body=response.text,
            )
            RECORD.answers.append(answer)

    return httpx.Client(
        timeout=120,  # Forty requests at once start forty processes, on a busy machine too.
        trust_env=False,
        verify=NO_AUTHORITIES,
        limits=httpx.Limits(max_connections=60),
        headers=headers,
        event_hooks={"response": [record]},
    )


@pytest.fixture(scope="session")
def _http(stack: Stack) -> Iterator[httpx.Client]:
    with recording_client(stack) as client:
        yield client


def _api(stack: Stack, key: str) -> Iterator[Api]:
    with recording_client(stack, Authorization=f"Bearer {key}") as client:
        yield Api(client, stack.api_url)


def with_key(stack: Stack, key: str) -> AbstractContextManager[Api]:
    """The API, used with another key."""
    return contextmanager(_api)(stack, key)


def new_key(stack: Stack, client: str, scopes: str = "send,read") -> str:
    """An API key, made as the command for operators makes it, without its process."""
    ring = ApiKeyService("", ApiKeyRepository(Table(stack.dynamodb(), stack.table)), utc_now)
    key = ring.create(actor(client), scopes.split(",")).key
    assert key is not None
    return key


@pytest.fixture(scope="session")
def rival(stack: Stack) -> Iterator[Api]:
    """With every scope, of another client."""
    yield from _api(stack, new_key(stack, "rival", EVERYTHING))


@pytest.fixture(scope="session")
def api(stack: Stack) -> Iterator[Api]:
    """With scopes send and read."""
    yield from _api(stack, stack.api_key)


@pytest.fixture(scope="session")
def admin(stack: Stack) -> Iterator[Api]:
    """With every scope."""
    yield from _api(stack, stack.admin_key)


@pytest.fixture(scope="session")
def sandbox(stack: Stack, _http: httpx.Client) -> Sandbox:
    sandbox = Sandbox(_http, stack.sandbox_url)
    sandbox.control("settings", cdr_delay_seconds=CDR_DELAY_SECONDS)
    return sandbox


def fresh_phone(country: str, digits: str = "99") -> str:
    """A valid number that no other test uses; ``digits`` choose what the sandbox does with it."""
    prefix = "+8498" if country == "VN" else "+7916"
    return RECORD.add_phone(f"{prefix}{next(_NUMBERS):05d}{digits}")


def fresh_code(length: int = 4) -> str:
    """A code that no other test uses, and that nobody may find afterwards."""
    return RECORD.fresh_code(length)


@contextmanager
def environment(stack: Stack, *functions: str, **variables: str) -> Iterator[None]:
    """Functions whose environment has these variables, as another parameter would set them.

    What they change must be in their environment already. Their next requests start processes.
    """
    lambdas = stack.lambdas()
    with ExitStack() as undo:
        for name in (stack.outputs[function] for function in functions):
            configuration = lambdas.get_function_configuration(FunctionName=name)
            deployed = configuration["Environment"]["Variables"]
            assert variables.keys() <= deployed.keys()
            configure = partial(lambdas.update_function_configuration, FunctionName=name)
            undo.callback(configure, Environment={"Variables": deployed})
            configure(Environment={"Variables": deployed | variables})
        yield


def start_anew(stack: Stack, *functions: str) -> None:
    """Have these functions' next requests start processes that hold no secret yet."""
    with environment(stack, *functions):
        pass


def invoke(stack: Stack, function: str, payload: bytes | str) -> tuple[bool, Any]:
    """Invoke a function directly: whether it failed, and what it answered."""
    RECORD.speak(str(payload))
    answer = stack.lambdas().invoke(FunctionName=stack.outputs[function], Payload=payload)
    text = answer["Payload"].read().decode()
    result = json.loads(text or "null")
    if function == "CognitoChallengeFunction":
        # A trigger gives Cognito back what it got from it, and adds a response.
        text = json.dumps(result.get("response"))
    RECORD.answers.append(Answer(f"invocation of {function}", "", 200, "[]", text))
    return "FunctionError" in answer, result
