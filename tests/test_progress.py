"""Progress is silent unless asked for, and plain lines where there is no terminal."""

import os
import pty
import subprocess
import sys

import pytest

from cutaway import progress


@pytest.fixture
def visible():
    progress.show_progress()
    yield
    progress.show_progress(False)


def test_it_is_silent_by_default(capfd):
    assert list(progress.track(range(3), "Counting")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")


def test_where_asked_it_says_when_it_starts_and_ends(capfd, visible):
    assert list(progress.track(range(3), "Counting")) == [0, 1, 2]
    out, err = capfd.readouterr()
    assert not out
    assert err.splitlines()[0] == "Counting ..."
    assert err.splitlines()[-1].startswith("Counting: done in ")


def test_long_work_says_how_far_it_is(capfd, visible, monkeypatch):
    monkeypatch.setattr(progress, "_PLAIN_INTERVAL_SECONDS", 0.0)
    with progress.task("Counting", 4) as current:
        current.advance(3)
    assert "Counting: 3 of 4, " in capfd.readouterr().err


def test_a_remark_is_always_said(capfd):
    progress.say("Images were resized")
    assert capfd.readouterr().err == "Images were resized\n"


def test_work_within_work_is_silent_where_there_is_no_terminal(capfd, visible):
    with progress.task("Outer"), progress.task("Inner", 3) as inner:
        inner.advance()
    assert [line.split()[0] for line in capfd.readouterr().err.splitlines()] == ["Outer", "Outer:"]


def test_on_a_terminal_nested_bars_share_one_display(tmp_path):
    code = (
        "from cutaway import progress\n"
        "progress.show_progress()\n"
        "with progress.task('Outer', 2) as outer:\n"
        "    for _ in progress.track(range(3), 'Inner'):\n"
        "        outer.advance()\n"
    )
    main, second = pty.openpty()
    subprocess.run([sys.executable, "-c", code], stderr=second, check=True)
    os.close(second)
    assert b"Outer" in os.read(main, 10_000)
    os.close(main)
