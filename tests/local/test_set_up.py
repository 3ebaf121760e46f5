"""Set-up: environments are made once; what is missing is told in one line."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import __main__ as main
from local import venv
from local.failures import file_sentence
from local.paths import CLOUD_VENV, ROOT

REQUIREMENTS = [
    ROOT / "requirements" / "dev.txt",
    ROOT / "requirements" / "cloud.txt",
    ROOT / "layers" / "dependencies" / "requirements.txt",
    ROOT / "requirements" / "runtime.txt",
    ROOT / "requirements" / "audit.txt",
    ROOT / "requirements" / "docs.txt",
    ROOT / "requirements" / "mutation.txt",
    ROOT / "requirements" / "uv.txt",
]


def _find_python(path: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["/bin/sh", ROOT / "local" / "find_python.sh"],
        env={"PATH": path, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def _fake_python(folder: Path, script: str) -> None:
    for name in ("python3.13", "python3", "python"):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


def test_python_3_13_is_found(tmp_path: Path) -> None:
    process = _find_python(f"{Path(sys.executable).parent}:{os.defpath}", tmp_path)
    assert (process.returncode, process.stderr) == (0, "")
    assert "python" in process.stdout


def test_another_python_does_not_do(tmp_path: Path) -> None:
    _fake_python(tmp_path, "exit 1")
    process = _find_python(str(tmp_path), tmp_path)
    if process.returncode == 0:
        pytest.skip("this machine has a Python 3.13 in one of the usual places")
    assert process.stdout == ""
    assert re.fullmatch(r"error: Python 3\.13 was not found: install it .*\n", process.stderr)


def test_a_python_without_venv_is_told(tmp_path: Path) -> None:
    _fake_python(tmp_path, 'case "$2" in *ensurepip*) exit 1;; esac')
    process = _find_python(str(tmp_path), tmp_path)
    assert process.returncode == 1
    assert re.fullmatch(
        r"error: python3\.13 lacks the venv module: install it .*\n", process.stderr
    )


@pytest.mark.parametrize("command", ["venv.py", "__main__.py"])
def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, command: str) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "local", clone / "local")
    (clone / ".local").write_text("not a folder")
    program = [clone / "local" / command] if command == "venv.py" else ["-m", "local", "up"]
    arguments = [".venv=requirements/dev.txt"] if command == "venv.py" else []
    process = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *program, *arguments],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert re.fullmatch(rf"error: {re.escape(str(clone))}/\.local.*\n", process.stderr)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("uv_seconds", "text"),
    [(4.0, "about 15 s"), (5.0, "about 15 s"), (15.0, "about 80 s"), (45.0, "about 280 s")],
)
def test_the_estimate_is_corrected_by_how_long_the_first_package_took(
    uv_seconds: float, text: str
) -> None:
    clock = Clock()
    estimate = venv.Estimate(196, needs_uv=True, clock=clock)
    assert estimate.text() == "about 15 s"
    clock.now = uv_seconds
    estimate.uv_is_there()
    assert estimate.text() == text


def test_without_the_first_package_there_is_an_estimate_too() -> None:
    assert venv.Estimate(196, needs_uv=False).text() == "about 10 s"
    assert venv.Estimate(1, needs_uv=False).text() == "about 5 s"


def test_a_waiting_person_sees_what_an_installer_does_now(tmp_path: Path) -> None:
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    logs = venv.Logs([one, two])
    assert logs.last_line() == ""
    two.write_text("Resolved 3 packages\nDownloading botocore (14.2MiB)\n\n")
    assert logs.last_line() == "Downloading botocore (14.2MiB)"
    one.write_text("Installed 9 packages\n")
    os.utime(two, (1, 1))
    assert logs.last_line() == "Installed 9 packages"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "make it writable"),
        (errno.EROFS, "make it writable"),
        (errno.ENOSPC, "make room on the disk"),
        (errno.EEXIST, "move it away, a folder is needed there"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_what_to_do(number: int, remedy: str) -> None:
    error = OSError(number, os.strerror(number), "/clone/.local/up")
    sentence = file_sentence(error, Path("/clone"))
    assert sentence == f"/clone/.local/up: {os.strerror(number)}: {remedy}"


def test_a_missing_program_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*command: str) -> None:
        monkeypatch.setattr(main, "Background", lambda: subprocess.run(command, check=True))  # noqa: S603
        assert main.main(["down"]) == 1

    run(str(CLOUD_VENV / "bin" / "not-there"))
    assert capsys.readouterr().err == (
        "error: not-there is missing in .venv-cloud: remove that folder and run the command again\n"
    )
    run("not-there-either")
    assert capsys.readouterr().err == (
        "error: not-there-either is missing: install it and have it on your PATH\n"
    )


def test_an_environment_is_made_anew_when_its_requirements_change(tmp_path: Path) -> None:
    requirements, folder = tmp_path / "r.txt", tmp_path / "venv"
    requirements.write_text("a==1\n")
    assert not venv._is_made(folder, requirements)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    (folder / venv.STAMP).write_text(venv._mark(folder, requirements))
    assert venv._is_made(folder, requirements)
    requirements.write_text("a==2\n")
    assert not venv._is_made(folder, requirements)


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.parent.name + "/" + path.name)
def test_every_package_is_pinned_with_hashes_and_without_an_address(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    pinned = re.compile(r"[\w.-]+==\S+ .*\\\n(\s+--hash=sha256:[0-9a-f]{64}( \\)?\n?)+")
    for entry in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", text).strip()):
        assert pinned.fullmatch(entry), entry


def test_what_the_layer_ships_is_what_the_tests_run_with() -> None:
    def pins(path: Path) -> dict[str, str]:
        pairs = re.findall(r"(?m)^([\w.-]+)==(\S+)", path.read_text())
        return dict(pairs)

    dev, layer = pins(REQUIREMENTS[0]), pins(REQUIREMENTS[2])
    assert layer.items() <= dev.items()
    assert not {"boto3", "botocore"} & layer.keys()  # The runtime has them.


def test_uv_gets_the_settings_of_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text(
        "[global]\nindex-url = https://mirror.test/simple\n"
        "extra-index-url = https://one.test/simple\n    https://two.test/simple\n"
        "[install]\nfind-links = /wheels\n"
    )
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("UV_INDEX", "https://own.test/simple")
    environment = venv._environment(CLOUD_VENV / "bin" / "python")
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.test/simple"
    assert environment["UV_FIND_LINKS"] == "/wheels"
    assert environment["UV_INDEX"] == "https://own.test/simple"  # uv's own wins
    monkeypatch.delenv("UV_INDEX")
    assert (
        venv._environment(CLOUD_VENV / "bin" / "python")["UV_INDEX"]
        == "https://one.test/simple https://two.test/simple"
    )
