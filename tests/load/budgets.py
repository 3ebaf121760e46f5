"""What a request may cost. docs/performance.md says the same; a test compares them.

A client's settings are read at most once a minute by each instance of a function: those reads are
no part of the requests of an operation, they have a budget of their own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on something measured.

    Attributes:
        what: What is measured, as the documents call it.
        most: More than this is a failure.
        aim: What we want; None where the budget is exact.
        unit: Follows the number: ``x`` is a ratio to something measured in the same run.
    """

    what: str
    most: float
    aim: float | None = None
    unit: str = "x"

    def holds(self, measured: float) -> bool:
        """Whether the budget holds (the aim may be missed)."""
        return measured <= self.most

    def text(self, number: float) -> str:
        """A number as a reader wants it: ``1.70 x``, ``17.3 MB``, ``2 requests``."""
        exact = self.unit in ("requests", "modules")
        return f"{number:g} {self.unit}" if exact else f"{number:.2f} {self.unit}"


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation makes of requests, warm; exact.

    Attributes:
        what: Its name.
        requests: Requests to DynamoDB.
        reads: Read request units.
        writes: Write request units, those of indexes among them.
        provider: Requests to a provider.
        messages: Messages put into the queue.
    """

    what: str
    requests: int
    reads: float = 0
    writes: int = 0
    provider: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """What a verification makes from its start until its last timer, warm; exact.

    Attributes:
        what: Its name.
        invocations: Of all functions but the authorizer.
        requests: Requests to DynamoDB.
        reads: Read request units.
        writes: Write request units.
        messages: Messages put into the queue.
        api: Requests to the API, CDRs among them.
    """

    what: str
    invocations: int
    requests: int
    reads: float
    writes: int
    messages: int
    api: int


COLD_SENDER = Budget("cold start of a sender", 2.1, 1.7)
COLD_CHECK = Budget("cold start of a check", 1.75, 1.4)
COLD_WEBHOOK = Budget("cold start of the CDR webhook", 1.35, 1.1)
WARM_SENDER = Budget("warm request of a sender", 1.5, 1.2)
DEPENDENCIES = Budget("dependencies layer, unzipped", 25, unit="MB")

SEND = Budget("DynamoDB requests of a send", 2, unit="requests")
SEND_JOINED = Budget("DynamoDB requests of a send with a provider reference", 3, unit="requests")
PLACED = Budget("provider requests of a send", 1, unit="requests")
REPLAY = Budget("DynamoDB requests of a replay", 1, unit="requests")
CDR = Budget("DynamoDB requests of a CDR", 2, unit="requests")
START = Budget("DynamoDB requests of a start", 2, unit="requests")
START_JOINED = Budget("DynamoDB requests of a start with a provider reference", 3, unit="requests")
CHECK_WRONG = Budget("DynamoDB requests of a check that is wrong", 1, unit="requests")
CHECK_RIGHT = Budget("DynamoDB requests of a check that is right", 2, unit="requests")
MOVE = Budget("DynamoDB requests of a move", 4, unit="requests")
NEXT = Budget("DynamoDB requests of a `next` with a provider reference", 5, unit="requests")
EXPIRE = Budget("DynamoDB requests of an expiry", 3, unit="requests")
STEP_TRANSACTIONS = Budget("transactions of a start, a move or a `next`", 1, unit="requests")
STEP_PLACED = Budget("provider requests of a start, a move or a `next`", 1, unit="requests")
READ = Budget("DynamoDB requests of a read", 1, unit="requests")
LIST = Budget("DynamoDB requests of a list", 5, unit="requests")
AUTHORIZE = Budget("DynamoDB requests of the authorizer", 1, unit="requests")
BALLAST = Budget("modules imported that must not be", 0, unit="modules")
SECRETS_COLD = Budget("secrets fetched by a cold function", 2, unit="requests")
SECRETS_STEP = Budget("secrets fetched by a cold function for a step", 3, unit="requests")
SECRETS_WARM = Budget("secrets fetched by a warm function", 0, unit="requests")
SETTINGS_COLD = Budget("reads of the client's settings by a cold function", 1, unit="requests")
SETTINGS_WARM = Budget("reads of the client's settings within a minute", 0, unit="requests")
SCENARIOS_COLD = Budget("reads of the client's scenarios by a cold function", 1, unit="requests")
SCENARIOS_WARM = Budget("reads of the client's scenarios within a minute", 0, unit="requests")

ALL = (
    COLD_SENDER,
    COLD_CHECK,
    COLD_WEBHOOK,
    WARM_SENDER,
    DEPENDENCIES,
    SEND,
    SEND_JOINED,
    PLACED,
    REPLAY,
    CDR,
    START,
    START_JOINED,
    CHECK_WRONG,
    CHECK_RIGHT,
    MOVE,
    NEXT,
    EXPIRE,
    STEP_TRANSACTIONS,
    STEP_PLACED,
    READ,
    LIST,
    AUTHORIZE,
    BALLAST,
    SECRETS_COLD,
    SECRETS_STEP,
    SECRETS_WARM,
    SETTINGS_COLD,
    SETTINGS_WARM,
    SCENARIOS_COLD,
    SCENARIOS_WARM,
)

STEPS = {
    "start": START,
    "start with a reference": START_JOINED,
    "check wrong": CHECK_WRONG,
    "check right": CHECK_RIGHT,
    "move": MOVE,
    "next": NEXT,
    "expire": EXPIRE,
}
"""What is done with verifications, as the bench calls it."""
PLACING = ("start", "start with a reference", "move", "next")
"""What of it asks a provider."""

OPERATIONS = (
    Operation("start: reservation", requests=1, writes=28, provider=1),
    Operation("start: reply", requests=1, writes=5),
    Operation("start: reply with a reference", requests=2, writes=5),
    Operation("CDR", requests=2, writes=4),
    Operation("look: nothing to do", requests=2, reads=2),
    Operation("move", requests=4, reads=2, writes=31, provider=1),
    Operation("next", requests=5, reads=2, writes=31, provider=1),
    Operation("check wrong", requests=1, writes=4),
    Operation("check right", requests=2, writes=9),
    Operation("exhaust", requests=5, reads=6, writes=6),
    Operation("expire", requests=3, reads=3, writes=5),
    Operation("watch: nothing to do", requests=1, reads=1),
    Operation("count: start", requests=5, reads=1, writes=13, messages=2),
    Operation("count: turn", requests=5, reads=3, writes=8, messages=2),
    Operation("count: reference", requests=2, reads=2),
    Operation("count: outcome", requests=2, writes=6, messages=1),
    Operation("count: guess", requests=1, writes=1),
    Operation("count: approved", requests=5, reads=3, writes=13),
    Operation("count: expired", requests=4, reads=3, writes=7),
)
LIVES = (
    Life("answered", 14, requests=34, reads=16, writes=85, messages=4, api=3),
    Life("moved", 21, requests=50, reads=29, writes=135, messages=7, api=4),
    Life("given up", 16, requests=42, reads=28, writes=118, messages=7, api=2),
)

NEVER_IMPORTED = frozenset({"aws_xray_sdk", "jinja2", "segno", "typer", "requests", "moto"})
"""By a sender or a webhook."""
NEVER_IN_A_WEBHOOK = NEVER_IMPORTED | {"httpx", "pydantic", "phonenumbers"}
