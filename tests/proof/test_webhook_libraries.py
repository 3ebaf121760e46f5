"""What Ringpass signs is verified by the libraries of another language: Standard Webhooks', Svix's.

Both libraries are installed into a folder of their own.
"""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.client_libraries import node, npm
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.signing import endpoint_secret, signed_headers
from tests.template import ROOT

FOLDER = ROOT / "tests" / "proof" / "webhook_libraries"
KEY = Secret("k" * 64)
BODY = '{"id":"evt_1","data":{"name":"Nguyễn Ánh","text":"Привет \\" \\\\ 🙂"}}'


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both libraries, of the pinned versions."""
    folder = tmp_path_factory.mktemp("libraries")
    for file in FOLDER.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    npm("ci", cwd=folder)
    return folder


def verified_by(folder: Path, *requests: dict[str, object]) -> list[list[str]]:
    """The names of the libraries that verify each request."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    output = node("verify.js", cwd=folder, stdin=lines).stdout
    return [json.loads(line) for line in output.splitlines()]


def test_both_verify_what_is_ours_and_nothing_else(libraries: Path) -> None:
    now = datetime.now(UTC)
    new, old = (endpoint_secret(KEY, "whe_a", generation) for generation in (2, 1))
    other = endpoint_secret(KEY, "whe_b", 1)
    headers = signed_headers([new, old], "evt_1", now, BODY)
    late = signed_headers([new], "evt_1", now - timedelta(minutes=6), BODY)

    def request(secret: Secret, headers: object, body: str = BODY) -> dict[str, object]:
        return {"secret": secret.reveal(), "headers": headers, "body": body}

    assert verified_by(
        libraries,
        request(new, headers),
        request(old, headers),
        request(other, headers),
        request(new, headers, BODY.replace("evt_1", "evt_2")),
        request(new, {**headers, "webhook-id": "evt_2"}),
        request(new, late),
    ) == [["standardwebhooks", "svix"], ["standardwebhooks", "svix"], [], [], [], []]
