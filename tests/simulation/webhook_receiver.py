"""The receiver of a simulated webhook: it checks signatures and answers as the plan says."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Final

import aiohttp

from bot.delivery.destinations import signature

URL: Final = "https://hooks.example/alerts"
SALT: Final = "a-salt"
_LATENCY_S: Final = 0.1


class HookFault(StrEnum):
    """What can be wrong with the receiver."""

    UNREACHABLE = "unreachable"
    CUT = "cut"  # taken, and the connection breaks before the answer
    SILENT = "silent"  # taken, never answered
    ERROR = "error"  # 503
    BUSY = "busy"  # 429 with Retry-After
    FORBIDDEN = "forbidden"  # 403, until somebody mends it


@dataclass(frozen=True, slots=True)
class HookOutage:
    """A fault from `begin_s` to `end_s`."""

    fault: HookFault
    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Received:
    """An event that the receiver took; `uid` names its alert."""

    at_s: float
    id: str
    uid: str
    is_genuine: bool


class WebhookReceiver:
    """Outlives the programs that talk to it."""

    def __init__(
        self, dice: random.Random, now_s: Callable[[], float], outages: list[HookOutage], token: str
    ) -> None:
        self.received: list[Received] = []
        self._dice, self._now_s, self._outages = dice, now_s, outages
        self._secret = signature.secret(signature.secret_key(token), SALT)

    def session(self, _transport: object = None) -> "WebhookReceiver":
        """Stand in for the transport's connections."""
        return self

    def post(self, _url: str, *, data: bytes, headers: Mapping[str, str], **_: object) -> "_Exchange":
        """Begin an exchange."""
        return _Exchange(self, data, headers)

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    async def answer(self, data: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        """Answer one request: a status and headers. Raises what aiohttp raises."""
        await asyncio.sleep(_LATENCY_S * self._dice.uniform(0.5, 1.5))
        now = self._now_s()
        fault = next((each.fault for each in self._outages if each.begin_s <= now < each.end_s), None)
        match fault:
            case HookFault.UNREACHABLE:
                raise aiohttp.ClientConnectionError
            case HookFault.ERROR:
                return 503, {}
            case HookFault.BUSY:
                return 429, {"Retry-After": str(self._dice.randint(1, 90))}
            case HookFault.FORBIDDEN:
                return 403, {}
        self._take(data, headers)
        match fault:
            case HookFault.CUT:
                raise aiohttp.ServerDisconnectedError
            case HookFault.SILENT:
                await asyncio.sleep(15)
                raise TimeoutError
        await asyncio.sleep(_LATENCY_S * self._dice.uniform(0.5, 1.5))
        return 204, {}

    def _take(self, data: bytes, headers: Mapping[str, str]) -> None:
        identity, stamp = headers["webhook-id"], int(headers["webhook-timestamp"])
        expected = signature.sign(self._secret, identity, str(stamp), data)
        event: dict[str, Any] = json.loads(data)
        is_genuine = expected in headers["webhook-signature"].split(" ")
        self.received.append(Received(self._now_s(), identity, event["data"].get("uid", ""), is_genuine))


class _Exchange:
    """What `ClientSession.post` gives: an answer inside `async with`."""

    def __init__(self, receiver: WebhookReceiver, data: bytes, headers: Mapping[str, str]) -> None:
        self._receiver, self._data, self._request_headers = receiver, data, headers
        self.status, self.headers = 0, dict[str, str]()

    async def __aenter__(self) -> "_Exchange":
        self.status, self.headers = await self._receiver.answer(self._data, self._request_headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def close(self) -> None:
        """Do nothing."""
