"""Hears when another replica says that something new waits in the database."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

from storage.errors import StorageError
from storage.postgres.connection import explained
from storage.postgres.servers import Servers

log = logging.getLogger(__name__)

CHANNEL: Final = "minerwatch"
"""What replicas listen to; a word on it has no content."""

_LOOK_S: Final = 0.5  # whether it is time to end
_AGAIN_S: Final = 2.0  # after the connection was lost; meanwhile everybody looks by himself


class Listener:
    """Calls back, on a thread of its own, for every word of a replica, its own included."""

    def __init__(self, servers: Servers, callback: Callable[[], None]) -> None:
        self._servers, self._callback = servers, callback
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End within half a second."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._hear()
            except StorageError as error:
                log.debug(f"not heard for a while: {error.problem}")  # whoever asks the database says so
                self._closing.wait(_AGAIN_S)

    def _hear(self) -> None:
        with explained(), closing(self._servers.connect(read_only=True)) as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            while not self._closing.is_set():
                for _ in connection.notifies(timeout=_LOOK_S, stop_after=1):
                    self._callback()
