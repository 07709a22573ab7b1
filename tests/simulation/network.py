"""The way into a simulated machine: its servers listen here, and requests reach them as bytes."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

_ANSWER_WITHIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Socket:
    port: int

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", self.port


class Listener:
    """Stands in for the server that `loop.create_server` gives."""

    def __init__(
        self, listeners: dict[int, Callable[[], Any]], port: int, protocol: Callable[[], Any]
    ) -> None:
        self._listeners, self._port = listeners, port
        self.sockets = [_Socket(port)]
        listeners[port] = protocol

    def close(self) -> None:
        """Stop listening."""
        self._listeners.pop(self._port, None)

    def is_serving(self) -> bool:
        """Whether it listens."""
        return self._port in self._listeners

    async def wait_closed(self) -> None:
        """Do nothing: closing is done at once."""


class _Wire(asyncio.Transport):
    """One connection: what the server writes is kept until a whole answer is there."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 80)})
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._written = b""
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes of the answer."""
        self._written += bytes(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Take bytes of the answer."""
        for data in list_of_data:
            self.write(data)

    def close(self) -> None:
        """End the answer; each connection carries one."""
        self._is_closing = True
        if not self.answer.done():
            self.answer.set_result(self._written)

    def abort(self) -> None:
        """End the answer."""
        self.close()

    def is_closing(self) -> bool:
        """Whether the server has closed the connection."""
        return self._is_closing

    def pause_reading(self) -> None:
        """Do nothing: the request has been read."""

    def resume_reading(self) -> None:
        """Do nothing: there is no more to read."""


async def post(protocol: Callable[[], Any], body: bytes, headers: dict[str, str]) -> int:
    """Post to a server over a new connection; give the status. Raises ConnectionError, TimeoutError."""
    server, wire = protocol(), _Wire()
    server.connection_made(wire)
    lines = ["POST / HTTP/1.1", "Host: bot", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    server.data_received("\r\n".join([*lines, "", ""]).encode() + body)
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            answer = await wire.answer
    finally:
        server.connection_lost(None)
    if not answer:
        raise ConnectionResetError
    return int(answer.split(b" ", 2)[1])
