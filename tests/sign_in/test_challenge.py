"""Cognito's triggers of custom authentication: a whole sign-in, and triggers that are repeated."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from ringpass.sign_in.cognito.challenge import ChallengeTriggers
from ringpass.sign_in.starter import SignInStarter
from ringpass.verifications.model import Verification
from tests.sign_in.cognito_events import event
from tests.world import World

PHONE = "+79777777777"
ATTRIBUTES = {"sub": "b2f1c6de-7a0b-4d4b-9a55-4f2f2f5b6a10", "phone_number": PHONE}


@pytest.fixture
def triggers(world: World, starter: SignInStarter) -> ChallengeTriggers:
    return ChallengeTriggers(starter, world.checks, "acme")


def created(triggers: ChallengeTriggers, *session: object, **more: object) -> Mapping[str, Any]:
    name = "cognito_challenge/create_first"
    trigger = event(name, userAttributes=ATTRIBUTES, session=list(session), **more)
    response: Mapping[str, Any] = triggers.answer(trigger)["response"]
    return response


def is_right(triggers: ChallengeTriggers, challenge: Mapping[str, Any], code: str) -> bool:
    parameters = challenge["privateChallengeParameters"]
    trigger = event(
        "cognito_challenge/verify", privateChallengeParameters=parameters, challengeAnswer=code
    )
    correct: bool = triggers.answer(trigger)["response"]["answerCorrect"]
    return correct


def started(world: World) -> list[Verification]:
    return list(world.verifications.of_client("acme", "2000", "3000"))


def code_of(world: World, challenge: Mapping[str, Any]) -> str:
    verification = world.verifications.get(challenge["privateChallengeParameters"]["verification"])
    assert verification is not None
    return world.checks.codes.reveal(verification.code).reveal()


def answered(challenge: Mapping[str, Any], *, result: bool) -> dict[str, object]:
    """The challenge as the next triggers see it in their session."""
    return {
        "challengeName": "CUSTOM_CHALLENGE",
        "challengeResult": result,
        "challengeMetadata": challenge["challengeMetadata"],
    }


def test_a_sign_in(world: World, triggers: ChallengeTriggers) -> None:
    first = triggers.answer(event("cognito_challenge/define_first"))["response"]
    assert (first["challengeName"], first["issueTokens"], first["failAuthentication"]) == (
        "CUSTOM_CHALLENGE",
        False,
        False,
    )
    challenge = created(triggers)
    assert world.wire.requests == []  # Cognito waits five seconds, a provider may take longer.
    world.moves.advance(challenge["challengeMetadata"])
    assert len(world.wire.requests) == 1
    assert is_right(triggers, challenge, code_of(world, challenge))
    end = triggers.answer(event("cognito_challenge/define_right_answer"))["response"]
    assert (end["issueTokens"], end["failAuthentication"]) == (True, False)


def test_the_response_is_in_the_event(triggers: ChallengeTriggers) -> None:
    trigger = event("cognito_challenge/create_first", userAttributes=ATTRIBUTES)
    before = deepcopy(trigger)
    answer = triggers.answer(trigger)
    assert trigger == before
    assert answer == {**before, "response": answer["response"]}
    assert answer["response"].keys() == before["response"].keys()


def test_nothing_that_the_app_sees_is_the_code_or_the_number(
    world: World, triggers: ChallengeTriggers
) -> None:
    challenge = created(triggers)
    public = str(challenge["publicChallengeParameters"])
    assert PHONE[-4:] not in public
    assert code_of(world, challenge) not in str(challenge)


def test_three_invocations_of_one_session_send_one_code(
    world: World, triggers: ChallengeTriggers
) -> None:
    challenges = []
    for _ in range(3):
        challenges.append(created(triggers))
        world.moves.advance(challenges[-1]["challengeMetadata"])
        world.clock.turn(seconds=5)
    assert challenges[0] == challenges[1] == challenges[2]
    assert len(started(world)) == len(world.wire.requests) == 1


def test_a_later_sign_in_gets_a_code_of_its_own(world: World, triggers: ChallengeTriggers) -> None:
    first = created(triggers)
    world.clock.turn(seconds=31)
    second = created(triggers)
    assert first["challengeMetadata"] != second["challengeMetadata"]


def test_the_next_sign_in_after_one_that_has_ended_is_no_repetition(
    world: World, triggers: ChallengeTriggers
) -> None:
    ids = []
    for _ in range(3):
        challenge = created(triggers)
        ids.append(challenge["challengeMetadata"])
        assert created(triggers) == challenge
        assert is_right(triggers, challenge, code_of(world, challenge))
        world.clock.turn(seconds=2)
    assert len(set(ids)) == 3


def test_users_apps_and_pools_are_kept_apart(world: World, triggers: ChallengeTriggers) -> None:
    trigger = event("cognito_challenge/create_first", userAttributes=ATTRIBUTES)
    others = [
        trigger,
        trigger | {"userPoolId": "us-east-1_other"},
        trigger | {"callerContext": {"clientId": "another"}},
        event("cognito_challenge/create_first", userAttributes=ATTRIBUTES | {"sub": "another"}),
    ]
    for one in others:
        triggers.answer(one)
    assert len(started(world)) == 4


def test_a_wrong_answer_gets_another_chance_and_no_other_code(
    world: World, triggers: ChallengeTriggers
) -> None:
    challenge = created(triggers)
    right = code_of(world, challenge)
    wrong = f"{(int(right) + 1) % 10_000:04}"
    assert not is_right(triggers, challenge, wrong)
    again = triggers.answer(event("cognito_challenge/define_wrong_answer"))["response"]
    assert again["challengeName"] == "CUSTOM_CHALLENGE"
    world.clock.turn(minutes=2)  # Longer than a repeated trigger is recognized.
    second = created(triggers, answered(challenge, result=False))
    assert second["challengeMetadata"] == challenge["challengeMetadata"]
    answers = [one["privateChallengeParameters"]["answer"] for one in (challenge, second)]
    assert answers == ["1", "2"]
    assert challenge["publicChallengeParameters"] == {"attempts_remaining": "3"}
    assert second["publicChallengeParameters"] == {"attempts_remaining": "2"}
    assert is_right(triggers, second, right)
    assert len(started(world)) == 1


def test_an_answer_that_cognito_repeats_costs_one_attempt(
    world: World, triggers: ChallengeTriggers
) -> None:
    challenge = created(triggers)
    right = code_of(world, challenge)
    for _ in range(3):
        assert not is_right(triggers, challenge, f"{(int(right) + 1) % 10_000:04}")
    assert started(world)[0].paid == 1
    second = created(triggers, answered(challenge, result=False))
    assert [is_right(triggers, second, right) for _ in range(3)] == [True] * 3
    assert started(world)[0].paid == 2


def test_a_session_that_is_used_twice_has_one_guess(
    world: World, triggers: ChallengeTriggers
) -> None:
    challenge = created(triggers)
    right = code_of(world, challenge)
    assert not is_right(triggers, challenge, f"{(int(right) + 1) % 10_000:04}")
    assert not is_right(triggers, challenge, right)
    assert started(world)[0].paid == 1


@pytest.mark.parametrize("answer", ["", "none", "12 34", "٤٨٢١", "0" * 400, None])
def test_what_is_no_code_is_no_right_answer(
    triggers: ChallengeTriggers, answer: str | None
) -> None:
    assert not is_right(triggers, created(triggers), answer)  # type: ignore[arg-type]


def test_an_ended_verification_has_no_right_answer(
    world: World, triggers: ChallengeTriggers
) -> None:
    challenge = created(triggers)
    right = code_of(world, challenge)
    world.clock.turn(minutes=11)
    assert not is_right(triggers, challenge, right)


@pytest.mark.parametrize(
    "request_of",
    [
        {"userNotFound": True, "userAttributes": {}},
        {"userNotFound": True, "userAttributes": {"sub": "x", "phone_number": "+79777777778"}},
        {"userAttributes": {"sub": "x"}},
        {"userAttributes": ATTRIBUTES | {"phone_number": "+12025550123"}},
    ],
)
def test_nobody_learns_whether_a_user_exists(
    world: World, triggers: ChallengeTriggers, request_of: dict[str, object]
) -> None:
    trigger = event("cognito_challenge/create_first", **request_of)
    challenge = triggers.answer(trigger)["response"]
    real = created(triggers)
    assert challenge["publicChallengeParameters"] == real["publicChallengeParameters"]
    assert challenge["privateChallengeParameters"].keys() == (
        real["privateChallengeParameters"].keys()
    )
    assert not is_right(triggers, challenge, "4821")
    assert len(started(world)) == 1


@pytest.mark.parametrize(
    ("name", "challenge", "tokens", "fails"),
    [
        ("define_first", "CUSTOM_CHALLENGE", False, False),
        ("define_after_password", "CUSTOM_CHALLENGE", False, False),
        ("define_wrong_answer", "CUSTOM_CHALLENGE", False, False),
        ("define_right_answer", None, True, False),
        ("define_third_wrong_answer", None, False, True),
    ],
)
def test_what_comes_next(
    triggers: ChallengeTriggers, name: str, challenge: str | None, *, tokens: bool, fails: bool
) -> None:
    response = triggers.answer(event(f"cognito_challenge/{name}"))["response"]
    assert (response["challengeName"], response["issueTokens"], response["failAuthentication"]) == (
        challenge,
        tokens,
        fails,
    )


@pytest.mark.parametrize(
    ("session", "challenge"),
    [
        ([("SRP_A", True)], "PASSWORD_VERIFIER"),
        ([("SRP_A", True), ("PASSWORD_VERIFIER", True)], "CUSTOM_CHALLENGE"),
        ([("SRP_A", True), ("PASSWORD_VERIFIER", False)], None),
        ([("DEVICE_SRP_AUTH", True)], None),
    ],
)
def test_a_password_may_come_first(
    triggers: ChallengeTriggers, session: list[tuple[str, bool]], challenge: str | None
) -> None:
    done = [{"challengeName": name, "challengeResult": result} for name, result in session]
    response = triggers.answer(event("cognito_challenge/define_first", session=done))["response"]
    assert (response["challengeName"], response["failAuthentication"]) == (
        challenge,
        challenge is None,
    )


def test_another_trigger_is_an_error(triggers: ChallengeTriggers) -> None:
    trigger = event("cognito_challenge/verify") | {"triggerSource": "PreSignUp_SignUp"}
    with pytest.raises(ValueError, match=re.escape("PreSignUp")):
        triggers.answer(trigger)
