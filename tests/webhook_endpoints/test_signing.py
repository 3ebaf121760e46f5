"""Signatures: the specification's own example, and secrets that are derived."""

from base64 import b64decode
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from ringpass.redaction import Secret
from ringpass.webhook_endpoints.signing import endpoint_secret, signed_headers

KEY = Secret("k" * 64)


def test_the_example_of_the_specification_s_libraries() -> None:
    headers = signed_headers(
        [Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_secret_signs() -> None:
    secrets = [endpoint_secret(KEY, "whe_a", generation) for generation in (2, 1)]
    headers = signed_headers(secrets, "evt_1", datetime.now(UTC), '{"name":"Nguyễn"}')
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in secrets:
        Webhook(secret.reveal()).verify('{"name":"Nguyễn"}', headers)


def test_a_secret_is_32_bytes_of_its_endpoint_and_its_generation_alone() -> None:
    secret = endpoint_secret(KEY, "whe_a", 1).reveal()
    assert secret == endpoint_secret(KEY, "whe_a", 1).reveal()
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    # Receivers keep it: another release must derive the same one.
    assert secret == "whsec_6ae7W+XhNrn/9J/U7pH4xqVXj60wT9cMiCBF8zubZ/c="
    others = [
        endpoint_secret(KEY, "whe_a", 2),
        endpoint_secret(KEY, "whe_b", 1),
        endpoint_secret(Secret("l" * 64), "whe_a", 1),
    ]
    assert secret not in {one.reveal() for one in others}
