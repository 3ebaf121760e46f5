"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
OBSERVABILITY = ROOT / "observability" / "template.yaml"
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.template.yaml"))
COGNITO_EXAMPLE = ROOT / "docs" / "examples" / "cognito.template.yaml"
SAM_CONFIG = ROOT / "samconfig.toml"
CLOUD_VENV = ROOT / ".venv-cloud"
"""Holds ministack and SAM CLI, apart from ours, so that theirs cannot hide what a layer lacks."""
SAM = (CLOUD_VENV / "bin" / "python", "-P", ROOT / "local" / "quick_yaml.py")
"""SAM CLI for the local stack; its arguments follow."""

STATE = ROOT / ".local"
"""All that the local stack writes."""
STACK_FILE = STATE / "stack.json"
"""How to reach the stack that `make up` started; there while it runs."""
UP = STATE / "up"
"""What the stack of `make up` keeps: data, keys and ports. `make reset` removes it."""
BUILDS = STATE / "builds"
SAM_HOME = STATE / "sam-cli"


def only_for_its_owner(folder: Path) -> None:
    """Make a folder, if it is missing, that no other user of the machine can look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)  # An older one could be read by all.
