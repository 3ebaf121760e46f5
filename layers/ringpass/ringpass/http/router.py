"""Router of a Lambda function: API Gateway's HTTP events and direct invocations.

API Gateway has matched the route, so ``routeKey`` alone selects the function. Any other event is a
direct invocation: it carries the command's fields, and the answer or the exception is returned as
it is.
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
from ringpass.http.actor import Actor
from ringpass.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CLIENT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

# Far larger than any valid command.
_MAX_BODY_BYTES: Final = 65_536
_IDENTITY: Final = ("client", "idempotency_key")
# Source: OWASP's REST security cheat sheet. No browser caches an answer, guesses another type,
# shows it in a frame, or uses HTTP without TLS. A page has a policy of its own.
_SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Caller of the API: a client with its API key, or another service by IAM.

    Attributes:
        client: The client that owns the records.
        scopes: The scopes of its key.
        key_id: The id of its API key; empty: it calls by IAM.
    """

    client: str
    scopes: frozenset[str]
    key_id: str = ""

    @property
    def sees_phones(self) -> bool:
        """Whether answers show phone numbers in clear."""
        return "phones:read" in self.scopes

    @property
    def blind_key(self) -> str | None:
        """The id of an API key that may not see phones: its look-ups by phone are limited."""
        return None if self.sees_phones else self.key_id


@dataclass(frozen=True, slots=True)
class Request:
    """HTTP request. Its values do not print: they may be phones, codes and tokens."""

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

    @property
    def actor(self) -> Actor:
        """The client with its API key, as the author of a change."""
        return Actor(self.client.client, self.client.key_id)

    def bounded_body(self) -> bytes:
        """Returns the body of a command.

        Raises:
            BodyTooLarge: The body is larger than any valid one.
        """
        if len(self.body) > _MAX_BODY_BYTES:
            raise BodyTooLarge(f"A body has at most {_MAX_BODY_BYTES} bytes.")
        return self.body


@dataclass(frozen=True, slots=True)
class Response:
    """HTTP response: JSON, or another type with its ``Content-Type`` in ``headers``.

    Attributes:
        body: The JSON document.
        status: The HTTP status.
        headers: The headers.
        text: Sent instead of ``body``: serialized JSON, a page, an SVG.
        binary: Sent instead of both: an image.
    """

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    binary: bytes | None = field(default=None, repr=False)


class RequestModel(Protocol):
    """Model of a request body for ``Api.command``; ``requests.SendCommand`` is one."""

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
    """A registered route; the API's description is generated from it.

    Attributes:
        function: The handler; its docstring describes the route.
        scope: The scope that the API key needs; None: no key is needed.
        command: The model of its body, if it has one.
    """

    function: Callable[..., Response]
    scope: str | None
    command: type[RequestModel] | None = None


class Api:
    """Routes of a function; the method ``handle`` is its Lambda handler."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self._registered: dict[str, Registered] = {}
        self._direct: Direct | None = None

    @property
    def routes(self) -> Mapping[str, Registered]:
        """The registered route for each route key."""
        return self._registered

    def route(
        self, *route_keys: str, scope: str | None = None, body: type[RequestModel] | None = None
    ) -> Callable[[Route], Route]:
        """Register a handler of these routes (``"GET /v1/deliveries"``) for callers with ``scope``.

        ``body`` is the model of the request body.
        """

        def register(function: Route) -> Route:
            def authorized(request: Request) -> Response:
                if scope is not None and scope not in request.client.scopes:
                    raise Forbidden(f"This API key lacks the scope '{scope}'.")
                return function(request)

            for route_key in route_keys:
                self._routes[route_key] = authorized
                self._registered[route_key] = Registered(function, scope, body)
            return function

        return register

    def command[C: RequestModel](
        self, route_key: str, model: type[C], scope: str
    ) -> Callable[[Callable[[C, Caller, str | None], Response]], None]:
        """Register a handler of a command, over HTTP and by direct invocation.

        A direct invocation has ``client`` and ``idempotency_key`` beside the command's own fields:
        the invoking service is trusted with every client, and must identify repetitions.
        """

        def register(function: Callable[[C, Caller, str | None], Response]) -> None:
            def handle_http(request: Request) -> Response:
                key = request.headers.get("idempotency-key")
                return function(model.from_json(request.bounded_body()), request.client, key)

            def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
                client, key, fields = read_identity(event)
                caller = Caller(client, frozenset({scope}))
                return function(model.from_mapping(fields), caller, key).body

            self.route(route_key, scope=scope)(handle_http)
            self._registered[route_key] = Registered(function, scope, model)
            self._direct = invoke

        return register

    def handle(self, event: Mapping[str, Any], context: "LambdaContext") -> Mapping[str, Any]:
        """Handle a Lambda event."""
        logger().append_keys(request=context.aws_request_id)
        if "routeKey" in event and "requestContext" in event:
            return self._handle_http(event, context.aws_request_id)
        if self._direct is None:
            raise NotFound("This function answers HTTP requests only.")
        return self._direct(event)

    def _handle_http(self, event: Mapping[str, Any], request_id: str) -> Mapping[str, Any]:
        try:
            route = self._routes.get(_route_key(event))
            if route is None:
                raise NotFound("There is no such route.")  # noqa: TRY301 - one way to refuse
            response = route(_request(event))
        except ApiError as error:
            logger().info("refused", code=error.code, errors=error.errors)
            return _problem(error, request_id)
        except Exception:  # noqa: BLE001 - every error becomes a problem document
            logger().exception("failed", route=event.get("routeKey"))
            return _problem(InternalError("The request's id helps us to find out why."), request_id)
        if response.binary is not None:
            encoded = b64encode(response.binary).decode()
            http_response = _http_response(response.status, encoded, response.headers)
            return {**http_response, "isBase64Encoded": True}
        text = _json(response.body) if response.text is None else response.text
        return _http_response(response.status, text, response.headers)


def _route_key(event: Mapping[str, Any]) -> str:
    """Returns the route that API Gateway matched, without the variable for a trailing slash.

    An HTTP API has no routes that end in a slash: the greedy variable ``{slash+}`` at the end of a
    route matches it. It may match a slash and nothing else.
    """
    slash = (event.get("pathParameters") or {}).get("slash", "")
    route = str(event["routeKey"]).replace("+}", "}").removesuffix("/{slash}")
    return "" if slash.strip("/") else route


def _request(event: Mapping[str, Any]) -> Request:
    context = event["requestContext"]
    authorizer = context.get("authorizer", {}).get("lambda")
    raw_query = event.get("rawQueryString", "")
    return Request(
        path=event.get("pathParameters") or {},
        query=_query(raw_query),
        raw_query=raw_query,
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        body=_body(event),
        caller=_caller(authorizer) if authorizer else None,
        source_ip=context.get("http", {}).get("sourceIp", ""),
        domain=context.get("domainName", ""),
    )


def _caller(authorizer: Mapping[str, str]) -> Caller:
    """Returns the caller from the context of ``authorizer``."""
    scopes = frozenset(authorizer["scopes"].split())
    return Caller(authorizer["client"], scopes, authorizer.get("key_id", ""))


def _query(raw: str) -> Mapping[str, str]:
    """Parse a query string; joins repeated parameters by commas, as API Gateway does."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # Half a surrogate pair becomes bytes that are no UTF-8: their parser refuses them.
        return bytes(text.encode(errors="surrogatepass"))
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise InvalidJson("The body's base64 is not valid.") from None


def read_identity(command: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any]]:
    """Read who a command without an API key is for: one that came by IAM.

    Returns:
        Its client, its idempotency key, and its other fields.

    Raises:
        ValidationFailed: A command of this kind needs a client and an idempotency key.
    """
    missing = [
        name for name in _IDENTITY if not isinstance(command.get(name), str) or not command[name]
    ]
    if missing:
        raise ValidationFailed(
            "A command without an API key needs 'client' and 'idempotency_key', as text.",
            errors=[
                {"loc": [name], "type": "missing", "msg": "Field required"} for name in missing
            ],
        )
    if not CLIENT.fullmatch(command["client"]):
        raise invalid_field(["client"], "client_format", "client is a client's name")
    fields = {name: command[name] for name in command if name not in _IDENTITY}
    return command["client"], command["idempotency_key"], fields


def _problem(error: ApiError, request_id: str) -> Mapping[str, Any]:
    headers = {"Content-Type": "application/problem+json"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return _http_response(error.status, _json(error.problem(request_id)), headers)


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)


def _http_response(status: int, text: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **_SECURITY_HEADERS, **headers},
        "body": text,
        "isBase64Encoded": False,
    }
