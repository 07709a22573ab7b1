"""A Bot API server of our own, over real HTTP on loopback: scriptable, strict, and it remembers everything.

In a test: `async with FakeTelegram() as api: ...` with `api.url` as TELEGRAM_API_URL. As a process of its
own: `python -m tests.fakes.telegram --port 8081`, steered through `/control/…` (see telegram_control).
"""

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import aiohttp
from aiohttp import web

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
from tests.fakes.telegram_html import UnparsableError, utf16, visible
from tests.fakes.telegram_limits import Gate, Limits
from tests.fakes.telegram_wire import accepted, fields_of, refused

__all__ = [
    "BAD_GATEWAY",
    "BLOCKED",
    "BOT",
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
BOT = {"id": 4200, "is_bot": True, "first_name": "minerwatch", "username": "minerwatch_test_bot"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the server took: what people see, and when (monotonic seconds)."""

    at: float
    method: str
    chat_id: int
    topic_id: int
    message_id: int
    text: str
    fields: dict[str, str]
    files: tuple[str, ...] = ()
    uploads: dict[str, bytes] = field(default_factory=dict)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The inline keyboard's buttons, row after row."""
        markup = json.loads(self.fields.get("reply_markup", "{}"))
        return [button for row in markup.get("inline_keyboard", []) for button in row]


class FakeTelegram:
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
        self.sent: list[Sent] = []
        self.calls: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.commands: dict[str, Any] = {}
        self.answered: list[dict[str, str]] = []  # to button presses and inline queries
        self.done: list[tuple[str, dict[str, str]]] = []  # every other method that only gives True
        self.channels: set[int] = set()  # chats that are channels
        self.strangers: set[int] = set()  # people who are no chat's admins
        self.language = "en"  # what Telegram says people speak
        self.webhook: dict[str, str] = {}
        self.port = 0
        self._keep_sent = keep_sent
        self._gate = Gate(limits or Limits())
        self._dice = random.Random(seed)
        self._scripts: dict[int, deque[Behaviour]] = {}
        self._method_scripts: dict[str, deque[Behaviour]] = {}
        self._messages: dict[tuple[int, int], tuple[str, str]] = {}
        self._numbered = 0
        self._updates: deque[dict[str, Any]] = deque()
        self._update_id = 0
        self._arrived = asyncio.Event()
        self._polling = 0
        self._watchers: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._closing = asyncio.Event()
        self._runner: web.ServerRunner | None = None
        self._pushes: set[asyncio.Task[None]] = set()

    # life

    @property
    def url(self) -> str:
        """What TELEGRAM_API_URL should be."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        self._closing.clear()
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        self._closing.set()
        for task in self._pushes:
            task.cancel()
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

    async def until(self, true: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for the server to have seen enough. Raises TimeoutError."""
        if true():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.append((true, future))
        async with asyncio.timeout(seconds):
            await future

    async def until_sent(self, count: int, seconds: float = 20.0) -> None:
        """Wait until `count` messages were taken."""
        await self.until(lambda: len(self.sent) >= count, seconds)

    # people

    def say(
        self, chat_id: int, text: str, *, user_id: int | None = None, topic_id: int = 0, name: str = "Ada"
    ) -> None:
        """A person writes in a chat (ids above 0 are private chats, others supergroups)."""
        message = self._message(chat_id, topic_id, text)
        if chat_id in self.channels:
            message["sender_chat"] = self._chat(chat_id)
        else:
            message["from"] = self._person(user_id or abs(chat_id), name)
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self.push({"channel_post" if chat_id in self.channels else "message": message})

    def send(
        self, chat_id: int, content: dict[str, Any], *, user_id: int | None = None, edited: bool = False
    ) -> None:
        """A person sends something else than words, or edits what was sent."""
        message = self._message(chat_id, 0, "") | {"from": self._person(user_id or abs(chat_id), "Ada")}
        kind = "edited_message" if edited else "message"
        self.push({kind: {name: value for name, value in message.items() if name != "text"} | content})

    def ask_inline(self, user_id: int, text: str) -> None:
        """A person types the bot's name and a question in any chat."""
        person = self._person(user_id, "Ada")
        self.push({"inline_query": {"id": str(self._number()), "from": person, "query": text, "offset": ""}})

    def press(
        self, chat_id: int, message_id: int, data: str, *, user_id: int | None = None, topic_id: int = 0
    ) -> None:
        """A person presses an inline button under a message of ours."""
        text, markup = self._messages.get((chat_id, message_id), ("", ""))
        message = self._message(chat_id, topic_id, text) | {"message_id": message_id, "from": BOT}
        if chat_id in self.channels:
            message["sender_chat"] = self._chat(chat_id)
        if markup:
            message["reply_markup"] = json.loads(markup)
        self.push(
            {
                "callback_query": {
                    "id": str(self._number()),
                    "from": self._person(user_id or abs(chat_id), "Ada"),
                    "chat_instance": "1",
                    "data": data,
                    "message": message,
                }
            }
        )

    def member(self, chat_id: int, old: str, new: str, *, user_id: int | None = None) -> None:
        """Our own membership of a chat changes: member, kicked, left, administrator."""
        self.push(
            {
                "my_chat_member": {
                    "chat": self._chat(chat_id),
                    "from": self._person(user_id or abs(chat_id), "Ada"),
                    "date": int(time.time()),
                    "old_chat_member": _membership(old),
                    "new_chat_member": _membership(new),
                }
            }
        )

    def push(self, update: dict[str, Any]) -> None:
        """Any update, given its number here."""
        self._update_id += 1
        update = {"update_id": self._update_id, **update}
        if self.webhook.get("url"):
            task = asyncio.get_running_loop().create_task(self._post_to_webhook(update))
            self._pushes.add(task)
            task.add_done_callback(self._pushes.discard)
            return
        self._updates.append(update)
        self._arrived.set()

    async def _post_to_webhook(self, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as answer,
        ):
            self.calls[f"webhook {answer.status}"] += 1
        self._look()

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
            if method in _SENDING:
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
        answer = refusal or self._take(method, fields, files)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if isinstance(answer, Refuse):
            self.refused[answer.status] += 1
            return refused(answer)
        return accepted(answer)

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
            case Garble():
                return web.Response(text="<html>log in to the hotel network</html>", content_type="text/html")
            case Slow(seconds):
                await asyncio.sleep(seconds)
                taken = self._take(method, fields, files)
                return refused(taken) if isinstance(taken, Refuse) else accepted(taken)
            case Reset(after):
                if after:
                    self._take(method, fields, files)
                self._look()
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            case Silence():
                self._take(method, fields, files)
                self._look()
                await self._closing.wait()
                return web.Response()

    def _take(self, method: str, fields: dict[str, str], files: dict[str, bytes]) -> Refuse | dict[str, Any]:
        """Check a message as Telegram does, remember it, and give its description or a refusal."""
        chat_id = int(fields.get("chat_id", "0"))
        kind = "caption" if "caption" in fields or files else "text"
        text = fields.get(kind, "")
        try:
            seen = visible(text) if fields.get("parse_mode") == "HTML" else text
        except UnparsableError as error:
            return Refuse(400, str(error))
        if method in ("sendMessage", "editMessageText") and not seen.strip():
            return Refuse(400, "Bad Request: message text is empty")
        if utf16(seen) > (1024 if kind == "caption" else 4096):
            return Refuse(400, "Bad Request: message is too long")
        markup = fields.get("reply_markup", "")
        if markup:
            try:
                rows = json.loads(markup).get("inline_keyboard", [])
            except ValueError:
                return Refuse(400, "Bad Request: can't parse reply keyboard markup JSON object")
            if any(len(button.get("callback_data", "").encode()) > 64 for row in rows for button in row):
                return Refuse(400, "Bad Request: BUTTON_DATA_INVALID")
        if method.startswith("edit"):
            message_id = int(fields.get("message_id", "0"))
            before = self._messages.get((chat_id, message_id))
            if before is None:
                return Refuse(400, "Bad Request: message to edit not found")
            if method == "editMessageReplyMarkup":
                text = before[0]
            if before == (text, markup):
                return Refuse(
                    400,
                    "Bad Request: message is not modified: specified new message content and reply markup "
                    "are exactly the same as a current content and reply markup of the message",
                )
        else:
            message_id = self._number()
        topic = int(fields.get("message_thread_id", "0"))
        if self._keep_sent:
            self._messages[chat_id, message_id] = (text, markup)
        self.sent.append(
            Sent(time.monotonic(), method, chat_id, topic, message_id, text, fields, tuple(files), files)
            if self._keep_sent
            else replace(_NOTHING, at=time.monotonic(), chat_id=chat_id, method=method, message_id=message_id)
        )
        return self._message(chat_id, topic, seen) | {"message_id": message_id, "from": BOT}

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
            case "getUpdates":
                return await self._get_updates(fields)
            case "setWebhook":
                self.webhook = fields
                return accepted(True)
            case "deleteWebhook":
                self.webhook = {}
                if fields.get("drop_pending_updates", "").lower() == "true":
                    self._updates.clear()
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
                return accepted(
                    self._chat(int(fields["chat_id"])) | {"accent_color_id": 0, "max_reaction_count": 11}
                )
            case "getChatMember":
                user = int(fields["user_id"])
                if user in self.strangers:
                    return accepted({"status": "member", "user": self._person(user, "Ada")})
                return accepted({"status": "administrator", "user": self._person(user, "Ada")} | _RIGHTS)
            case "getChatAdministrators":
                return accepted([])
            case "answerCallbackQuery" | "answerInlineQuery":
                self.answered.append(fields)
                return accepted(True)
            case _ if method.startswith(
                ("answer", "set", "delete", "leave", "sendChatAction", "pin", "unpin")
            ):
                self.done.append((method, fields))
                return accepted(True)
            case _:
                return refused(Refuse(404, "Not Found: method not found"))

    async def _get_updates(self, fields: dict[str, str]) -> web.StreamResponse:
        if self.webhook.get("url"):
            return refused(
                Refuse(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first",
                )
            )
        if self._polling:
            return refused(CONFLICT)
        offset = int(fields.get("offset", "0"))
        while self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()
        limit = int(fields.get("limit", "100"))
        ends = asyncio.get_running_loop().time() + int(fields.get("timeout", "0"))
        self._polling += 1
        try:
            while not self._updates and not self._closing.is_set():
                self._arrived.clear()
                left = ends - asyncio.get_running_loop().time()
                if left <= 0:
                    break
                waits = [
                    asyncio.ensure_future(self._arrived.wait()),
                    asyncio.ensure_future(self._closing.wait()),
                ]
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()
            return accepted(list(self._updates)[:limit])
        finally:
            self._polling -= 1

    def _number(self) -> int:
        self._numbered += 1
        return self._numbered

    def _person(self, user_id: int, name: str) -> dict[str, Any]:
        return {"id": user_id, "is_bot": False, "first_name": name, "language_code": self.language}

    def _chat(self, chat_id: int) -> dict[str, Any]:
        if chat_id > 0:
            return {"id": chat_id, "type": "private", "first_name": "Ada"}
        kind = "channel" if chat_id in self.channels else "supergroup"
        return {"id": chat_id, "type": kind, "title": "Miners"}

    def _message(self, chat_id: int, topic_id: int, text: str) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": self._number(),
            "date": int(time.time()),
            "chat": self._chat(chat_id),
            "text": text,
        }
        if topic_id:
            message |= {"message_thread_id": topic_id, "is_topic_message": True}
        return message


_SENDING = frozenset(
    {
        "sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup", "sendAnimation", "copyMessage",
        "forwardMessage", "editMessageText", "editMessageCaption", "editMessageMedia",
        "editMessageReplyMarkup",
    }
)  # fmt: skip
_RIGHTS = {
    "can_be_edited": False, "is_anonymous": False, "can_manage_chat": True, "can_delete_messages": True,
    "can_manage_video_chats": True, "can_restrict_members": True, "can_promote_members": False,
    "can_change_info": True, "can_invite_users": True, "can_post_stories": False, "can_edit_stories": False,
    "can_delete_stories": False,
}  # fmt: skip
_NOTHING = Sent(0.0, "", 0, 0, 0, "", {})


def _membership(status: str) -> dict[str, Any]:
    extra: dict[str, dict[str, Any]] = {"administrator": _RIGHTS, "kicked": {"until_date": 0}}
    return {"status": status, "user": BOT, **extra.get(status, {})}


if __name__ == "__main__":
    from tests.fakes.telegram_control import main

    main()
