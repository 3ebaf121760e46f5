"""Test numbers end alike, whether the layer plays the provider or the sandbox does."""

import pytest

from ringpass.outcomes import Accepted, ProviderResponse, Rejected, Unknown
from ringpass.phone import parse_phone
from ringpass.providers.base import Provider, classify
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.mcn.client import Mcn
from ringpass.providers.orders import CallOrder, MessageOrder, Order, VoiceOrder
from ringpass.providers.simulator import outcomes as scripted
from ringpass.providers.simulator.responder import ProviderSimulator
from ringpass.providers.voice_gateway.client import VoiceGateway
from ringpass.redaction import Secret
from sandbox import endings as sandbox

DIGITS = [f"{number:02d}" for number in range(20)]
ANSWERS = {
    scripted.SimulatedReply.ACCEPTS: sandbox.Answer.ACCEPT,
    scripted.SimulatedReply.ACCEPTS_LATE: sandbox.Answer.ACCEPT,
    scripted.SimulatedReply.BREAKS: sandbox.Answer.SERVER_ERROR,
    scripted.SimulatedReply.CUTS: sandbox.Answer.CUT,
    scripted.SimulatedReply.STAYS_SILENT: sandbox.Answer.SLOW,
    scripted.SimulatedReply.REFUSES: sandbox.Answer.REFUSE_WITH_200,
    scripted.SimulatedReply.LIMITS: sandbox.Answer.THROTTLE,
    scripted.SimulatedReply.DENIES: sandbox.Answer.UNAUTHORIZED,
    scripted.SimulatedReply.SENDS_HTML: sandbox.Answer.HTML,
}


@pytest.mark.parametrize("digits", DIGITS)
def test_the_two_tables_are_one(digits: str) -> None:
    ours, theirs = scripted.outcome_for(f"+700000000{digits}"), sandbox.ending_of(digits)
    assert ANSWERS[ours.reply] is theirs.answer
    assert (ours.reply is scripted.SimulatedReply.ACCEPTS_LATE) is theirs.result_first
    assert ours.is_redirect is theirs.is_redirect
    if theirs.mcn is None:
        assert ours.call is None
    else:
        assert ours.call is not None
        assert ours.call.q931_status == theirs.mcn.q931_status
        assert ours.call.final_status == theirs.mcn.final_status
        assert ours.call.times == theirs.results


VN, RU = "+840000000", "+700000000"


def played(digits: str) -> dict[str, ProviderResponse]:
    """What each provider's code makes of what is played."""
    slept: list[float] = []
    simulator = ProviderSimulator(10.0, slept.append)

    def outcome[O: Order](provider: Provider[O], order: O) -> ProviderResponse:
        answer = simulator.respond(provider.facts.name, order, "dlv_1")
        return classify(answer, lambda response: provider.outcome(order, response))

    voice = VoiceOrder(parse_phone(VN + digits), Secret("12345"), "OTP-1")
    call = CallOrder(parse_phone(RU + digits), Secret("1234"), detect_redirect=True)
    message = MessageOrder(parse_phone(VN + digits), 366)
    outcomes = {
        "bizfly": outcome(Bizfly(""), voice),
        "voice_gateway": outcome(VoiceGateway(""), voice),
        "mcn": outcome(Mcn(""), call),
        "caresoft": outcome(Caresoft("", "x"), message),
    }
    assert slept == ({"11": [10.0] * 4, "08": [7.0] * 4}.get(digits, []))
    return outcomes


@pytest.mark.parametrize("digits", [*DIGITS[:6], "08", "09", "10", "15", "17", "18"])
def test_what_is_played_is_accepted_by_each_provider_s_code(digits: str) -> None:
    outcomes = played(digits)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes.values())
    call, message = outcomes["mcn"], outcomes["caresoft"]
    assert isinstance(call, Accepted)
    assert isinstance(message, Accepted)
    assert call.provider_ref == scripted.reference_of("dlv_1")
    assert call.details["caller_number"] == "7495000****"
    assert call.details["is_redirect"] is (digits == "15")
    assert str(message.details["ticket_id"]).isdigit()
    assert outcomes["voice_gateway"] == Accepted(scripted.reference_of("dlv_1"))


@pytest.mark.parametrize(
    ("digits", "outcome"),
    [
        ("06", Unknown("http_500")),
        ("07", Unknown("connection_cut")),
        ("11", Unknown("timeout")),
        ("12", Rejected("refused")),
        ("13", Rejected("rate_limited")),
        ("14", Rejected("unauthorized")),
        ("16", Unknown("http_502")),
    ],
)
def test_what_is_played_fails_as_the_table_says(digits: str, outcome: ProviderResponse) -> None:
    outcomes = played(digits)
    if digits == "13":
        assert outcomes.pop("caresoft") == Rejected("rate_limit_locked")
    assert set(outcomes.values()) == {outcome}
