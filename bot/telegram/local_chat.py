"""A chat in the terminal, in place of the Telegram library's requests to Telegram.

The application above it can't tell the difference: it asks for updates, sends, edits and answers button
presses as ever. What would travel to Telegram is printed instead, and what the person types becomes updates.
"""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from html import unescape
from typing import Any

from telegram.request import BaseRequest, RequestData

BOT = {"id": 1, "is_bot": True, "first_name": "minerwatch", "username": "minerwatch_bot"}
PERSON = {"id": 2, "is_bot": False, "first_name": "You", "language_code": "en"}
CHAT = {"id": 2, "type": "private", "first_name": "You"}

_WAIT_SECONDS = 10.0
_AFTER_NOTICE_SECONDS = 0.5


class LocalChat(BaseRequest):
    """Plays Telegram for one person in one private chat.

    `clock` dates the messages, `show` prints, `save` keeps a picture or file and returns where.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        show: Callable[[str], None],
        save: Callable[[str, bytes], str] = lambda _name, _content: "not saved",
    ) -> None:
        self._clock = clock
        self._show = show
        self._save = save
        self.messages = 0  # sent by the bot
        self._updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._update_id = 0
        self._message_id = 0
        self._shown_id = 0  # the message whose buttons are numbered
        self._buttons: list[dict[str, Any]] = []
        self._replied, self._posted = asyncio.Event(), asyncio.Event()
        self.heading = ""  # shown before the next line, once

    @property
    def read_timeout(self) -> float | None:
        """There is no wire to wait for."""
        return _WAIT_SECONDS

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_timeouts: object,
        **_named_timeouts: object,
    ) -> tuple[int, bytes]:
        """Answer one Bot API call as Telegram would."""
        parameters = dict(request_data.parameters) if request_data is not None else {}
        if request_data is not None and request_data.contains_files:
            for name, content, _kind in (request_data.multipart_data or {}).values():
                if isinstance(content, bytes):
                    parameters["saved"] = self._save(str(name), content)
        result = await self._answer(url.rsplit("/", 1)[-1], parameters)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    async def ask(self, text: str, *, echo: bool = True) -> None:
        """Say something as the person and wait for the first answer to it; say so when none comes."""
        self._replied.clear()
        self._posted.clear()
        if echo:
            self._say(f"you ▸ {text}")
        press = re.fullmatch(r"#(\d+)", text.strip())
        if press and not 0 < int(press[1]) <= len(self._buttons):
            last = f"; the last message has #1 to #{len(self._buttons)}" if self._buttons else ""
            self._say(f"(there is no button #{press[1]}{last})")
            return
        if press:
            self._push(self._press(self._buttons[int(press[1]) - 1]))
        else:
            self._push({"message": self._message(PERSON, text, _entities(text), self._next_message_id())})
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._replied.wait()
            if press and not self._posted.is_set():  # a notice comes first, and perhaps a message after it
                with suppress(TimeoutError):
                    async with asyncio.timeout(_AFTER_NOTICE_SECONDS):
                        await self._posted.wait()
        except TimeoutError:
            self._say("(no answer)")

    async def _answer(self, method: str, parameters: dict[str, Any]) -> Any:
        if method == "getMe":
            return BOT | {"can_join_groups": True, "supports_inline_queries": False}
        if method == "getUpdates":
            return await self._next_updates(float(parameters.get("timeout", 0)))
        if method in ("sendMessage", "editMessageText"):
            return self._print(parameters, is_edit=method.startswith("edit"))
        if method == "editMessageCaption":
            return self._print({"text": parameters.get("caption", "")} | parameters, is_edit=True)
        if method in ("sendPhoto", "editMessageMedia"):
            return self._print(
                {"text": f"[picture: {parameters.get('saved')}] {parameters.get('caption', '')}"}
                | parameters,
                is_edit=method.startswith("edit"),
            )
        if method == "sendDocument":
            return self._print(
                {"text": f"[file: {parameters.get('saved')}] {parameters.get('caption', '')}"} | parameters
            )
        if method == "getChatMember":
            return {"status": "creator", "user": PERSON, "is_anonymous": False}
        if method == "answerCallbackQuery" and parameters.get("text"):
            self._say(f"({parameters['text']})")
            self._replied.set()
        return True

    async def _next_updates(self, wait_seconds: float) -> list[dict[str, Any]]:
        try:
            async with asyncio.timeout(wait_seconds):
                return [await self._updates.get()]
        except TimeoutError:
            return []

    def _print(self, parameters: dict[str, Any], *, is_edit: bool = False) -> dict[str, Any]:
        text = _plain(str(parameters["text"]))
        message_id = int(parameters["message_id"]) if is_edit else self._next_message_id()
        if is_edit and message_id != self._shown_id:  # nobody scrolls back in a terminal
            self._say(f"(an earlier message reads now: {text.partition(chr(10))[0]})")
            return self._message(BOT, text, [], message_id)
        markup = parameters.get("reply_markup")
        if markup is not None:
            keyboard = json.loads(markup) if isinstance(markup, str) else markup
            self._buttons = [button for row in keyboard.get("inline_keyboard", []) for button in row]
            names = [f"[#{number} {button['text']}]" for number, button in enumerate(self._buttons, start=1)]
            text += "\n" + " ".join(names) if names else ""
        self._shown_id = message_id
        self.messages += not is_edit
        edited = "(edited) " if is_edit else ""
        self._say(f"bot ▸ {edited}" + text.replace("\n", "\n      "))
        self._replied.set()
        self._posted.set()
        return self._message(BOT, text, [], message_id)

    def _say(self, line: str) -> None:
        if self.heading:
            self._show(self.heading)
            self.heading = ""
        self._show(line)

    def _push(self, update: dict[str, Any]) -> None:
        self._update_id += 1
        self._updates.put_nowait({"update_id": self._update_id} | update)

    def _next_message_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def _message(
        self, sender: dict[str, Any], text: str, entities: list[dict[str, Any]], message_id: int
    ) -> dict[str, Any]:
        return {
            "message_id": message_id,
            "date": int(self._clock().timestamp()),
            "chat": CHAT,
            "from": sender,
            "text": text,
            "entities": entities,
        }

    def _press(self, button: dict[str, Any]) -> dict[str, Any]:
        message = self._message(BOT, "", [], self._shown_id)
        query = {"id": str(self._update_id), "from": PERSON, "chat_instance": "1", "message": message}
        return {"callback_query": query | {"data": button.get("callback_data", "")}}


def _entities(text: str) -> list[dict[str, Any]]:
    command = re.match(r"/\w+", text)
    return [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else []


def _plain(html: str) -> str:
    return unescape(re.sub(r"</?[a-z][^>]*>", "", html))
