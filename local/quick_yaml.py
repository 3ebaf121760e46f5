"""Lets programs of `.venv-cloud` read and write YAML with libyaml, ten times as fast.

PyYAML's own parser, in Python, reads our template in half a second. SAM CLI reads it ten times for
one deployment, half of all that it does; the local cloud reads it, too.

As a program it is SAM CLI: ``python -P local/quick_yaml.py deploy ...``. `make deploy` uses SAM CLI
as it is.
"""

import importlib
import sys
from typing import Any

import yaml


def use_libyaml() -> None:
    """Have the names of PyYAML's safe loader and dumper mean libyaml's.

    Whoever makes a class of them has to be imported afterwards.
    """
    names: Any = yaml
    names.SafeLoader = yaml.CSafeLoader
    names.SafeDumper = yaml.CSafeDumper


if __name__ == "__main__":
    use_libyaml()
    sam: Any = importlib.import_module("samcli.cli.main")
    sys.argv[0] = "sam"
    sys.exit(sam.cli())
