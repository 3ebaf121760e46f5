"""template.yaml as data: CloudFormation's short forms (``!Ref X``) read as ``{"Ref": "X"}``."""

from pathlib import Path
from typing import Any

import yaml

from local.paths import TEMPLATE


class _Loader(yaml.CSafeLoader):
    """A safe loader that knows the short forms."""


def _short_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if tag == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise yaml.YAMLError(f"nothing that YAML has: {node}")


_Loader.add_multi_constructor("!", _short_form)


def read_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """The whole template."""
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    return document
