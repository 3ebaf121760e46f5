"""Profiles: names of stacks. Their addresses are in a file, their keys in the system's keyring."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import typer

from ringpass_cli.errors import not_set_up

DEFAULT: Final = "default"
_SERVICE: Final = "ringpass"


@dataclass(frozen=True)
class Profile:
    """A stack's name for this user.

    Attributes:
        name: The name.
        url: The API's address.
        stack: Name of its CloudFormation stack, for commands that ask AWS.
        region: Its AWS region, for the same commands.
    """

    name: str
    url: str
    stack: str | None = None
    region: str | None = None


class Profiles:
    """The profiles of this user."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or Path(typer.get_app_dir(_SERVICE))) / "profiles.json"

    def all(self) -> list[Profile]:
        """All profiles, by name.

        Raises:
            CliError: the file cannot be read.
        """
        try:
            items = json.loads(self._path.read_text(encoding="utf-8"))
            return [Profile(**item) for item in sorted(items, key=lambda item: item["name"])]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise not_set_up(
                f"{self._path} cannot be read", "Correct it, or delete it and log in again."
            ) from error

    def find(self, name: str) -> Profile | None:
        """The profile of this name, if there is one."""
        return next((profile for profile in self.all() if profile.name == name), None)

    def get(self, name: str) -> Profile:
        """The profile of this name.

        Raises:
            CliError: there is none.
        """
        if profile := self.find(name):
            return profile
        names = ", ".join(profile.name for profile in self.all()) or "none"
        raise not_set_up(
            f"There is no profile {name!r}; profiles: {names}",
            f"`ringpass login {name} --url ...` makes it.",
        )

    def save(self, profile: Profile, key: str) -> None:
        """Keep a profile and its key, instead of those that had its name."""
        profiles = self.all()
        self._keyring("set", profile, key)
        self._write([*(one for one in profiles if one.name != profile.name), profile])
        for one in profiles:
            if one.name == profile.name and one.url != profile.url:
                self._keyring("delete", one)

    def remove(self, profile: Profile) -> None:
        """Forget a profile and its key."""
        self._keyring("delete", profile)
        self._write([one for one in self.all() if one.name != profile.name])

    def key(self, profile: Profile) -> str:
        """The key of a profile.

        Raises:
            CliError: the keyring does not have it.
        """
        if key := self._keyring("get", profile):
            return key
        raise not_set_up(
            f"The keyring has no key for the profile {profile.name}",
            f"`ringpass login {profile.name} --url {profile.url}` stores it.",
        )

    def _write(self, profiles: list[Profile]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(profile) for profile in profiles], indent=2)
        # A command that is cut leaves the old file whole.
        new = self._path.with_suffix(f".{os.getpid()}.tmp")
        new.write_text(f"{text}\n", encoding="utf-8")
        new.replace(self._path)

    def _keyring(self, verb: str, profile: Profile, key: str = "") -> str | None:
        # Looking for a keyring takes a moment: only who uses one waits for it.
        import keyring  # noqa: PLC0415
        from keyring.errors import KeyringError, PasswordDeleteError  # noqa: PLC0415

        # The address is part of the name: an edited file cannot send the key elsewhere.
        entry = f"{profile.name} {profile.url}"
        try:
            match verb:
                case "set":
                    keyring.set_password(_SERVICE, entry, key)
                case "delete":
                    keyring.delete_password(_SERVICE, entry)
                case _:
                    return keyring.get_password(_SERVICE, entry)
        except PasswordDeleteError:
            return None  # It is gone already.
        except KeyringError as error:
            raise not_set_up(
                f"The keyring of this system cannot be used: {error}",
                "Set RINGPASS_URL and RINGPASS_KEY instead.",
            ) from error
        return None
