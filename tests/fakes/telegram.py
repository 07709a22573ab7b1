"""A Bot API server of our own, over real HTTP on loopback: scriptable, strict, and it remembers everything.

In a test: `async with FakeTelegram() as api: ...` with `api.url` as TELEGRAM_API_URL. As a process of its
own: `python -m tests.fakes.telegram --port 8081`, steered through `/control/…` (see telegram_control).
"""

import asyncio
import json
import random
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.fakes.telegram_chats import BOT, BOT_ID, Chats, Sent
from tests.fakes.telegram_faults import (
    BAD_GATEWAY,
    BLOCKED,
    CONFLICT,
    DEACTIVATED,
    KICKED,
    NOT_FOUND,
    SERVER_ERROR,
    TOO_LONG,
    TOPIC_CLOSED,
    TOPIC_DELETED,
    UNAUTHORIZED,
    Behaviour,
    Faults,
    Garble,
    Refuse,
    Reset,
    Silence,
    Slow,
    flood,
    migrated,
)
from tests.fakes.telegram_limits import Gate, Limits
from tests.fakes.telegram_people import People
from tests.fakes.telegram_updates import Updates
from tests.fakes.telegram_widgets import METHODS as WIDGET_METHODS
from tests.fakes.telegram_widgets import Widgets
from tests.fakes.telegram_wire import accepted, fields_of, refused

__all__ = [
    "BAD_GATEWAY",
    "BLOCKED",
    "BOT",
    "BOT_ID",
    "CONFLICT",
    "DEACTIVATED",
    "KICKED",
    "NOT_FOUND",
    "SERVER_ERROR",
    "TOKEN",
    "TOO_LONG",
    "TOPIC_CLOSED",
    "TOPIC_DELETED",
    "UNAUTHORIZED",
    "Behaviour",
    "FakeTelegram",
    "Faults",
    "Garble",
    "Refuse",
    "Reset",
    "Sent",
    "Silence",
    "Slow",
    "flood",
    "migrated",
]

TOKEN = "4200:a-token-for-tests-only"


class FakeTelegram(People):
    """The server. `sent` holds every message it took, `calls` counts every method asked for.

    Steer it through its attributes: `limits` by `enforce`, `latency_s`, `faults`, `standing` (what a chat
    answers until taken away) and `script` (what a chat's next sends meet, one after the other). Push
    updates as people with `say`, `press` and `member`.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        limits: Limits | None = None,
        latency_s: float = 0.0,
        faults: Faults | None = None,
        seed: int = 1,
        keep_sent: bool = True,
    ) -> None:
        self.token = token
        self.latency_s = latency_s
        self.faults = faults
        self.standing: dict[int, Refuse] = {}
        self.calls: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.commands: dict[str, Any] = {}
        self.answered: list[dict[str, str]] = []  # to button presses and inline queries
        self.done: list[tuple[str, dict[str, str]]] = []  # every other method that only gives True
        self.port = 0
        super().__init__(Chats(keep_sent=keep_sent), Updates(self.calls, self._look))
        self.sent = self._chats.sent
        self.widgets = Widgets(self._chats)
        self.channels = self._chats.channels
        self.strangers = self._chats.strangers
        self.ephemeral = self._chats.ephemeral
        self._gate = Gate(limits or Limits())
        self._dice = random.Random(seed)
        self._scripts: dict[int, deque[Behaviour]] = {}
        self._method_scripts: dict[str, deque[Behaviour]] = {}
        self._watchers: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._closing = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    @property
    def language(self) -> str:
        """What Telegram says people speak."""
        return self._chats.language

    @language.setter
    def language(self, code: str) -> None:
        self._chats.language = code

    @property
    def webhook(self) -> dict[str, str]:
        """What setWebhook said last."""
        return self._updates.webhook

    @webhook.setter
    def webhook(self, fields: dict[str, str]) -> None:
        self._updates.webhook = fields

    def balance(self, replicas: list[str], *, repeat_every: int = 0) -> None:
        """Post to these addresses in turn; of every so many posts lose the answer, so that it comes again."""
        self._updates.replicas, self._updates.repeat_every = replicas, repeat_every

    def ours(self, chat_id: int, message_id: int) -> dict[str, Any]:
        """A message of the bot's as it stands now: what a person replies to."""
        return self._chats.ours(chat_id, message_id, 0)

    def forget_ephemeral(self) -> None:
        """Every message that only one person saw is gone, as after a restart of their app."""
        self._chats.forget_ephemeral()

    # life

    @property
    def url(self) -> str:
        """What TELEGRAM_API_URL should be."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        self._closing.clear()
        self._updates.open()
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        self._closing.set()
        await self._updates.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # steering

    def enforce(self, limits: Limits) -> None:
        """Enforce these limits from now on, with nothing remembered."""
        self._gate = Gate(limits)

    def script(self, chat_id: int, *behaviours: Behaviour) -> None:
        """What the next sends to a chat meet, in order."""
        self._scripts.setdefault(chat_id, deque()).extend(behaviours)

    def script_method(self, method: str, *behaviours: Behaviour) -> None:
        """What the next calls of a method meet, whatever the chat."""
        self._method_scripts.setdefault(method, deque()).extend(behaviours)

    def texts(self, chat_id: int) -> list[str]:
        """Everything a chat was sent."""
        return [sent.text for sent in self.sent if sent.chat_id == chat_id]

    async def until(self, true: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait for the server to have seen enough; on a busy machine for long. Raises TimeoutError."""
        if true():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.append((true, future))
        async with asyncio.timeout(seconds):
            await future

    async def until_sent(self, count: int, seconds: float = 60.0) -> None:
        """Wait until `count` messages were taken."""
        await self.until(lambda: len(self.sent) >= count, seconds)

    # serving

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/control/"):
            from tests.fakes.telegram_control import control  # noqa: PLC0415 - it imports this module

            return await control(self, request)
        prefix, _, method = path.rpartition("/")
        if not prefix.startswith("/bot"):
            return refused(Refuse(404, "Not Found"))
        if prefix != f"/bot{self.token}":
            return refused(UNAUTHORIZED)
        fields, files = await fields_of(request)
        self.calls[method] += 1
        self._look()
        try:
            if (script := self._method_scripts.get(method)) and script:
                return await self._misbehave(script.popleft(), request, method, fields, files)
            if "Ephemeral" in method and not self.ephemeral.are_known:
                return refused(NOT_FOUND)
            if method in _SENDING or method in WIDGET_METHODS:
                return await self._send(request, method, fields, files)
            return await self._other(method, fields)
        finally:
            self._look()

    def _look(self) -> None:
        for true, future in list(self._watchers):
            if future.done() or true():
                self._watchers.remove((true, future))
                if not future.done():
                    future.set_result(None)

    async def _send(
        self, request: web.BaseRequest, method: str, fields: dict[str, str], files: dict[str, bytes]
    ) -> web.StreamResponse:
        chat_id = int(fields.get("chat_id", "0"))
        refusal: Refuse | None = None
        if wait := self._gate.pass_or_wait(chat_id, asyncio.get_running_loop().time()):
            refusal = flood(wait)
        elif (script := self._scripts.get(chat_id)) and script:
            return await self._misbehave(script.popleft(), request, method, fields, files)
        elif (refusal := self.standing.get(chat_id)) is None and self.faults is not None:
            behaviour = self.faults.draw(self._dice)
            if behaviour is not None:
                return await self._misbehave(behaviour, request, method, fields, files)
        answer = refusal or (
            self.widgets.take(method, fields)
            if method in WIDGET_METHODS
            else self._chats.take(method, fields, files)
        )
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if isinstance(answer, Refuse):
            self.refused[answer.status] += 1
            return refused(answer)
        return accepted(_result(method, answer))

    async def _misbehave(
        self,
        behaviour: Behaviour,
        request: web.BaseRequest,
        method: str,
        fields: dict[str, str],
        files: dict[str, bytes],
    ) -> web.StreamResponse:
        match behaviour:
            case Refuse():
                self.refused[behaviour.status] += 1
                return refused(behaviour)
            case Garble(status):
                page = "<html>log in to the hotel network</html>"
                return web.Response(status=status, text=page, content_type="text/html")
            case Slow(seconds):
                await asyncio.sleep(seconds)
                taken = self._chats.take(method, fields, files)
                return refused(taken) if isinstance(taken, Refuse) else accepted(_result(method, taken))
            case Reset(after):
                if after:
                    self._chats.take(method, fields, files)
                self._look()
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            case Silence():
                self._chats.take(method, fields, files)
                self._look()
                await self._closing.wait()
                return web.Response()

    async def _other(self, method: str, fields: dict[str, str]) -> web.StreamResponse:
        match method:
            case "getMe":
                return accepted(
                    BOT
                    | {
                        "can_join_groups": True,
                        "can_read_all_group_messages": False,
                        "supports_inline_queries": True,
                    }
                )
            case "editSharedWidgetData":
                answer = self.widgets.edit(fields, asyncio.get_running_loop().time())
                return refused(answer) if isinstance(answer, Refuse) else accepted(answer)
            case "getUpdates":
                result = await self._updates.get(fields)
                return refused(result) if isinstance(result, Refuse) else accepted(result)
            case "setWebhook":
                self.webhook = fields
                return accepted(True)
            case "deleteWebhook":
                self.webhook = {}
                if fields.get("drop_pending_updates", "").lower() == "true":
                    self._updates.forget()
                return accepted(True)
            case "getWebhookInfo":
                return accepted(
                    {
                        "url": self.webhook.get("url", ""),
                        "has_custom_certificate": False,
                        "pending_update_count": len(self._updates),
                    }
                )
            case "setMyCommands":
                scope = json.loads(fields.get("scope", '{"type":"default"}'))
                self.commands[json.dumps(scope, sort_keys=True)] = json.loads(fields["commands"])
                return accepted(True)
            case "getChat":
                chat = self._chats.chat(int(fields["chat_id"]))
                return accepted(chat | {"accent_color_id": 0, "max_reaction_count": 11})
            case "getChatMember":
                return accepted(self._chats.membership(int(fields["user_id"])))
            case "getChatAdministrators":
                return accepted([])
            case "answerCallbackQuery" | "answerInlineQuery":
                self.answered.append(fields)
                return accepted(True)
            case _ if method.startswith(_DEEDS):
                self.done.append((method, fields))
                return accepted(True)
            case _:
                return refused(Refuse(404, "Not Found: method not found"))


def _result(method: str, message: dict[str, Any]) -> dict[str, Any] | bool:
    """What a method gives of the message it sent or edited."""
    return True if method.startswith("editEphemeral") else message


_SENDING = frozenset(
    {
        "sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup", "sendAnimation", "copyMessage",
        "forwardMessage", "editMessageText", "editMessageCaption", "editMessageMedia",
        "editMessageReplyMarkup", "editEphemeralMessageText", "editEphemeralMessageMedia",
        "editEphemeralMessageReplyMarkup",
    }
)  # fmt: skip
_DEEDS = ("answer", "set", "delete", "leave", "sendChatAction", "pin", "unpin")


if __name__ == "__main__":
    from tests.fakes.telegram_control import main

    main()
