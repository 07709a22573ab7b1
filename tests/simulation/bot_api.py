"""The Bot API server of a simulation: in this process, in virtual time, with faults; it logs everything."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

import aiohttp

from bot.telegram.request import AiohttpRequest
from tests.fakes.telegram_chats import BOT, Chats
from tests.fakes.telegram_faults import BLOCKED, TOPIC_CLOSED, TOPIC_DELETED, Refuse, flood, migrated
from tests.fakes.telegram_limits import Gate, Limits

NO_RIGHTS = Refuse(400, "Bad Request: not enough rights to send text messages to the chat")
_CONFLICT = Refuse(409, "Conflict: terminated by other getUpdates request")
_SENDING = ("sendMessage", "sendPhoto", "editMessageText", "editMessageCaption")
_LATENCY_S = 0.05


class Fault(StrEnum):
    """What can be wrong with the server, or on the way to it, for a while."""

    UNREACHABLE = "unreachable"  # no connection
    LOST = "lost"  # the connection breaks before the request is carried out; nobody can tell
    CUT = "cut"  # the request is carried out, and the connection breaks before the answer
    SILENT = "silent"  # carried out, never answered
    SERVER_ERROR = "server_error"
    PROXY_PAGE = "proxy_page"  # a server in between answers with a page of its own
    FLOOD = "flood"  # 429 for everybody
    LOSSY = "lossy"  # each request meets one of the others with some probability


@dataclass(frozen=True, slots=True)
class Outage:
    """A fault from `begin_s` to `end_s`; `status` is the page's or the error's."""

    fault: Fault
    begin_s: float
    end_s: float
    status: int = 502


class ChatCondition(StrEnum):
    """What can be wrong with one chat."""

    BLOCKED = "blocked"
    SLOW_MODE = "slow_mode"
    NO_RIGHTS = "no_rights"
    TOPIC_CLOSED = "topic_closed"
    TOPIC_DELETED = "topic_deleted"
    MIGRATED = "migrated"


@dataclass(frozen=True, slots=True)
class ChatFault:
    """A chat's condition from `begin_s` to `end_s`."""

    chat_id: int
    condition: ChatCondition
    begin_s: float
    end_s: float


@dataclass(slots=True)
class Delivery:
    """A message the server took; `answered` once the program has been told."""

    at_s: float
    chat_id: int
    topic_id: int
    message_id: int
    text: str
    data: tuple[str, ...]  # of its buttons
    edit: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A send that the server refused in the Bot API's own words."""

    at_s: float
    chat_id: int
    status: int
    description: str
    text: str


@dataclass(frozen=True, slots=True)
class Posting:
    """An update posted to the webhook: what it was answered, 0 for nothing, and whether that got lost."""

    at_s: float
    update_id: int
    status: int
    is_lost: bool = False


@dataclass(slots=True)
class _Updates:
    waiting: deque[dict[str, Any]] = field(default_factory=deque)
    number: int = 0
    being_posted: set[int] = field(default_factory=set)


class BotApi:
    """The server. It outlives the programs that talk to it."""

    def __init__(self, dice: random.Random, now_s: Callable[[], float]) -> None:
        self.deliveries: list[Delivery] = []
        self.refusals: list[Refusal] = []
        self.outages: list[Outage] = []
        self.chat_faults: list[ChatFault] = []
        self.migrations: dict[int, int] = {}
        self.chats = Chats(keep_sent=True)
        self._dice = dice
        self._now_s = now_s
        self._gate = Gate(
            Limits(per_second=30, window=True, private_per_second=1.0, group_per_minute=20, strict=False)
        )
        self._updates = _Updates()
        self._news: asyncio.Event | None = None
        self._polling: asyncio.Future[None] | None = None
        self.postings: list[Posting] = []
        self.lost_answers = 0.0
        """How many answers of the webhook get lost on their way to Telegram, as a fraction."""

        self._webhook_secret: str | None = None

    def fault(self) -> Outage | None:
        """Return what is wrong with everything now."""
        now = self._now_s()
        return next((outage for outage in self.outages if outage.begin_s <= now < outage.end_s), None)

    def condition(self, chat_id: int) -> ChatFault | None:
        """Return what is wrong with a chat now."""
        now = self._now_s()
        return next(
            (
                each
                for each in self.chat_faults
                if each.chat_id == chat_id and each.begin_s <= now < each.end_s
            ),
            None,
        )

    def new_program(self) -> None:
        """Forget who was asking for updates, and what was being posted."""
        self._news, self._polling = asyncio.Event(), None
        self._updates.being_posted.clear()

    def say(self, chat_id: int, text: str, topic_id: int = 0) -> None:
        """Let a person write in a chat."""
        message = self.chats.message(chat_id, topic_id, text) | {"from": self.chats.person(abs(chat_id))}
        message["date"] = 1_770_000_000
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._updates.number += 1
        self._updates.waiting.append({"update_id": self._updates.number, "message": message})
        if self._news is not None:
            self._news.set()

    async def call(self, method: str, fields: dict[str, str], timeout_s: float | None) -> tuple[int, bytes]:
        """Answer one request: a status and a body. Raises what aiohttp raises."""
        await asyncio.sleep(_LATENCY_S * self._dice.uniform(0.5, 1.5))
        outage = self.fault()
        fault = None if outage is None else outage.fault
        if fault is Fault.LOSSY:
            fault = self._dice.choice([*Fault, None, None, None, None, None])
            fault = None if fault is Fault.LOSSY else fault
        status = self._dice.choice((500, 502, 503)) if outage is None else outage.status
        match fault:
            case Fault.UNREACHABLE:
                raise aiohttp.ClientConnectionResetError("nobody there")
            case Fault.LOST:
                raise aiohttp.ServerDisconnectedError
            case Fault.SERVER_ERROR:
                return _refused(Refuse(status if status >= 500 else 502, "Bad Gateway"))
            case Fault.PROXY_PAGE:
                return status, b"<html><body>Access denied by your gateway</body></html>"
            case Fault.FLOOD:
                return _refused(flood(self._dice.randint(1, 30)))
        status, body, delivery = await self._carry_out(method, fields)
        match fault:
            case Fault.CUT:
                raise aiohttp.ServerDisconnectedError
            case Fault.SILENT:
                await asyncio.sleep(timeout_s or 3600.0)
                raise aiohttp.SocketTimeoutError
        await asyncio.sleep(_LATENCY_S * self._dice.uniform(0.5, 1.5))
        if delivery is not None:
            delivery.answered = True
        return status, body

    async def _carry_out(self, method: str, fields: dict[str, str]) -> tuple[int, bytes, Delivery | None]:
        if method in _SENDING:
            return self._send(method, fields)
        match method:
            case "getMe":
                result: Any = BOT | {
                    "can_join_groups": True,
                    "can_read_all_group_messages": False,
                    "supports_inline_queries": True,
                }
            case "setWebhook":
                self._webhook_secret, result = fields["secret_token"], True
            case "getUpdates":
                updates = await self._get_updates(fields)
                if isinstance(updates, Refuse):
                    return *_refused(updates), None
                result = updates
            case "getChatMember":
                result = self.chats.membership(int(fields["user_id"]))
            case "getChat":
                result = self.chats.chat(int(fields["chat_id"])) | {
                    "accent_color_id": 0,
                    "max_reaction_count": 1,
                }
            case _:
                result = True
        return *_accepted(result), None

    def _send(self, method: str, fields: dict[str, str]) -> tuple[int, bytes, Delivery | None]:
        chat_id, text = int(fields["chat_id"]), fields.get("text", fields.get("caption", ""))
        topic_id = int(fields.get("message_thread_id", "0"))
        answer: Refuse | dict[str, Any] | None = self._refusal(chat_id, topic_id)
        if answer is None and (wait_s := self._gate.pass_or_wait(chat_id, self._now_s())):
            answer = flood(wait_s)
        if answer is None:
            answer = self.chats.take(method, fields, {})
        if isinstance(answer, Refuse):
            self.refusals.append(Refusal(self._now_s(), chat_id, answer.status, answer.description, text))
            return *_refused(answer), None
        markup = json.loads(fields.get("reply_markup", "{}"))
        buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
        data = tuple(button.get("callback_data", "") for button in buttons)
        edit = method.startswith("edit")
        delivery = Delivery(self._now_s(), chat_id, topic_id, answer["message_id"], text, data, edit)
        self.deliveries.append(delivery)
        return *_accepted(answer), delivery

    def _refusal(self, chat_id: int, topic_id: int) -> Refuse | None:
        if chat_id in self.migrations:
            return migrated(self.migrations[chat_id])
        fault = self.condition(chat_id)
        match fault and fault.condition:
            case ChatCondition.BLOCKED:
                return BLOCKED
            case ChatCondition.NO_RIGHTS:
                return NO_RIGHTS
            case ChatCondition.SLOW_MODE if fault is not None:
                return flood(max(1, int(fault.end_s - self._now_s())))
            case ChatCondition.TOPIC_CLOSED if topic_id:
                return TOPIC_CLOSED
            case ChatCondition.TOPIC_DELETED if topic_id:
                return TOPIC_DELETED
        return None

    async def post_updates(self, send: Callable[[bytes, dict[str, str]], Awaitable[int]]) -> None:
        """Post updates to the webhook until cancelled: several at once, each again until it is accepted."""
        assert self._news is not None
        async with asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                for update in self._updates.waiting:
                    if self._webhook_secret and update["update_id"] not in self._updates.being_posted:
                        self._updates.being_posted.add(update["update_id"])
                        group.create_task(self._post(update, send))
                with suppress(TimeoutError):
                    async with asyncio.timeout(5):
                        await self._news.wait()

    async def _post(
        self, update: dict[str, Any], send: Callable[[bytes, dict[str, str]], Awaitable[int]]
    ) -> None:
        number, body = update["update_id"], json.dumps(update).encode()
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": self._webhook_secret or "",
            "Content-Type": "application/json",
        }
        for attempt in count():
            hurry = self._dice.random() < 0.8  # else another update may overtake this one
            await asyncio.sleep(self._dice.uniform(0.02, 0.2) if hurry else self._dice.uniform(0, 3))
            status = 0
            outage = self.fault()
            if outage is None or outage.fault is not Fault.UNREACHABLE:
                with suppress(OSError, TimeoutError):
                    status = await send(body, headers)
            is_lost = self._dice.random() < self.lost_answers
            self.postings.append(Posting(self._now_s(), number, status, is_lost))
            if status == 200 and not is_lost:
                self._updates.waiting.remove(update)
                self._updates.being_posted.discard(number)
                return
            await asyncio.sleep(min(30.0, self._dice.uniform(0.5, 1.5) * 2**attempt))

    async def _get_updates(self, fields: dict[str, str]) -> list[dict[str, Any]] | Refuse:
        if self._polling is not None and not self._polling.done():
            self._polling.set_result(None)
        polling = self._polling = asyncio.get_running_loop().create_future()
        offset, limit = int(fields.get("offset", "0")), int(fields.get("limit", "100"))
        waiting = self._updates.waiting
        while waiting and waiting[0]["update_id"] < offset:
            waiting.popleft()
        if not waiting and self._news is not None:
            self._news.clear()
            news = asyncio.ensure_future(self._news.wait())
            try:
                async with asyncio.timeout(int(fields.get("timeout", "0"))):
                    await asyncio.wait([news, polling], return_when=asyncio.FIRST_COMPLETED)
            except TimeoutError:
                pass
            finally:
                news.cancel()
        if polling.done():
            return _CONFLICT
        return list(waiting)[:limit]


def _accepted(result: object) -> tuple[int, bytes]:
    return 200, json.dumps({"ok": True, "result": result}, separators=(",", ":")).encode()


def _refused(refusal: Refuse) -> tuple[int, bytes]:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return refusal.status, json.dumps(answer).encode()


class _Exchange:
    """What `ClientSession.request` gives: an answer inside `async with`."""

    headers: dict[str, str] = {"Content-Type": "application/json"}  # noqa: RUF012 - never changed

    def __init__(
        self, api: BotApi, method: str, fields: dict[str, str], timeout: aiohttp.ClientTimeout
    ) -> None:
        self._api, self._method, self._fields, self._timeout = api, method, fields, timeout
        self.status, self._body = 0, b""

    async def __aenter__(self) -> "_Exchange":
        self.status, self._body = await self._api.call(self._method, self._fields, self._timeout.sock_read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def read(self) -> bytes:
        """Return the body."""
        return self._body


class _Session:
    """Stands in for `aiohttp.ClientSession`."""

    closed = False

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def request(
        self, _method: str, url: Any, *, data: object, timeout: aiohttp.ClientTimeout, **_: object
    ) -> _Exchange:
        """Begin an exchange."""
        fields = dict(parse_qsl(data.decode(), keep_blank_values=True)) if isinstance(data, bytes) else {}
        if isinstance(data, aiohttp.FormData):  # a picture to upload
            fields = {str(part["name"]): value for part, _, value in data._fields if isinstance(value, str)}
        return _Exchange(self._api, url.name, fields, timeout)

    async def close(self) -> None:
        """Do nothing: there are no connections."""
        return


class SimulatedRequest(AiohttpRequest):
    """The program's own transport, with the simulated server at the place of the network."""

    def __init__(self, api: BotApi) -> None:
        super().__init__()
        self._api = api

    async def initialize(self) -> None:
        """Connect to the simulated server."""
        self._session = _Session(self._api)  # type: ignore[assignment]  # it stands in for one
