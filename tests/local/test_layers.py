"""The layers as they are built: bytecode for every module, nothing of the building machine."""

import importlib.util
import marshal
import subprocess
from pathlib import Path

import pytest

from local.aws_deployment.binaries import check_binaries
from local.build import build, processor
from local.environment import for_sam
from local.failures import DeploymentError
from local.paths import CLOUD_VENV, STATE, TEMPLATE
from local.progress import Progress

UNCHECKED = 0b01
"""PEP 552: the bytecode has a hash of its source, and nobody compares them."""


@pytest.fixture(scope="module")
def layers() -> list[Path]:
    folder = build(Progress()).parent
    names = ("DependenciesLayer", "RingpassLayer", "CognitoLayer")
    return [folder / name / "python" for name in names]


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
    for dependencies in (layers[0], layers[2]):
        assert not (dependencies / "bin").exists()
        packages = list(dependencies.glob("*.dist-info"))
        assert packages
        for package in packages:
            texts = [*package.glob("LICEN[CS]E*"), *package.glob("licenses/*")]
            # The wheel of standardwebhooks names its licence (MIT), and does not hold the text.
            names_it = "\nLicense-Expression: MIT\n" in (package / "METADATA").read_text("utf-8")
            assert texts or names_it, package.name


def test_the_runtime_s_own_packages_are_in_no_layer(layers: list[Path]) -> None:
    for layer in layers:
        assert not {"boto3", "botocore", "awslambdaric"} & {path.name for path in layer.iterdir()}


def test_the_package_is_ours_alone(layers: list[Path]) -> None:
    assert [path.name for path in layers[1].iterdir()] == ["ringpass"]


@pytest.mark.proof
def test_binaries_are_for_the_processor_that_is_chosen(layers: list[Path], tmp_path: Path) -> None:
    """This machine's is built for all tests; the other one as an operator does it, by hand."""
    (other,) = {"arm64", "x86_64"} - {processor()}
    config, built = tmp_path / "samconfig.toml", tmp_path / "build"
    config.write_text(
        f"version = 0.1\n[default.global.parameters.parameter_overrides]\nArchitecture = '{other}'"
    )
    subprocess.run(  # noqa: S603 - our own environment
        [
            *(CLOUD_VENV / "bin" / "sam", "build", "DependenciesLayer", "--config-file", config),
            *("--template-file", TEMPLATE, "--build-dir", built),
            *("--cached", "--cache-dir", STATE / "other-processor"),
        ],
        env=for_sam(),
        capture_output=True,
        check=True,
    )
    check_binaries(layers[0], processor())
    check_binaries(built, other)
    with pytest.raises(DeploymentError, match=f"Architecture is {processor()}, and .* for {other}"):
        check_binaries(built, processor())
