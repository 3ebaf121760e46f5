"""SnapStart, at a deployment: what template.yaml cannot say by itself.

Lambda restores published versions alone, so the API has to lead to one. SAM's `AutoPublishAlias`
does that, but it cannot depend on a parameter, and it publishes nothing when only a parameter's
value has changed: a function would go on with its old settings. So it is put into the built
template here, if the parameter `SnapStart` is `on`, and every deployment publishes anew.
"""

import re
import secrets
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ALIAS = "live"
_OVERRIDES = "--parameter-overrides"
_SNAPSTART = re.compile(r"\bSnapStart(?:=|,ParameterValue=)[\"']?(on|off)\b")


def is_wanted(config: Mapping[str, Any], arguments: Sequence[str]) -> bool:
    """Whether `SnapStart` is `on`, by samconfig.toml, or by what `sam deploy` is told instead."""
    if _OVERRIDES in arguments:
        given = " ".join(arguments[arguments.index(_OVERRIDES) + 1 :])
    else:
        overrides = config["default"]["deploy"]["parameters"].get("parameter_overrides", "")
        given = overrides if isinstance(overrides, str) else " ".join(overrides)
    return _SNAPSTART.findall(given)[-1:] == ["on"]


def publish(template: dict[str, Any], release: str) -> None:
    """Have every function that answers HTTP published, and the API lead to what is published.

    Args:
        template: A built template; changed in place.
        release: Hexadecimal digits, others at each deployment: SAM publishes when they differ.
    """
    for resource in template["Resources"].values():
        events = resource.get("Properties", {}).get("Events", {}).values()
        if any(event["Type"] == "HttpApi" for event in events):
            resource["Properties"]["AutoPublishAlias"] = ALIAS
            resource["Properties"]["AutoPublishCodeSha256"] = release
            # SAM would keep every old version, and each costs as long as it exists.
            resource["DeletionPolicy"] = "Delete"


def main(built: Path, arguments: Sequence[str]) -> None:
    """Change a built template, if SnapStart is wanted."""
    if is_wanted(tomllib.loads(Path("samconfig.toml").read_text("utf-8")), arguments):
        template = yaml.safe_load(built.read_text("utf-8"))
        publish(template, secrets.token_hex(32))
        built.write_text(yaml.safe_dump(template, sort_keys=False, allow_unicode=True), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
