"""Notify systemd: readiness, a line of status, the watchdog."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send a state such as `READY=1` to systemd, as sd_notify(3) does; nothing where it did not start us."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    path = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.connect(path)
        out.sendall(state.encode())


def watchdog_interval_s() -> float | None:
    """How often systemd wants a sign of life, halved so that one may be late; None: it wants none."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    meant_for_us = os.environ.get("WATCHDOG_PID") in (None, "", str(os.getpid()))
    return int(microseconds) / 2e6 if microseconds.isdecimal() and meant_for_us else None
