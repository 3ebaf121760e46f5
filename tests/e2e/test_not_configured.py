"""A provider whose secret nobody has set is never asked, and every answer says so."""

from local.stack import Stack
from ringpass.aws.secrets import PLACEHOLDER
from tests.e2e.conftest import Sandbox, fresh_code, fresh_phone, new_key, with_key
from tests.e2e.test_bad_input import is_problem
from tests.e2e.test_rotation import put, secret_of

READ_THE_SECRET = (
    "SendPasswordCallFunction",
    "StartVerificationFunction",
    "AdvanceFunction",
    "ManageProvidersFunction",
)


def test_a_provider_that_nobody_has_set_up_is_never_asked(stack: Stack, sandbox: Sandbox) -> None:
    """By a client that has set nothing, after MCN's secret is as a new stack makes it."""
    key = new_key(stack, "newcomer", "send,read,phones:read")
    russian, vietnamese = fresh_phone("RU"), fresh_phone("VN")
    with (
        secret_of(stack, "McnSecretArn", *READ_THE_SECRET),
        with_key(stack, key) as client,
    ):
        put(stack, "McnSecretArn", **{"token": "", PLACEHOLDER: "random characters of a new stack"})
        providers = client.get("/v1/providers").json()["items"]
        assert {one["name"]: one["status"] for one in providers} == {
            "bizfly": "active",
            "voice_gateway": "active",
            "mcn": "not_configured",
            "caresoft": "active",
            "zalo": "active",
        }
        call = {"phone": russian, "code": fresh_code()}
        is_problem(client.post("/v1/password-calls", call), 503, "not_configured")
        is_problem(client.post("/v1/verifications", {"phone": russian}), 503, "not_configured")
        for path in ("/v1/deliveries", "/v1/verifications"):
            assert client.get(path, phone=russian).json()["items"] == []
        answer = client.post("/v1/verifications", {"phone": vietnamese})
        assert answer.status_code == 201, answer.text
        assert (answer.json()["channel"], answer.json()["code_length"]) == ("voice_otp", 6)
        assert [one["provider"] for one in sandbox.requests(vietnamese, least=1)] == ["bizfly"]
        assert sandbox.requests(russian) == []
