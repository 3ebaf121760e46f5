"""Progress: a waiting person sees what is under way and how long it took."""

import io

import pytest

from local.progress import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_step_is_told_when_it_starts_and_when_it_ends() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress(out, clock=clock)
    with progress.step("Building"):
        assert out.getvalue() == "  .. Building\n"
        clock.now = 12.4
    assert out.getvalue().splitlines()[1] == "  ok Building (12 s)"
    assert progress.total() == "12 s"


def test_a_step_that_fails_is_told_and_its_error_goes_on() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="broken"), Progress(out, clock=Clock()).step("Building"):
        raise ValueError("broken")
    assert out.getvalue().splitlines()[1] == "  !! Building: stopped after 0.0 s"


def test_a_long_step_says_that_it_is_still_at_it() -> None:
    out = io.StringIO()
    with Progress(out, clock=Clock(), nudge_seconds=0.01).step("Building"):
        while "still at it" not in out.getvalue():
            pass
    assert "  .. Building: still at it, 0.0 s\n" in out.getvalue()
