"""The layers as they are built: bytecode for every module, nothing of the building machine."""

import importlib.util
import marshal
from pathlib import Path

import pytest

from local.build import build
from local.progress import Progress

UNCHECKED = 0b01
"""PEP 552: the bytecode has a hash of its source, and nobody compares them."""


@pytest.fixture(scope="module")
def layers() -> list[Path]:
    folder = build(Progress()).parent
    return [folder / name / "python" for name in ("DependenciesLayer", "RingpassLayer")]


def test_every_module_has_bytecode_that_is_not_compared_with_it(layers: list[Path]) -> None:
    for layer in layers:
        modules = list(layer.rglob("*.py"))
        assert modules
        for module in modules:
            cached = Path(importlib.util.cache_from_source(str(module)))
            header = cached.read_bytes()[:8]
            assert header[:4] == importlib.util.MAGIC_NUMBER
            assert int.from_bytes(header[4:], "little") == UNCHECKED


def test_tracebacks_name_the_layer_and_not_the_machine_that_built_it(layers: list[Path]) -> None:
    for layer in layers:
        for cached in layer.rglob("*.pyc"):
            code = marshal.loads(cached.read_bytes()[16:])  # noqa: S302 - made by our own build
            module = Path(importlib.util.source_from_cache(str(cached))).relative_to(layer)
            assert code.co_filename == f"/opt/python/{module}"


def test_the_dependencies_keep_their_licences_and_bring_no_commands(layers: list[Path]) -> None:
    dependencies = layers[0]
    assert not (dependencies / "bin").exists()
    packages = list(dependencies.glob("*.dist-info"))
    assert packages
    for package in packages:
        assert [*package.glob("LICEN[CS]E*"), *package.glob("licenses/*")], package.name


def test_the_package_is_ours_alone(layers: list[Path]) -> None:
    assert [path.name for path in layers[1].iterdir()] == ["ringpass"]
