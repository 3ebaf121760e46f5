"""Command that registers our webhook of call results at Bizfly.

    python -m ringpass.providers.bizfly.webhook_cli register --stack ringpass
    python -m ringpass.providers.bizfly.webhook_cli remove --stack ringpass

``PUT <base>/v1/api/webhooks`` with ``{"url": ..., "token": ...}`` registers one webhook for each
switchboard, and replaces the one before; ``DELETE`` removes it. Every call of the webhook has the
token in ``Authorization``. Source: public clients of Bizfly. There is no known documentation, so
the reasons below depend on the HTTP status alone.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from ringpass.aws.command_line import errors_in_one_line, non_empty, session
from ringpass.aws.secrets import Secrets
from ringpass.config import PROVIDER_TIMEOUT_SECONDS
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.http_client import Transport
from ringpass.redaction import Secret

_REASONS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "Bizfly does not take the address or the token (data_invalid).",
    HTTPStatus.UNAUTHORIZED: "Bizfly does not know the key; is it in the secret as Bizfly has it?",
    HTTPStatus.FORBIDDEN: "Bizfly does not let this key manage webhooks; ask Bizfly's support.",
    HTTPStatus.NOT_FOUND: "Bizfly knows no switchboard for this key, or none with a webhook.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Bizfly failed; try again later.",
}


class RefusedError(Exception):
    """Bizfly did not do it; the text gives a person the reason."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Registers and removes the webhook of the switchboard that a key belongs to.

    Attributes:
        base_url: Origin of Bizfly's API.
        key: The API key.
        transmit: Sends one request; ``Transport.send``.
    """

    base_url: str
    key: Secret
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]

    def register(self, url: str, token: Secret) -> None:
        """Have call results sent to ``url``; idempotent, and replaces another address.

        Raises:
            RefusedError: Bizfly did not do it, or nobody knows.
        """
        self._send("PUT", {"url": url, "token": token.reveal()})

    def remove(self) -> None:
        """Have call results sent nowhere.

        Raises:
            RefusedError: Bizfly did not do it, or nobody knows.
        """
        self._send("DELETE", None)

    def _send(self, method: str, body: Mapping[str, str] | None) -> None:
        headers = {"Accept": "application/json", "Authorization": self.key.reveal()}
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            headers["Content-Type"] = "application/json"
        url = f"{self.base_url}/v1/api/webhooks"
        response = self.transmit(HttpRequest(url, headers, content, method=method))
        if isinstance(response, NoResponse):
            raise RefusedError(
                f"Bizfly did not answer ({response.reason}); do it again, it does no harm."
            )
        if response.is_success and not _is_refusal(response.body):
            return
        reason = _REASONS.get(response.status, "Bizfly refused.")
        raise RefusedError(f"{reason} (HTTP {response.status}{_error_text(response.body)})")


def _is_refusal(body: bytes) -> bool:
    """Whether a 2xx response refuses by ``status: false``, as Bizfly's other routes do."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("status") is False


def _error_text(body: bytes) -> str:
    """Returns Bizfly's own words, if there are any."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    words = [document.get(name) for name in ("message", "error", "code")] if document else []
    return "".join(f", {word}" for word in words if isinstance(word, str) and word)[:200]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with 1 and a line on stderr if it fails."""
    args = _parser().parse_args(arguments)
    try:
        with errors_in_one_line():
            _run(args)
    except RefusedError as error:
        sys.exit(f"Not done: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringpass.providers.bizfly.webhook_cli", description="Where Bizfly sends call results"
    )
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    for name, help_text in (
        ("register", "have call results sent to this stack"),
        ("remove", "have them sent nowhere"),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.add_argument(
            "--stack", required=True, type=non_empty, help="name of the deployed stack"
        )
        command.add_argument(
            "--key",
            default="api_key",
            metavar="FIELD",
            help="field of Bizfly's secret; its account",
        )
        if name == "register":
            command.add_argument("--url", help="another address than the stack's own")
    return parser


def _run(args: argparse.Namespace) -> None:
    outputs = _outputs(args.stack)
    arns = {
        "bizfly": outputs["BizflySecretArn"],
        "bizfly_webhook": outputs["BizflyWebhookSecretArn"],
    }
    secrets = Secrets(session().client("secretsmanager"), arns.__getitem__)
    registration = Registration(
        outputs["BizflyBaseUrl"].rstrip("/"),
        secrets.value("bizfly", args.key),
        Transport(PROVIDER_TIMEOUT_SECONDS).send,
    )
    if args.command == "remove":
        registration.remove()
        _print("Bizfly sends call results nowhere now; the call log is asked for all of them.")
        return
    url = args.url or outputs["BizflyWebhookUrl"]
    # The first of several tokens is the newest; the others are still valid, but not registered.
    registration.register(url, secrets.value("bizfly_webhook", "token"))
    _print(f"Bizfly sends call results to {url} now.")


def _outputs(stack: str) -> dict[str, str]:
    [description] = session().client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])}


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
