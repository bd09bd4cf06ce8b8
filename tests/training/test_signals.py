"""Handlers that set a flag, and give way to those of before."""

import signal

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
