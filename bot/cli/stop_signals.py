"""Stop on SIGTERM, SIGINT and SIGHUP, within a hard limit."""

import asyncio
import os
import signal
import sys
import threading
from types import FrameType
from typing import Final

from bot.cli.exit_codes import DONE

STOP_WITHIN_S: Final = 4.5
"""Then the process ends by itself: supervisors kill after ten seconds, and what is unsent is on the disk."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopSignals:
    """Sets `event` at the first signal. A second one ends the process at once, as does one after the loop.

    The handlers are Python's own and not the event loop's, so that they run while the loop is busy.
    """

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._event.is_set() or self._loop.is_closed():
            os._exit(DONE)
        self._event.set()
        self._loop.call_soon_threadsafe(lambda: None)  # wakes the loop, which then sees the event
        end_process_after(STOP_WITHIN_S, DONE)


def end_process_after(seconds: float, status: int) -> None:
    """End the process in this time with this status, whatever still runs then."""

    def end() -> None:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(status)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
