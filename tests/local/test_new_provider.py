"""``make new-provider``: its refusals, and a skeleton that passes the checks once it is filled."""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from local.failures import LocalStackError
from local.new_provider.names import CHANNELS, Name, read_name
from local.new_provider.places import PLACES, RECEIVING, WEBHOOK, Provider, forgotten
from local.new_provider.write import find_blanks, new_provider
from tests.template import ROOT

NAME: Final = "acme_gate"
# What a new provider can break; the rest of `make check` does not depend on who there is.
CHECKS: Final = (
    f"tests/providers/{NAME}",
    f"tests/sandbox/test_{NAME}.py",
    "tests/sandbox/test_readme.py",
    "tests/providers/test_facts.py",
    "tests/providers/test_replies.py",
    "tests/architecture/test_provider_names.py",
    "tests/architecture/test_provider_places.py",
    "tests/clients/settings/test_requests.py",
    "tests/local/test_template.py",
    "tests/local/test_updates.py",
    "tests/docs/test_costs.py",
    *(
        f"tests/docs/test_docs.py::test_{name}"
        for name in (
            "a_parameter_is_documented_with_its_default",
            "an_environment_variable_is_documented_with_its_functions",
            "no_parameter_variable_or_secret_is_documented_that_does_not_exist",
            "secrets_and_outputs_are_documented",
            "a_route_is_documented",
        )
    ),
    "tests/docs/test_openapi.py",
)


def copy_of_the_repository(target: Path) -> Path:
    """All files without what tools made; with our environment."""
    shutil.copytree(
        ROOT, target, ignore=shutil.ignore_patterns(".*", "__pycache__", "node_modules", "dist")
    )
    for name in (".venv", ".venv-cloud"):
        if (ROOT / name).exists():
            (target / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / ".gitignore", target)
    run(target, "git", "init", "--quiet")
    return target


def run(root: Path, *command: str | Path) -> None:
    process = subprocess.run(  # noqa: S603 - our own programs
        command,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={name: text for name, text in os.environ.items() if not name.startswith("PYTEST")},
    )
    assert process.returncode == 0, process.stdout[-6000:] + process.stderr[-2000:]


def python(root: Path, *arguments: str) -> None:
    run(root, sys.executable, *arguments)


def fill(root: Path, blanks: set[str]) -> None:
    """Answer every blank; what the skeleton has is this provider's documentation."""
    for path in blanks:
        text = (root / path).read_text(encoding="utf-8")
        filled = re.sub(r"FILL-IN: ", "Guide: ", text)
        (root / path).write_text(filled, encoding="utf-8")


@pytest.fixture(scope="module", params=list(CHANNELS))
def channel(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def skeleton(
    channel: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Provider]]:
    """A copy of the repository with the skeleton of a provider, its blanks filled in."""
    root = copy_of_the_repository(tmp_path_factory.mktemp(channel) / "repository")
    out = io.StringIO()
    blanks = new_provider(root, NAME, channel, out)
    assert len(blanks) >= 10
    assert all(f"  {blank}\n" in out.getvalue() for blank in blanks)
    assert "Next: " in out.getvalue()
    fill(root, {blank.path for blank in blanks})
    yield root, Provider(Name(NAME), channel)
    shutil.rmtree(root)


@pytest.mark.slow
def test_a_skeleton_has_no_blank_left_and_is_linted(skeleton: tuple[Path, Provider]) -> None:
    root, provider = skeleton
    files = [path for path in root.rglob("*") if path.is_file() and NAME in str(path)]
    assert list(find_blanks(root, files)) == []
    assert forgotten(root, provider) == []
    ruff = Path(sys.executable).with_name("ruff")
    run(root, ruff, "check", ".")
    run(root, ruff, "format", "--check", ".")


@pytest.mark.slow
def test_every_place_that_was_forgotten_is_named(skeleton: tuple[Path, Provider]) -> None:
    """One file at a time as it was before; then all at once."""
    root, provider = skeleton
    paths = sorted({provider.fill(place.file or place.path) for place in PLACES})
    for path in paths:
        after = (root / path).read_text(encoding="utf-8")
        take_back(root, path)
        places = forgotten(root, provider)
        named = {line.partition(": ")[0] for line in places}
        expected = {
            provider.fill(place.path)
            for place in PLACES
            if provider.fill(place.file or place.path) == path
        }
        assert named == expected, path
        (root / path).write_text(after, encoding="utf-8")
    assert forgotten(root, provider) == []
    kept = {path: (root / path).read_text(encoding="utf-8") for path in paths}
    for path in paths:
        take_back(root, path)
    assert len(forgotten(root, provider)) == len(PLACES)
    for path, text in kept.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_with_a_webhook_all_that_receives_is_named(skeleton: tuple[Path, Provider]) -> None:
    root, provider = skeleton
    webhook = root / provider.fill(WEBHOOK)
    webhook.write_text("", encoding="utf-8")
    try:
        places = forgotten(root, provider)
    finally:
        webhook.unlink()
    expected = [f"{provider.fill(place.path)}: {place.what}" for place in RECEIVING]
    # What has no receipts is simulated without any.
    assert places == [line for line in expected if "or none" not in line]


def take_back(root: Path, path: str) -> None:
    """A file as the repository has it, or not at all."""
    if (ROOT / path).exists():
        shutil.copyfile(ROOT / path, root / path)
    else:
        (root / path).unlink()


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["voice_otp"], indirect=True)
def test_a_filled_skeleton_passes_the_checks_that_know_providers(
    skeleton: tuple[Path, Provider],
) -> None:
    root, _ = skeleton
    python(root, "-m", "local", "openapi")
    python(root, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *CHECKS)


@pytest.mark.slow
def test_a_channel_may_get_another_one(skeleton: tuple[Path, Provider]) -> None:
    """The skeleton of one leaves all that the next one is inserted at."""
    root, first = skeleton
    second = Provider(Name("second_of_acme"), first.channel)
    files = {file: file.read_text("utf-8") for file in root.rglob("*") if is_text(file)}
    try:
        new_provider(root, second.name.snake, second.channel, io.StringIO())
        assert (forgotten(root, first), forgotten(root, second)) == ([], [])
        ruff = Path(sys.executable).with_name("ruff")
        run(root, ruff, "check", "local", "layers", "sandbox", "tests")
        run(root, ruff, "format", "--check", "local", "layers", "sandbox", "tests")
        python(root, "-m", "pytest", "-q", "-n0", "tests/providers/test_facts.py")
    finally:
        for file in [file for file in root.rglob("*") if is_text(file) and file not in files]:
            file.unlink()
        for file, text in files.items():
            if file.read_text("utf-8") != text:
                file.write_text(text, "utf-8")


def is_text(file: Path) -> bool:
    """A file that a skeleton may be in."""
    kinds = {".py", ".yaml", ".md", ".toml"}
    return file.suffix in kinds and ".venv" not in str(file) and file.is_file()


@pytest.mark.proof
def test_a_filled_skeleton_passes_make_check(skeleton: tuple[Path, Provider]) -> None:
    root, _ = skeleton
    python(root, "-m", "local", "openapi")
    python(root, "-m", "local", "gate", "--tests", "quick")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "NAME is missing"),
        ("Acme", "NAME must be lower-case words"),
        ("acme-voice", "NAME must be lower-case words"),
        ("acme__voice", "NAME must be lower-case words"),
        ("_acme", "NAME must be lower-case words"),
        ("1acme", "NAME must be lower-case words"),
        ("acmé", "NAME must be lower-case words"),
        ("acme\n", "NAME must be lower-case words"),
        ("../acme", "NAME must be lower-case words"),
        ("a" * 25, "NAME must be lower-case words"),
        ("bizfly", "NAME is taken"),
        ("voice_gateway", "NAME is taken"),
        ("simulator", "NAME has a meaning"),
        ("caller", "NAME is taken"),
        ("switchboard", "NAME is taken"),
        ("zns", "NAME has a meaning"),
        ("class", "NAME has a meaning"),
    ],
)
def test_a_name_that_cannot_be(name: str, message: str) -> None:
    with pytest.raises(LocalStackError, match=message) as refusal:
        read_name(name, ROOT)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize(("channel", "what"), [("", "is missing"), ("sms", "is not known")])
def test_a_channel_that_is_none(channel: str, what: str) -> None:
    with pytest.raises(LocalStackError, match=f"CHANNEL {what}: it is one of voice_otp"):
        new_provider(ROOT, "acme", channel, io.StringIO())


def test_the_target_refuses_in_one_line_and_writes_nothing() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "local", "new-provider", "--", "Acme", "voice_otp"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("error: NAME must be lower-case words")
    assert len(process.stderr.splitlines()) == 1


def test_a_file_that_has_changed_its_form_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    files = {
        place.path: (ROOT / place.path).read_text(encoding="utf-8")
        for place in PLACES
        if place.edit is not None and "$" not in place.path
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    changed = root / "local" / "providers.py"
    changed.write_text("nothing of what was there\n", encoding="utf-8")
    wiring = root / "layers" / "ringpass" / "ringpass" / "wiring" / "voice_otp.py"
    shutil.copyfile(ROOT / wiring.relative_to(root), wiring)
    (root / "layers" / "ringpass" / "ringpass" / "providers").mkdir(exist_ok=True)
    with pytest.raises(LocalStackError, match=r"local/providers\.py has changed its form"):
        new_provider(root, "acme", "voice_otp", io.StringIO())
    for path, text in files.items():
        if path != "local/providers.py":
            assert (root / path).read_text(encoding="utf-8") == text
    assert not (root / "sandbox" / "acme.py").exists()
