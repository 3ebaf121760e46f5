"""Starts the verifications of sign-ins, each once.

A sign-in server waits a few seconds, and may ask again. So the first step is left to ``advance``,
and a request is known again by what it is about: the server sends no idempotency key that stays
the same.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ringpass.clock import Clock, from_text
from ringpass.verifications.codes import Codes
from ringpass.verifications.model import Verification, VerificationStatus
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import VerificationStarter

CODE_WINDOW: Final = timedelta(minutes=10)
"""How long the same code for the same number is a repetition. Servers make a new code whenever a
person asks for one."""
SESSION_WINDOW: Final = timedelta(seconds=30)
"""How long the same step of a user's sign-in is a repetition. Cognito asks three times at most, and
waits five seconds each time."""


@dataclass(frozen=True, slots=True)
class SignInStarter:
    """Starts verifications for sign-in servers.

    Attributes:
        starter: Starts verifications.
        codes: Hashes what a request is about, which may be a code.
        clock: Tells the time.
    """

    starter: VerificationStarter
    codes: Codes
    clock: Clock

    def send_code(self, server: str, client: str, phone: str, code: str) -> Verification:
        """Send a code that a server has made, over the client's workflow.

        Args:
            server: The server, which will check the code.
            client: The client whose workflow it is.
            phone: E.164.
            code: The code.

        Raises:
            ValidationFailed: The number or the code is not valid, or does not fit the workflow.
            Unavailable: The table or a secret cannot be reached.
        """
        command = StartVerification.from_mapping({"phone": phone, "code": code})
        identity = f"{server}\n{command.phone.e164}\n{code}"
        earlier, key = self._latest(client, identity, CODE_WINDOW)
        if earlier is not None:
            return earlier
        return self.starter.enqueue(command, client, key, sign_in_server=server)

    def start(self, client: str, phone: str, session: str) -> Verification:
        """Start a verification with a code of its own; the server asks Ringpass to check it.

        Args:
            client: The client whose workflow it is.
            phone: E.164.
            session: What repeated requests have in common.

        Raises:
            ValidationFailed: The number is not valid, or its country has no workflow.
            Unavailable: The table or a secret cannot be reached.
        """
        command = StartVerification.from_mapping({"phone": phone})
        earlier, key = self._latest(client, session, SESSION_WINDOW)
        # A sign-in that has ended is not repeated: this is the user's next one.
        if earlier is not None and earlier.status_at(self.clock()) is VerificationStatus.PENDING:
            return earlier
        return self.starter.enqueue(command, client, key)

    def _latest(
        self, client: str, identity: str, window: timedelta
    ) -> tuple[Verification | None, str]:
        """Return the last verification with this identity in the window, and a new one's key.

        A key belongs to a period as long as the window: the period before is looked at, too. The
        keys of a period are a chain: each names the verification before it. They are hashed with
        the peppers, because the table and the look-up key must not be enough to find a code.
        """
        now, latest, key = self.clock(), None, ""
        period = int(now.timestamp() / window.total_seconds())
        for start in (period - 1, period):
            for mark in self.codes.marks(f"{identity}\n{start}", now):
                key = mark
                while (verification := self.starter.find(client, key)) is not None:
                    latest, key = verification, f"{mark}#{verification.id}"
        if latest is not None and now - from_text(latest.created_at) >= window:
            latest = None
        return latest, key
