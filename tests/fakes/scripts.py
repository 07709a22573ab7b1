"""Updates as all sorts of people and clients send them: right by the Bot API's types, and then broken."""

import random
import string
from copy import deepcopy
from typing import Any

COMMANDS = (
    "start", "help", "subscribe", "unsubscribe", "status", "breakeven", "whatif", "fleet", "machines",
    "network", "chart", "history", "why", "watch", "watches", "mute", "quiet", "digest", "settings",
    "privacy", "export", "sources", "stats", "broadcast", "nonsense",
)  # fmt: skip

_WORDS = (
    *(
        "s19",
        "S19j Pro",
        "m30s++",
        "antminer",
        "0.07",
        "6.5c",
        "7 ct",
        "5¢/kWh",
        "-1",
        "1e999",
        "nan",
        "inf",
        "0",
    ),
    *(
        "price=20000",
        "difficulty=",
        "=5",
        "hashrate=200",
        "power=3250w",
        "10x s19",
        "btc < 50000",
        "to",
        "all",
    ),
    *(
        "price_drawdown",
        "energy_price",
        "90d",
        "1y",
        "22-7",
        "Europe/Berlin",
        "8h",
        "what is",
        "breakeven for",
    ),
    *(
        "<b>",
        "</code>",
        "&amp;",
        "'; DROP TABLE chats;--",
        "{0}",
        "%s",
        "${jndi}",
        "\\",
        "\0",
        "\u202e",
        "\ufffd",
    ),
    *(
        "🤖",
        "é",
        "ß",
        "中文",
        "\U0001f469\u200d\U0001f4bb",
        "9" * 400,
        "a" * 300,
        "http://127.0.0.1/",
        "@bot",
        "/",
    ),
)
_THINGS: dict[str, Any] = {
    "photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}],
    "sticker": {
        "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
        "is_animated": False, "is_video": False,
    },
    "voice": {"file_id": "v", "file_unique_id": "v", "duration": 3},
    "video": {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 3},
    "document": {"file_id": "d", "file_unique_id": "d", "mime_type": "text/plain"},
    "location": {"longitude": 13.4, "latitude": 52.5},
    "contact": {"phone_number": "+49", "first_name": "Bob"},
    "dice": {"emoji": "🎲", "value": 6},
    "poll": {
        "id": "1", "question": "?", "options": [{"text": "a", "voter_count": 0, "persistent_id": "1"}],
        "total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular",
        "allows_multiple_answers": False, "allows_revoting": False,
    },
    "new_chat_members": [{"id": 5, "is_bot": False, "first_name": "Eve"}],
    "left_chat_member": {"id": 5, "is_bot": False, "first_name": "Eve"},
    "new_chat_title": "Miners",
    "group_chat_created": True,
    "migrate_to_chat_id": -100555,
    "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}},
}  # fmt: skip
_BUTTONS = (
    "s1:all",
    "s1:price_drawdown",
    "s1:",
    "b1:send:1",
    "b1:drop:x",
    "x",
    "",
    "🤖" * 16,
    "s1:" + "9" * 60,
)
_WRONG: tuple[Any, ...] = (
    None,
    -1,
    0,
    2**63,
    1e308,
    "",
    "x" * 5000,
    [],
    {},
    [[]],
    {"id": {}},
    True,
    "\ud800",
)


class People:
    """Makes updates at random, repeatably. Chats above `first_private` are private and used once each."""

    def __init__(self, seed: int, first_private: int = 1_000_000) -> None:
        self._dice = random.Random(seed)
        self._update_id = 0
        self._private = first_private
        self.commands: list[int] = []  # private chats in which a command was given that must be answered

    def batch(self, size: int, broken: float) -> list[Any]:
        """So many updates, of which about the share `broken` is not what the Bot API promises."""
        return [self.broken() if self._dice.random() < broken else self.valid() for _ in range(size)]

    def valid(self) -> dict[str, Any]:
        """An update as the Bot API describes them."""
        kind = self._dice.choices(
            ("command", "words", "thing", "group", "channel", "edited", "button", "member", "inline"),
            (40, 15, 8, 10, 3, 5, 12, 4, 3),
        )[0]
        made: dict[str, Any] = getattr(self, f"_{kind}")()
        return self._numbered(made)

    def broken(self) -> Any:
        """A right one with some of its parts taken away or replaced by what doesn't belong there."""
        chats = len(self.commands)
        update = self.valid()
        del self.commands[chats:]
        number = update["update_id"]
        for _ in range(self._dice.randint(1, 3)):
            self._spoil(update)
        if self._dice.random() < 0.95:
            update["update_id"] = number
        return update if self._dice.random() < 0.98 else self._dice.choice(_WRONG)

    def text(self) -> str:
        """Anything people type."""
        parts = [self._dice.choice(_WORDS) for _ in range(self._dice.randint(0, 6))]
        if self._dice.random() < 0.1:
            parts.append("".join(self._dice.choices(string.printable, k=self._dice.randint(1, 80))))
        return " ".join(parts)[:4096]

    def _spoil(self, part: Any) -> None:
        while isinstance(part, dict) and part:
            key = self._dice.choice(list(part))
            if isinstance(part[key], dict) and part[key] and self._dice.random() < 0.7:
                part = part[key]
                continue
            if self._dice.random() < 0.4:
                del part[key]
            else:
                part[key] = deepcopy(self._dice.choice(_WRONG))
            return

    def _numbered(self, update: dict[str, Any]) -> dict[str, Any]:
        self._update_id += 1
        return {"update_id": self._update_id, **update}

    def _fresh(self) -> int:
        self._private += 1
        return self._private

    def _message(self, chat: int, kind: str = "private", **parts: Any) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": self._dice.randint(1, 10**6),
            "date": self._dice.randint(0, 2**31 - 1),
            "chat": {"id": chat, "type": kind, **({"first_name": "A"} if chat > 0 else {"title": "M"})},
            "from": {
                "id": abs(chat), "is_bot": False, "first_name": "A",
                "language_code": self._dice.choice(("en", "de", "ru", "xx", "pt-br")),
            },
            **parts,
        }  # fmt: skip
        if self._dice.random() < 0.05:
            message["reply_to_message"] = self._message(chat, kind, text="before")
        if self._dice.random() < 0.03:
            message["forward_origin"] = {"type": "hidden_user", "date": 1, "sender_user_name": "x"}
        return message

    def _said(self, name: str) -> dict[str, Any]:
        text = f"/{name} {self.text()}".rstrip()
        entity = {"type": "bot_command", "offset": 0, "length": len(name) + 1}
        return {"text": text, "entities": [entity]}

    def _command(self) -> dict[str, Any]:
        chat = self._fresh()
        self.commands.append(chat)
        message = self._message(chat, **self._said(self._dice.choice(COMMANDS)))
        message.pop("forward_origin", None)
        return {"message": message}

    def _words(self) -> dict[str, Any]:
        return {"message": self._message(self._dice.randint(1, 5_000), text=self.text() or "?")}

    def _thing(self) -> dict[str, Any]:
        name = self._dice.choice(list(_THINGS))
        return {"message": self._message(self._dice.randint(1, 5_000), **{name: deepcopy(_THINGS[name])})}

    def _group(self) -> dict[str, Any]:
        chat = -1000 - self._dice.randint(1, 50_000)
        parts = self._said(self._dice.choice(COMMANDS)) if self._dice.random() < 0.5 else {"text": "hi"}
        if self._dice.random() < 0.3:
            parts |= {"message_thread_id": self._dice.randint(1, 9), "is_topic_message": True}
        if self._dice.random() < 0.2:
            parts |= {"sender_chat": {"id": chat, "type": "supergroup", "title": "M"}}
        return {"message": self._message(chat, "supergroup", **parts)}

    def _channel(self) -> dict[str, Any]:
        post = self._message(-100_000 - self._dice.randint(1, 50_000), "channel", **self._said("status"))
        del post["from"]
        return {"channel_post": post}

    def _edited(self) -> dict[str, Any]:
        message = self._message(self._dice.randint(1, 5_000), **self._said("status"))
        return {"edited_message": message | {"edit_date": 5}}

    def _button(self) -> dict[str, Any]:
        chat = self._dice.randint(1, 5_000)
        query: dict[str, Any] = {
            "id": str(self._update_id),
            "from": {"id": chat, "is_bot": False, "first_name": "A"},
            "chat_instance": "1",
            "data": self._dice.choice(_BUTTONS),
            "message": self._message(chat, text="buttons"),
        }
        if self._dice.random() < 0.1:
            query["message"] = {"chat": query["message"]["chat"], "message_id": 1, "date": 0}
        return {"callback_query": query}

    def _member(self) -> dict[str, Any]:
        chat = self._dice.choice((self._dice.randint(1, 5_000), -1000 - self._dice.randint(1, 50_000)))
        us = {"id": 1, "is_bot": True, "first_name": "minerwatch", "username": "minerwatch_bot"}
        old, new = self._dice.choice((("member", "left"), ("left", "member"), ("member", "member")))
        return {
            "my_chat_member": {
                "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup", "title": "M"},
                "from": {"id": abs(chat), "is_bot": False, "first_name": "A"},
                "date": 1,
                "old_chat_member": {"status": old, "user": us},
                "new_chat_member": {"status": new, "user": us},
            }
        }

    def _inline(self) -> dict[str, Any]:
        user = {"id": self._dice.randint(1, 5_000), "is_bot": False, "first_name": "A"}
        return {"inline_query": {"id": "1", "from": user, "query": self.text()[:256], "offset": ""}}
