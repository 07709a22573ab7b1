"""Signals that end the program."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from bot.cli.stop_signals import StopSignals

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Ended(BaseException):
    """The process would have ended here."""


@pytest.fixture(autouse=True)
def _ends_are_seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def end(status: int) -> None:
        raise _Ended(status)

    monkeypatch.setattr(os, "_exit", end)
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", _SIGNALS)
def test_a_signal_after_the_event_loop_ends_the_process_in_good_order(number: signal.Signals) -> None:
    async def listen() -> asyncio.Event:
        event = asyncio.Event()
        StopSignals(event)
        return event

    event = asyncio.run(listen())
    with pytest.raises(_Ended, match=r"^0$"):
        signal.raise_signal(number)
    assert not event.is_set()
