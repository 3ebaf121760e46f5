"""The sandbox: the providers, simulated, beside the local cloud."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local.environment import for_ours
from local.failures import LocalStackError
from local.ministack_server import KEY_ARN
from local.ports import LOOPBACK
from local.processes import Server, start_server
from local.web import ask

START_SECONDS = 20.0
DOMAIN = "sandbox"
"""The domain that the sandbox's CareSoft knows."""
ACCOUNT = "117793"
"""The account of the sandbox's MCN."""
ZALO_APP_ID = "1234567890123456789"
ZALO_OA_ID = "2867735993958514567"
"""The app and the OA that the sandbox's Zalo knows."""
OA_CLIENT = "local"
ZALO_VERIFICATION = "Local_domain-1"
"""The client that the OA belongs to: the one whose keys the stack has (local/seeding.py)."""
PRICES = '{"mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"}, "zalo_consent": {"VN": "600 VND"}}'
"""The template's, and a fee for asking a customer for a permission to be called."""
OTP_ID = "OTP-1"
"""The script that is read out if a request names none."""


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that answers."""

    url: str
    server: Server

    def parameters(self) -> dict[str, str]:
        """Parameters of the template that lead the functions to it."""
        return {
            "BizflyBaseUrl": f"{self.url}/bizfly",
            "BizflyOtpId": OTP_ID,
            "VoiceGatewayUrl": f"{self.url}/voice_gateway/calls",
            "McnBaseUrl": f"{self.url}/mcn",
            "CaresoftBaseUrl": f"{self.url}/caresoft",
            "CaresoftDomain": DOMAIN,
            "ZaloBaseUrl": f"{self.url}/zalo",
            "ZaloOpenApiUrl": f"{self.url}/zalo",
            "ZaloOauthUrl": f"{self.url}/zalo",
            "ZaloAppId": ZALO_APP_ID,
            "ZaloOaId": ZALO_OA_ID,
            "ZaloOaClient": OA_CLIENT,
            "ZaloVerification": ZALO_VERIFICATION,
            "TestNumbers": "sandbox",
            "Prices": PRICES,
            "McnAccountId": ACCOUNT,
            "CognitoClient": OA_CLIENT,
            "CognitoKeyArn": KEY_ARN,
        }

    def serve(self, *, webhook_url: str, token: str, api_url: str, admin_key: str) -> None:
        """Tell it where CDRs and call results go, and whose suspensions a reset ends.

        All webhooks are sent with `token`, or signed with it.
        """
        settings = {
            "mcn_webhook_url": webhook_url,
            "bizfly_webhook_url": f"{api_url}/v1/webhooks/bizfly",
            "bizfly_webhook_token": token,
            "voice_gateway_webhook_url": f"{api_url}/v1/webhooks/voice-gateway",
            "voice_gateway_secret": token,
            "caresoft_webhook_url": f"{api_url}/v1/webhooks/caresoft",
            "caresoft_webhook_secret": token,
            "zalo_webhook_url": f"{api_url}/v1/webhooks/zalo",
            "api_url": api_url,
            "admin_key": admin_key,
        }
        answer = ask("POST", f"{self.url}/_sandbox/settings", body=settings)
        if answer.status >= 300:  # noqa: PLR2004
            raise LocalStackError(f"the sandbox refused its settings: {answer.text}")


def start_sandbox(folder: Path, *, port: int = 0, outlives_us: bool = False) -> Sandbox:
    """Start the sandbox; port 0 is a free one.

    Raises:
        LocalStackError: it does not start.
    """
    log, port_file = folder / "sandbox.log", folder / "sandbox.port"
    port_file.unlink(missing_ok=True)
    server = start_server(
        "sandbox",
        [
            *(sys.executable, "-m", "sandbox", "--host", LOOPBACK),
            *("--port", str(port), "--port-file", port_file),
        ],
        env=for_ours(),
        log=log,
        outlives_us=outlives_us,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.is_alive():
            text = port_file.read_text("ascii").strip() if port_file.exists() else ""
            if text:
                return Sandbox(url=f"http://{LOOPBACK}:{text}", server=server)
            time.sleep(0.05)
    except BaseException:
        server.stop()
        raise
    server.stop()
    raise LocalStackError("the sandbox did not start", log=log)
