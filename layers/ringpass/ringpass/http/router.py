"""The one way in: API Gateway's HTTP events and direct invocations, both to typed calls.

API Gateway has matched the route, so ``routeKey`` alone picks the function to call. A direct
invocation is any other event: it carries the command's fields, and its answer or its exception
goes back as it is.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qsl

from ringpass.errors import (
    ApiError,
    BodyTooLarge,
    Forbidden,
    InternalError,
    InvalidJson,
    NotFound,
    Unauthorized,
    ValidationFailed,
    invalid_field,
)
from ringpass.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CLIENT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

# No valid command comes near this.
_MOST_BODY_BYTES: Final = 65_536
_DIRECT_FIELDS: Final = ("client", "idempotency_key")
# Source: OWASP's REST security cheat sheet. No browser keeps an answer, takes it for something
# else, shows it within another page, or asks for it without TLS. A page has a policy of its own.
_OF_EVERY_ANSWER: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a client by its API key, or another service by IAM.

    Attributes:
        client: The client that owns what is made or read.
        scopes: What its key may do.
        key_id: Its API key; empty: it calls by IAM.
    """

    client: str
    scopes: frozenset[str]
    key_id: str = ""

    @property
    def sees_phones(self) -> bool:
        """Whether numbers may be answered in clear."""
        return "phones:read" in self.scopes

    @property
    def blind_key(self) -> str | None:
        """The API key, if it may not see phones: its look-ups by phone are limited."""
        return None if self.sees_phones else self.key_id


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. Its values do not print: they may be phones, codes and tokens."""

    path: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    raw_query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    caller: Caller | None
    source_ip: str = field(default="", repr=False)
    domain: str = field(default="", repr=False)

    @property
    def client(self) -> Caller:
        """The client; on routes with a scope there is always one."""
        if self.caller is None:
            raise Unauthorized("An API key is needed.")
        return self.caller

    def bounded_body(self) -> bytes:
        """The body of a command.

        Raises:
            BodyTooLarge: It is larger than any valid one.
        """
        if len(self.body) > _MOST_BODY_BYTES:
            raise BodyTooLarge(f"A body has at most {_MOST_BODY_BYTES} bytes.")
        return self.body


@dataclass(frozen=True, slots=True)
class Response:
    """A JSON answer, or another one with its ``Content-Type`` in ``headers``.

    Attributes:
        body: What is written as JSON.
        status: The HTTP status.
        headers: Headers of the answer.
        text: Sent in the place of ``body``: JSON that is written already, a page, a drawing.
        binary: Sent in the place of both: a picture.
    """

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    binary: bytes | None = field(default=None, repr=False)


class Command(Protocol):
    """What ``Api.command`` reads from a body; ``commands.SendCommand`` is one."""

    @classmethod
    def from_json(cls, body: bytes) -> Any:  # noqa: ANN401 - the class itself
        """Read a request body."""

    @classmethod
    def from_mapping(cls, fields: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the class itself
        """Read a direct invocation's fields."""


type Route = Callable[[Request], Response]
type Direct = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A route as it was registered: what the API's description is made of.

    Attributes:
        function: What answers it; its docstring says what the route does.
        scope: What it asks of the API key; None where it asks for no key.
        command: What its body is, if it is a command.
    """

    function: Callable[..., Response]
    scope: str | None
    command: type[Command] | None = None


class Api:
    """A function's routes; an instance's ``handle`` is the Lambda handler."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self._registered: dict[str, Registered] = {}
        self._direct: Direct | None = None

    @property
    def routes(self) -> Mapping[str, Registered]:
        """What was registered for each route key."""
        return self._registered

    def route(
        self, *route_keys: str, scope: str | None = None, body: type[Command] | None = None
    ) -> Callable[[Route], Route]:
        """Answer these routes (``"GET /v1/deliveries"``) for callers with ``scope``.

        ``body`` is what the function reads the body as.
        """

        def register(function: Route) -> Route:
            def checked(request: Request) -> Response:
                if scope is not None and scope not in request.client.scopes:
                    raise Forbidden(f"This API key lacks the scope '{scope}'.")
                return function(request)

            for route_key in route_keys:
                self._routes[route_key] = checked
                self._registered[route_key] = Registered(function, scope, body)
            return function

        return register

    def command[C: Command](
        self, route_key: str, model: type[C], scope: str
    ) -> Callable[[Callable[[C, Caller, str | None], Response]], None]:
        """Answer a route whose body is a command, and the same command invoked directly.

        Directly, ``client`` and ``idempotency_key`` stand beside the command's own fields: whoever
        may invoke the function is trusted with every client, and is bound to say which request
        is a repetition.
        """

        def register(function: Callable[[C, Caller, str | None], Response]) -> None:
            def over_http(request: Request) -> Response:
                key = request.headers.get("idempotency-key")
                return function(model.from_json(request.bounded_body()), request.client, key)

            def directly(event: Mapping[str, Any]) -> Mapping[str, Any]:
                client, key = _identity(event)
                if not CLIENT.fullmatch(client):
                    raise invalid_field(["client"], "client_format", "client is a client's name")
                fields = {name: event[name] for name in event if name not in _DIRECT_FIELDS}
                caller = Caller(client, frozenset({scope}))
                return function(model.from_mapping(fields), caller, key).body

            self.route(route_key, scope=scope)(over_http)
            self._registered[route_key] = Registered(function, scope, model)
            self._direct = directly

        return register

    def handle(self, event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
        """The Lambda handler."""
        logger().append_keys(request=context.aws_request_id)
        if "routeKey" in event and "requestContext" in event:
            return self._over_http(event, context.aws_request_id)
        if self._direct is None:
            raise NotFound("This function answers HTTP requests only.")
        return self._direct(event)

    def _over_http(self, event: Mapping[str, Any], request_id: str) -> Mapping[str, Any]:
        try:
            route = self._routes.get(_route_key(event))
            if route is None:
                raise NotFound("There is no such route.")  # noqa: TRY301 - one way to refuse
            response = route(_request(event))
        except ApiError as refusal:
            logger().info("refused", code=refusal.code, errors=refusal.errors)
            return _problem(refusal, request_id)
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets the one error shape
            logger().exception("failed", route=event.get("routeKey"))
            return _problem(InternalError("The request's id helps us to find out why."), request_id)
        if response.binary is not None:
            encoded = b64encode(response.binary).decode()
            answer = _answer(response.status, encoded, response.headers)
            return {**answer, "isBase64Encoded": True}
        text = _json(response.body) if response.text is None else response.text
        return _answer(response.status, text, response.headers)


def _route_key(event: Mapping[str, Any]) -> str:
    """The route that API Gateway matched, without what lets an address end in a slash.

    An HTTP API has no routes that end in a slash: a greedy variable takes it. ``{slash+}`` behind a
    route stands for a slash and for nothing else.
    """
    rest = (event.get("pathParameters") or {}).get("slash", "")
    route = str(event["routeKey"]).replace("+}", "}").removesuffix("/{slash}")
    return "" if rest.strip("/") else route


def _request(event: Mapping[str, Any]) -> Request:
    context = event["requestContext"]
    given = context.get("authorizer", {}).get("lambda")
    raw_query = event.get("rawQueryString", "")
    return Request(
        path=event.get("pathParameters") or {},
        query=_query(raw_query),
        raw_query=raw_query,
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        body=_body(event),
        caller=_caller(given) if given else None,
        source_ip=context.get("http", {}).get("sourceIp", ""),
        domain=context.get("domainName", ""),
    )


def _caller(given: Mapping[str, str]) -> Caller:
    """Who calls, as ``authorizer`` has told."""
    return Caller(given["client"], frozenset(given["scopes"].split()), given.get("key_id", ""))


def _query(raw: str) -> Mapping[str, str]:
    """A parameter's values joined by commas, as API Gateway does it: none is passed over."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # Half a surrogate pair becomes bytes that are no UTF-8: who reads them refuses them.
        return bytes(text.encode(errors="surrogatepass"))
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise InvalidJson("The body's base64 is not valid.") from None


def _identity(event: Mapping[str, Any]) -> tuple[str, str]:
    """The client and the idempotency key of a direct invocation."""
    missing = [
        name for name in _DIRECT_FIELDS if not isinstance(event.get(name), str) or not event[name]
    ]
    if missing:
        raise ValidationFailed(
            "A direct invocation needs 'client' and 'idempotency_key', as text.",
            errors=[
                {"loc": [name], "type": "missing", "msg": "Field required"} for name in missing
            ],
        )
    return event["client"], event["idempotency_key"]


def _problem(refusal: ApiError, request_id: str) -> Mapping[str, Any]:
    headers = {**refusal.headers, "Content-Type": "application/problem+json"}
    return _answer(refusal.status, _json(refusal.problem(request_id)), headers)


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)


def _answer(status: int, text: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **_OF_EVERY_ANSWER, **headers},
        "body": text,
        "isBase64Encoded": False,
    }
