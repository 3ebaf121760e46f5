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


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _lines(out: Terminal) -> list[str]:
    """What a person sees in the end: a line that was cleared is gone."""
    return [line.rpartition("\r\x1b[K")[2] for line in out.getvalue().split("\n")[:-1]]


def test_on_a_terminal_a_step_is_one_line_that_moves() -> None:
    out, clock = Terminal(), Clock()
    with Progress(out, clock=clock).step("Building", lambda: "unpacking"):
        clock.now = 3.2
        while "3 s" not in out.getvalue():
            pass
        assert "\n" not in out.getvalue()
    assert "  .. Building 0 s  unpacking" in out.getvalue()
    assert "  .. Building 3 s  unpacking" in out.getvalue()
    assert _lines(out) == ["  ok Building (3.2 s)"]


def test_a_line_that_is_written_meanwhile_stands_above_it() -> None:
    out = Terminal()
    progress = Progress(out, clock=Clock())
    with progress.step("Building"):
        progress.say("  !! something else")
    assert _lines(out) == ["  !! something else", "  ok Building (0.0 s)"]


def test_of_steps_at_once_the_latest_is_shown() -> None:
    out = Terminal()
    progress = Progress(out, clock=Clock())
    with progress.step("Building"):
        before = len(out.getvalue())
        with progress.step("Starting"):
            while out.getvalue().count("  .. Starting") < 3:
                pass
            assert "Building" not in out.getvalue()[before:]
    assert _lines(out) == ["  ok Starting (0.0 s)", "  ok Building (0.0 s)"]


def test_a_line_is_never_longer_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = Terminal()
    with Progress(out, clock=Clock()).step("Building", lambda: "x" * 100):
        pass
    assert out.getvalue().split("\r\x1b[K")[1] == "  .. Building 0 s  "
