"""What an operator has set: samconfig.toml and the arguments, read by SAM CLI itself."""

import json
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.environment import for_aws
from local.failures import DeploymentError
from local.paths import CLOUD_VENV, SAM_CONFIG

_READER = Path(__file__).with_name("read_sam_settings.py")


@dataclass(frozen=True)
class Settings:
    """What `sam deploy` takes for one environment of samconfig.toml."""

    environment: str
    config: Path
    arguments: tuple[str, ...]
    """What else `sam deploy` is given, which goes before the file."""
    stack_name: str
    region: str | None
    profile: str | None
    parameters: Mapping[str, str]
    """Those that are set; all others keep the stack's value, or their default."""
    confirms: bool
    """Whether SAM CLI asks before it changes anything."""

    @property
    def options(self) -> list[str]:
        """The options by which any command of SAM CLI reads the same file and environment."""
        return _options(self.environment, self.config)


def read_settings(
    environment: str, arguments: Sequence[str], *, config: Path = SAM_CONFIG
) -> Settings:
    """Read the settings of an environment.

    Raises:
        DeploymentError: There is no such environment, or SAM CLI does not take what is set.
    """
    _check_environment(environment, config)
    if "--guided" in arguments or "-g" in arguments:
        raise DeploymentError(
            "ARGS has --guided, which asks questions: put your settings into samconfig.toml"
        )
    process = subprocess.run(
        [CLOUD_VENV / "bin" / "python", _READER, *_options(environment, config), *arguments],
        cwd=config.parent,
        env=for_aws(),
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines() or ["it gave no reason"]
        raise DeploymentError(f"SAM CLI does not take the settings or ARGS: {lines[-1]}")
    options = json.loads(process.stdout.splitlines()[-1])
    return Settings(
        environment=environment,
        config=config,
        arguments=tuple(arguments),
        stack_name=options["stack_name"],
        region=options["region"],
        profile=options["profile"],
        parameters=options["parameter_overrides"] or {},
        confirms=bool(options["confirm_changeset"]),
    )


def _options(environment: str, config: Path) -> list[str]:
    return ["--config-file", str(config), "--config-env", environment]


def _check_environment(environment: str, config: Path) -> None:
    """SAM CLI takes an environment that is not there for an empty one."""
    try:
        document = tomllib.loads(config.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DeploymentError(f"{config.name} cannot be read: {error}") from error
    # [local] is the local stack's, whose table may be deleted.
    there = [name for name, one in document.items() if isinstance(one, dict) and name != "local"]
    if environment not in there:
        raise DeploymentError(
            f"samconfig.toml has no environment '{environment}': ENV is one of {', '.join(there)}"
        )
