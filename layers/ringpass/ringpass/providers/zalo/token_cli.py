"""Command for Zalo's tokens: stores the first pair, or a new one when the old one is lost.

    python -m ringpass.providers.zalo.token_cli put  --secret <ARN>
        reads the access and the refresh token, one a line
    python -m ringpass.providers.zalo.token_cli show --secret <ARN>
        prints how long they live, and no token

An administrator of the OA makes them at developers.zalo.me; see docs/connect-zalo.md.
"""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from ringpass.aws.command_line import errors_in_one_line, non_empty, session
from ringpass.aws.secret_rotation import CURRENT, PENDING, SecretVersions
from ringpass.clock import to_text, utc_now
from ringpass.providers.zalo.token_pair import TokenPair

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def main(
    arguments: Sequence[str] | None = None,
    *,
    client: "SecretsManagerClient | None" = None,
    now: Callable[[], datetime] = utc_now,
    prompt: Callable[[str], str] | None = None,
) -> int:
    """Run a command, and return the exit code: 0 if it succeeded."""
    args = _parse_args(arguments)
    with errors_in_one_line():
        manager: SecretsManagerClient = client or session().client("secretsmanager")
        if args.command == "show":
            return _show(SecretVersions(manager, args.secret))
        prompt = prompt or _prompt
        access, refresh = prompt("Access token: ").strip(), prompt("Refresh token: ").strip()
        if not access or not refresh:
            return _print("both tokens are needed: nothing was changed", code=1)
        put(manager, args.secret, TokenPair.from_tokens(access, refresh, now()))
        return _show(SecretVersions(manager, args.secret))


def put(manager: "SecretsManagerClient", arn: str, pair: TokenPair) -> None:
    """Make a pair the current one; a rotation in progress ends without effect."""
    manager.put_secret_value(SecretId=arn, SecretString=pair.to_text())
    versions = manager.describe_secret(SecretId=arn).get("VersionIdsToStages", {})
    for version, stages in versions.items():
        if PENDING in stages and CURRENT not in stages:
            manager.update_secret_version_stage(
                SecretId=arn, VersionStage=PENDING, RemoveFromVersionId=version
            )


def _show(versions: SecretVersions) -> int:
    try:
        pair = TokenPair.from_text(versions.current())
    except ValueError:
        return _print("the secret holds no pair of tokens: use put", code=1)
    _print(f"access token until {to_text(pair.access_expires_at)}")
    return _print(f"refresh token until {to_text(pair.refresh_expires_at)}")


def _parse_args(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ringpass.providers.zalo.token_cli", description="Zalo's tokens, by hand."
    )
    parser.add_argument("command", choices=["put", "show"])
    parser.add_argument("--secret", required=True, type=non_empty, help="ARN of ZaloTokenSecret")
    return parser.parse_args(arguments)


def _prompt(label: str) -> str:
    """Read a line without echo; from a pipe, its next line."""
    if sys.stdin.isatty():
        return getpass.getpass(label)
    with suppress(EOFError):
        return input()
    return ""


def _print(text: str, *, code: int = 0) -> int:
    sys.stderr.write(f"{text}\n") if code else sys.stdout.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
