"""Custom authentication of a Cognito user pool: a sign-in with a code that Ringpass checks.

    DefineAuthChallenge           decides what comes next, from the challenges so far
    CreateAuthChallenge           starts a verification; a later challenge is about the same one
    VerifyAuthChallengeResponse   checks the answer

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html.
Cognito waits five seconds for a trigger, and invokes it up to three times. Its events name no
session, so a repetition is known by the user and the number of challenges so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringpass.errors import IdempotencyKeyReused, NotFound, ValidationFailed, VerificationEnded
from ringpass.observability import logger
from ringpass.redaction import Secret
from ringpass.sign_in.starter import SignInStarter
from ringpass.verifications.check import CodeChecker
from ringpass.verifications.model import VerificationStatus

_CODE: Final = "CUSTOM_CHALLENGE"
_ANSWERS: Final = 3
"""How many wrong answers end a sign-in; no verification allows fewer attempts by default."""
_NOBODY: Final = "none"
"""Instead of a verification, for a user who does not exist or has no number that can be reached.
The app learns nothing of it: with `PreventUserExistenceErrors` the answer is that of any user."""
_AFTER: Final[Mapping[str, str]] = {"SRP_A": "PASSWORD_VERIFIER", "PASSWORD_VERIFIER": _CODE}
"""A sign-in with a password before the code: the challenge that follows one that was passed."""


@dataclass(frozen=True, slots=True)
class ChallengeTriggers:
    """The three triggers.

    Attributes:
        starter: Starts the verifications.
        checker: Checks codes.
        client: The client whose workflow it is.
    """

    starter: SignInStarter
    checker: CodeChecker
    client: str

    def answer(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the event with the response to it.

        Raises:
            ValueError: It is no event of these triggers.
            Unavailable: The table or a secret cannot be reached.
        """
        trigger = str(event["triggerSource"]).partition("_")[0]
        match trigger:
            case "DefineAuthChallenge":
                response = _next_challenge(event["request"])
            case "CreateAuthChallenge":
                response = self._create(event)
            case "VerifyAuthChallengeResponse":
                response = {"answerCorrect": self._is_right(event["request"])}
            case _:
                raise ValueError(f"no trigger of custom authentication: {trigger}")
        return {**event, "response": {**event["response"], **response}}

    def _create(self, event: Mapping[str, Any]) -> dict[str, Any]:
        session = _codes(event["request"])
        # The first challenge's metadata name the verification; Cognito shows them to triggers only.
        first = session[0].get("challengeMetadata") if session else None
        verification = first or self._start(event)
        return {
            "publicChallengeParameters": {"attempts_remaining": str(_ANSWERS - len(session))},
            "privateChallengeParameters": {
                "verification": verification,
                "answer": str(len(session) + 1),
            },
            "challengeMetadata": verification,
        }

    def _start(self, event: Mapping[str, Any]) -> str:
        """Start a verification; return its id."""
        request = event["request"]
        attributes = request.get("userAttributes") or {}
        phone = attributes.get("phone_number")
        if request.get("userNotFound") or not phone:
            logger().info("no code sent", pool=event["userPoolId"], has_phone=bool(phone))
            return _NOBODY
        user = attributes.get("sub") or event["userName"]
        session = "\n".join((event["userPoolId"], event["callerContext"]["clientId"], user))
        try:
            verification = self.starter.start(self.client, phone, f"cognito\n{session}")
        except ValidationFailed as refusal:
            logger().error("no code sent", code=refusal.code, errors=refusal.errors)
            return _NOBODY
        logger().info("code taken", server="cognito", verification=verification.id)
        return verification.id

    def _is_right(self, request: Mapping[str, Any]) -> bool:
        """Whether an answer is the code; a repetition of the trigger costs no attempt."""
        challenge = request["privateChallengeParameters"]
        code = str(request.get("challengeAnswer") or "").strip()
        if not (code.isascii() and code.isdigit()):
            return False
        try:
            result = self.checker.check(
                challenge["verification"],
                self.client,
                Secret(code),
                f"cognito {challenge['answer']}",
            )
        except (NotFound, VerificationEnded, IdempotencyKeyReused) as refusal:
            logger().info("refused", code=refusal.code)
            return False
        return result.status is VerificationStatus.APPROVED


def _next_challenge(request: Mapping[str, Any]) -> dict[str, Any]:
    session = request["session"]
    last = session[-1] if session else None
    if last is None:
        return _issue(_CODE)
    name, is_passed = last["challengeName"], bool(last["challengeResult"])
    if name in _AFTER and is_passed:
        return _issue(_AFTER[name])
    if name == _CODE and is_passed:
        return {"issueTokens": True, "failAuthentication": False}
    if name == _CODE and len(_codes(request)) < _ANSWERS:
        return _issue(_CODE)
    return {"issueTokens": False, "failAuthentication": True}


def _issue(challenge: str) -> dict[str, Any]:
    return {"challengeName": challenge, "issueTokens": False, "failAuthentication": False}


def _codes(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The challenges so far that asked for a code."""
    return [one for one in request.get("session") or () if one["challengeName"] == _CODE]
