"""Checks of a template before anything is built: faults that else show up late, and without a line.

That is YAML, and names that `!Ref`, `!GetAtt`, `!Sub`, `!If`, `!Condition`, `Condition` and
`DependsOn` speak of. Everything else is cfn-lint's (`make lint`).
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from local.failures import LocalStackError
from local.paths import OBSERVABILITY, ROOT, TEMPLATE

_VARIABLE: Final = re.compile(r"\$\{(?!!)([^}]+)\}")
_GENERATED: Final = re.compile(
    r"(Role|Version|Alias\w*|Stage|ApiGatewayDefaultStage|Deployment\w*|Url\w*|[A-Z]\w*Permission)"
)
"""What SAM puts behind the name of a resource, for those that it makes beside it."""


@dataclass(frozen=True)
class Fault:
    """Something that cannot be deployed."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        name = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{name}, line {self.line}: {self.text}"


def check_templates(paths: tuple[Path, ...] = (TEMPLATE, OBSERVABILITY)) -> None:
    """Check templates.

    Raises:
        LocalStackError: the first fault, with file and line.
    """
    for path in paths:
        faults = list(faults_in(path))
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise LocalStackError(f"{faults[0]}{more}")


def faults_in(path: Path) -> Iterator[Fault]:
    """All faults of a template, in order of their lines."""
    try:
        document = yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" {error.context}" if error.context else ""
        line = mark.line + 1 if mark else 1
        problem = error.problem or "it cannot be read"
        yield Fault(path, line, f"this is not YAML: {problem}{context}")
        return
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        yield Fault(path, 1, f"this is not YAML: {' '.join(str(error).split())}")
        return
    if not isinstance(document, yaml.MappingNode):
        yield Fault(path, 1, "this is no template: a mapping with Resources is expected")
        return
    yield from sorted(_Names(path, document).faults(), key=lambda fault: fault.line)


class _Names:
    """The names of a template, and those that it speaks of."""

    def __init__(self, path: Path, document: yaml.MappingNode) -> None:
        self._path = path
        self._sections = dict(_fields(document))
        self._parameters = self._keys("Parameters")
        self._conditions = self._keys("Conditions")
        self._resources = self._keys("Resources")

    def _keys(self, section: str) -> set[str]:
        node = self._sections.get(section)
        return {name for name, _ in _fields(node)} if isinstance(node, yaml.MappingNode) else set()

    def faults(self) -> Iterator[Fault]:
        for name in ("Globals", "Conditions", "Resources", "Outputs"):
            if (section := self._sections.get(name)) is not None:
                yield from self._walk(section)
        for name in ("Resources", "Outputs"):
            for _, resource in _fields(self._sections.get(name)):
                yield from self._attributes(resource)

    def _attributes(self, resource: yaml.Node) -> Iterator[Fault]:
        for name, value in _fields(resource):
            if name == "Condition" and isinstance(value, yaml.ScalarNode):
                yield from self._condition(value.value, value, "Condition")
            if name == "DependsOn":
                several = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for one in several:
                    yield from self._resource(one.value, one, "DependsOn")

    def _walk(self, node: yaml.Node) -> Iterator[Fault]:
        if node.tag.startswith("!"):
            yield from self._call(node.tag[1:], node)
        if isinstance(node, yaml.SequenceNode):
            for one in node.value:
                yield from self._walk(one)
        elif isinstance(node, yaml.MappingNode):
            fields = list(_fields(node))
            if len(fields) == 1 and (fields[0][0] == "Ref" or fields[0][0].startswith("Fn::")):
                yield from self._call(fields[0][0].removeprefix("Fn::"), fields[0][1])
            for _, value in fields:
                yield from self._walk(value)

    def _call(self, function: str, node: yaml.Node) -> Iterator[Fault]:
        """What a call of CloudFormation's functions speaks of; nothing of those without names."""
        values = node.value if isinstance(node, yaml.SequenceNode) else [node]
        first = values[0].value if values and isinstance(values[0], yaml.ScalarNode) else ""
        match function:
            case "Ref" if first:
                yield from self._value(first, node, "Ref")
            case "GetAtt" if first:
                yield from self._resource(first.partition(".")[0], node, "GetAtt")
            case "Sub" if first:
                own = {name for name, _ in _fields(values[1])} if len(values) > 1 else set()
                yield from self._variables(first, own, node)
            case "If" | "Condition" if first:
                yield from self._condition(first, node, function)

    def _variables(self, text: str, own: set[str], node: yaml.Node) -> Iterator[Fault]:
        for match in _VARIABLE.finditer(text):
            name, dot, _ = match[1].strip().partition(".")
            if dot:
                yield from self._resource(name, node, "Sub")
            elif name not in own:
                yield from self._value(name, node, "Sub")

    def _value(self, name: str, node: yaml.Node, function: str) -> Iterator[Fault]:
        if name not in self._parameters and not name.startswith("AWS::"):
            yield from self._resource(name, node, function, others=self._parameters)

    def _resource(
        self,
        name: str,
        node: yaml.Node,
        function: str,
        *,
        others: set[str] = set(),  # noqa: B006 - is not changed
    ) -> Iterator[Fault]:
        is_made_by_sam = any(
            _GENERATED.fullmatch(name.removeprefix(one))
            for one in self._resources
            if name.startswith(one)
        )
        if name not in self._resources and not is_made_by_sam:
            kind = "parameter or resource" if others else "resource"
            yield self._fault(name, node, function, kind, self._resources | others)

    def _condition(self, name: str, node: yaml.Node, function: str) -> Iterator[Fault]:
        if name not in self._conditions:
            yield self._fault(name, node, function, "condition", self._conditions)

    def _fault(
        self, name: str, node: yaml.Node, function: str, kind: str, known: set[str]
    ) -> Fault:
        similar = difflib.get_close_matches(name, sorted(known), 1, cutoff=0.7)
        hint = f": did you mean {similar[0]}?" if similar else ""
        word = function if function in ("Condition", "DependsOn") else f"!{function}"
        line = node.start_mark.line + 1
        return Fault(self._path, line, f"{word} {name}: there is no such {kind}{hint}")


def _fields(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, value
