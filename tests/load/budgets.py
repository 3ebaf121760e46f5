"""What a request may cost. docs/performance.md says the same; a test compares them."""

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

    def said(self, number: float) -> str:
        """A number as a reader wants it: ``1.70 x``, ``17.3 MB``, ``2 requests``."""
        exact = self.unit in ("requests", "modules")
        return f"{number:g} {self.unit}" if exact else f"{number:.2f} {self.unit}"


COLD_SENDER = Budget("cold start of a sender", 2.1, 1.7)
COLD_WEBHOOK = Budget("cold start of the CDR webhook", 1.35, 1.1)
WARM_SENDER = Budget("warm request of a sender", 1.5, 1.2)
DEPENDENCIES = Budget("dependencies layer, unzipped", 25, unit="MB")

SEND = Budget("DynamoDB requests of a send", 2, unit="requests")
SEND_JOINED = Budget("DynamoDB requests of a send with a provider reference", 3, unit="requests")
PLACED = Budget("provider requests of a send", 1, unit="requests")
REPLAY = Budget("DynamoDB requests of a replay", 1, unit="requests")
CDR = Budget("DynamoDB requests of a CDR", 2, unit="requests")
READ = Budget("DynamoDB requests of a read", 1, unit="requests")
LIST = Budget("DynamoDB requests of a list", 5, unit="requests")
AUTHORIZE = Budget("DynamoDB requests of the authorizer", 1, unit="requests")
BALLAST = Budget("modules imported that must not be", 0, unit="modules")
SECRETS_COLD = Budget("secrets fetched by a cold function", 2, unit="requests")
SECRETS_WARM = Budget("secrets fetched by a warm function", 0, unit="requests")

ALL = (
    COLD_SENDER,
    COLD_WEBHOOK,
    WARM_SENDER,
    DEPENDENCIES,
    SEND,
    SEND_JOINED,
    PLACED,
    REPLAY,
    CDR,
    READ,
    LIST,
    AUTHORIZE,
    BALLAST,
    SECRETS_COLD,
    SECRETS_WARM,
)

NEVER_IMPORTED = frozenset({"aws_xray_sdk", "jinja2", "segno", "typer", "requests", "moto"})
"""By a sender or a webhook."""
NEVER_IN_A_WEBHOOK = NEVER_IMPORTED | {"httpx", "pydantic", "phonenumbers"}
