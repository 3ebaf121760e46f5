"""A provider stands in every place that it has to, and no blank of its skeleton is left."""

import re
import subprocess
from typing import Final

import pytest

from local.new_provider.names import Name
from local.new_provider.places import BLANK, Provider, forgotten
from tests.template import ROOT

PROVIDERS: Final = ROOT / "layers" / "ringpass" / "ringpass" / "providers"
FIRST: Final = ("bizfly", "mcn", "caresoft")
"""Of their channels: the simulator answers for them by the order, and nobody has to choose them."""
_CHANNEL: Final = re.compile(r"channel=ChannelName\.(\w+)")


def provider_in(folder: str) -> Provider:
    """The provider whose facts are in a folder, whether it is listed anywhere or not."""
    [channel] = _CHANNEL.findall((PROVIDERS / folder / "facts.py").read_text(encoding="utf-8"))
    return Provider(Name(folder), channel.lower(), is_first=folder in FIRST)


@pytest.mark.parametrize(
    "folder", sorted(path.parent.name for path in PROVIDERS.glob("*/facts.py"))
)
def test_no_place_of_a_provider_is_forgotten(folder: str) -> None:
    places = forgotten(ROOT, provider_in(folder))
    assert not places, "forgotten:\n" + "\n".join(places)


def test_no_blank_of_a_skeleton_is_left() -> None:
    """They are found in what git knows or would add, wherever they are."""
    command = ["git", "grep", "--untracked", "--line-number", "--fixed-strings", BLANK, "--"]
    search = subprocess.run(  # noqa: S603 - our own program
        [*command, *_OUR_FILES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert search.returncode == 1, f"to fill in:\n{search.stdout}{search.stderr}"


_OUR_FILES: Final = (".", ":!local/new_provider", ":!tests/local/test_new_provider.py")
