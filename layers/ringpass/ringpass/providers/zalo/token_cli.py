"""Zalo's tokens by hand: puts in the first pair, or a new one when the old one is lost.

    python -m ringpass.providers.zalo.token_cli put  --secret <ARN>   reads access and refresh
    token, line by line python -m ringpass.providers.zalo.token_cli show --secret <ARN>   how long
    they live; no token is printed

They are made by an administrator of the OA at developers.zalo.me; docs/connect-zalo.md says how.
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
    ask: Callable[[str], str] | None = None,
) -> int:
    """Run a command. Gives the exit code: 0 if it did what was asked for."""
    given = _read(arguments)
    with errors_in_one_line():
        manager: SecretsManagerClient = client or session().client("secretsmanager")
        if given.command == "show":
            return _show(SecretVersions(manager, given.secret))
        ask = ask or _ask
        access, refresh = ask("Access token: ").strip(), ask("Refresh token: ").strip()
        if not access or not refresh:
            return _say("both tokens are needed: nothing was changed", code=1)
        put(manager, given.secret, TokenPair.made(access, refresh, now()))
        return _show(SecretVersions(manager, given.secret))


def put(manager: "SecretsManagerClient", arn: str, pair: TokenPair) -> None:
    """Make a pair the current one; a rotation that was under way ends without effect."""
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
        return _say("the secret holds no pair of tokens: use put", code=1)
    _say(f"access token until {to_text(pair.access_expires_at)}")
    return _say(f"refresh token until {to_text(pair.refresh_expires_at)}")


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ringpass.providers.zalo.token_cli", description="Zalo's tokens, by hand."
    )
    parser.add_argument("command", choices=["put", "show"])
    parser.add_argument("--secret", required=True, type=non_empty, help="ARN of ZaloTokenSecret")
    return parser.parse_args(arguments)


def _ask(what: str) -> str:
    """A line without an echo; from a pipe, the next line of it."""
    if sys.stdin.isatty():
        return getpass.getpass(what)
    with suppress(EOFError):
        return input()
    return ""


def _say(text: str, *, code: int = 0) -> int:
    sys.stderr.write(f"{text}\n") if code else sys.stdout.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
