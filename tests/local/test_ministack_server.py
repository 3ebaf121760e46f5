"""Functions and layers are unpacked once, and linked for each worker."""

import tempfile
import zipfile
from pathlib import Path

import pytest

from local.ministack_server import UnpackedOnce


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _unpack(folder: Path, worker: str, content: str) -> Path:
    target = folder / worker / "layer_0"
    target.mkdir(parents=True)
    path = folder / worker / "layer_0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/x.py"), content)
    with UnpackedOnce(str(path)) as unpacked:
        assert unpacked.namelist() == []
        unpacked.extractall(str(target))
    return target


def test_workers_of_the_same_layer_share_it(temporary: Path) -> None:
    one, two = _unpack(temporary, "one", "x = 1"), _unpack(temporary, "two", "x = 1")
    assert (one / "python" / "x.py").read_text() == "x = 1"
    assert one.resolve() == two.resolve()


def test_another_layer_is_another(temporary: Path) -> None:
    one, two = _unpack(temporary, "one", "x = 1"), _unpack(temporary, "two", "x = 2")
    assert one.resolve() != two.resolve()
    assert (two / "python" / "x.py").read_text() == "x = 2"
