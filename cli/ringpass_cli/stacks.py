"""Which stack a command talks to, and with which key."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ringpass_cli.errors import CliError, not_set_up, usage
from ringpass_cli.profiles import DEFAULT, Profile, Profiles

STACK_FILE: Final = Path(".local") / "stack.json"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class LocalStack:
    """What only the local stack has.

    Attributes:
        folder: Where the file ``stack.json`` is.
        sandbox_url: The simulated providers.
        aws_endpoint_url: The local cloud.
        api_key: A key that may send and read only.
    """

    folder: Path
    sandbox_url: str
    aws_endpoint_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Stack:
    """A stack that can be reached.

    Attributes:
        name: What to call it in a message.
        url: The API's address, without a slash at its end.
        key: The API key.
        local: What only the local stack has; None: it is another stack.
        cloudformation: Name of its CloudFormation stack, if it is known.
        region: Its AWS region, if it is known.
        outputs: Outputs of the CloudFormation stack, where they are known without asking AWS.
    """

    name: str
    url: str
    key: str = field(repr=False)
    local: LocalStack | None = None
    cloudformation: str | None = None
    region: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict, repr=False)


def find_stack(profile_name: str | None, folder: Path | None = None) -> Stack:
    """The stack to use.

    In this order: the profile that ``--profile`` names; ``RINGPASS_URL`` with ``RINGPASS_KEY``; the
    profile of ``RINGPASS_PROFILE``; the local stack, whose file is looked for from `folder`
    upwards; the profile ``default``.

    Raises:
        CliError: there is none, or its key is missing.
    """
    profiles = Profiles()
    if profile_name is not None:
        return _of_profile(profiles, profiles.get(profile_name))
    if url := os.environ.get("RINGPASS_URL"):
        return _of_environment(url)
    if name := os.environ.get("RINGPASS_PROFILE"):
        return _of_profile(profiles, profiles.get(name))
    if path := _stack_file(folder or Path.cwd()):
        return _of_file(path)
    if profile := profiles.find(DEFAULT):
        return _of_profile(profiles, profile)
    raise not_set_up(
        "There is no stack to talk to",
        "Start a local one with `make up`, run `ringpass login --url ...`,"
        " or set RINGPASS_URL and RINGPASS_KEY.",
    )


def checked_url(url: str) -> str:
    """An API's address without a slash at its end.

    Raises:
        CliError: it is not https, and not on this machine: the key would travel in clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise usage(f"{url!r} is no address of an API", "It looks like https://api.example.com.")
    if parts.username or parts.query or parts.fragment:
        raise usage("The address of an API has no user name, query and fragment")
    if parts.scheme == "http" and not is_loopback(url):
        raise usage("The key would travel in clear over http", "Use the https address.")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def _of_profile(profiles: Profiles, profile: Profile) -> Stack:
    return Stack(
        name=f"profile {profile.name}",
        url=checked_url(profile.url),
        key=profiles.key(profile),
        cloudformation=profile.stack,
        region=profile.region,
    )


def _of_environment(url: str) -> Stack:
    key = os.environ.get("RINGPASS_KEY")
    if not key:
        raise not_set_up("RINGPASS_URL is set, and RINGPASS_KEY is not", "Set both, or none.")
    return Stack(name="RINGPASS_URL", url=checked_url(url), key=key)


def _stack_file(folder: Path) -> Path | None:
    for parent in (folder, *folder.parents):
        if (path := parent / STACK_FILE).is_file():
            return path
    return None


def _of_file(path: Path) -> Stack:
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        stack = Stack(
            name="the local stack",
            url=fields["api_url"],
            key=fields["admin_key"],
            local=LocalStack(
                folder=path.parent,
                sandbox_url=fields["sandbox_url"],
                aws_endpoint_url=fields["aws_endpoint_url"],
                api_key=fields["api_key"],
            ),
            region=fields["region"],
            outputs=fields["outputs"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _bad_file(path, "cannot be read") from error
    # A file that came with somebody's folder must not lead anywhere else.
    if not all(map(is_loopback, (stack.url, fields["sandbox_url"], fields["aws_endpoint_url"]))):
        raise _bad_file(path, "does not lead to this machine")
    return stack


def _bad_file(path: Path, what: str) -> CliError:
    return not_set_up(f"{path} {what}", "`make up` writes it anew.")
