"""SnapStart, at a deployment: what template.yaml cannot say by itself.

Lambda restores published versions alone, so the API has to lead to one. SAM's `AutoPublishAlias`
does that, but it cannot depend on a parameter, and it publishes nothing when only a parameter's
value has changed: a function would go on with its old settings. So it is put into the built
template here, if the parameter `SnapStart` is `on`, and every deployment publishes anew.
"""

import secrets
from pathlib import Path
from typing import Any

import yaml

ALIAS = "live"


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


def publish_all(built: Path) -> None:
    """Change a built template so that each function behind the API is published anew."""
    template = yaml.safe_load(built.read_text("utf-8"))
    publish(template, secrets.token_hex(32))
    built.write_text(yaml.safe_dump(template, sort_keys=False, allow_unicode=True), "utf-8")
