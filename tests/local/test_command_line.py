"""``./ringpass``: the command line of a clone, from any folder."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.template import ROOT


@pytest.mark.slow
def test_it_runs_from_any_folder_and_by_a_link(tmp_path: Path) -> None:
    link = tmp_path / "rp"
    link.symlink_to(ROOT / "ringpass")
    for program in (ROOT / "ringpass", link):
        process = subprocess.run(  # noqa: S603 - ours
            [program, "--version"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        assert process.stdout.startswith("ringpass ")


def test_completion_names_its_commands(tmp_path: Path) -> None:
    process = subprocess.run(  # noqa: S603 - ours
        [ROOT / "ringpass"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "_RINGPASS_COMPLETE": "complete_bash",
            "COMP_WORDS": "ringpass sc",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stdout.split() == ["scenarios"], process.stderr
