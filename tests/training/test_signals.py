"""Handlers that set a flag, and give way to those of before."""

import signal
import subprocess
import sys

import pytest

from cutaway.training.signals import Signals


def test_a_signal_is_only_noted():
    before = signal.getsignal(signal.SIGTERM)
    with Signals((signal.SIGTERM, signal.SIGUSR2)).caught() as signals:
        assert signals.received is None
        signal.raise_signal(signal.SIGUSR2)
        assert signals.received is signal.SIGUSR2
        signal.raise_signal(signal.SIGTERM)
        assert signals.received is signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_second_ctrl_c_is_as_ever():
    with Signals((signal.SIGINT,)).caught(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_a_system_without_user_signals_trains_without_them():
    lines = (
        "import signal; del signal.SIGUSR1, signal.SIGUSR2; import cutaway.training.signals as s"
    )
    subprocess.run([sys.executable, "-c", f"{lines}; assert s.TIME_IS_UP == ()"], check=True)
