"""What people do: each deed becomes the update that Telegram would make of it."""

import time
from typing import Any

from tests.fakes.telegram_chats import BOT, RIGHTS, Chats
from tests.fakes.telegram_ephemeral import EphemeralMessage
from tests.fakes.telegram_updates import Updates


class People:
    """Everybody who may write to the bot, press its buttons, or put it out of a chat."""

    def __init__(self, chats: Chats, updates: Updates) -> None:
        self._chats = chats
        self._updates = updates

    def push(self, update: dict[str, Any]) -> None:
        """Any update, given its number here."""
        self._updates.push(update)

    def say(
        self,
        chat_id: int,
        text: str,
        *,
        user_id: int | None = None,
        topic_id: int = 0,
        name: str = "Ada",
        is_ephemeral: bool = False,
    ) -> None:
        """A person writes in a chat (ids above 0 are private chats, others supergroups).

        What is ephemeral only the person and the bot see, such as a reply to an ephemeral message.
        """
        message, in_channel = self._chats.message(chat_id, topic_id, text), chat_id in self._chats.channels
        if in_channel:
            message["sender_chat"] = self._chats.chat(chat_id)
        else:
            message["from"] = self._chats.person(user_id or abs(chat_id), name)
        if is_ephemeral:
            number = self._chats.number()
            message |= {"message_id": 0, "ephemeral_message_id": number}
            self._chats.ephemeral.note_message(number, message["from"]["id"])
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self.push({"channel_post" if in_channel else "message": message})

    def send(
        self, chat_id: int, content: dict[str, Any], *, user_id: int | None = None, edited: bool = False
    ) -> None:
        """A person sends something else than words, or edits what was sent."""
        message = self._chats.message(chat_id, 0, "") | {"from": self._chats.person(user_id or abs(chat_id))}
        kind = "edited_message" if edited else "message"
        self.push({kind: {name: value for name, value in message.items() if name != "text"} | content})

    def ask_inline(self, user_id: int, text: str) -> None:
        """A person types the bot's name and a question in any chat."""
        query = {"from": self._chats.person(user_id), "query": text, "offset": ""}
        self.push({"inline_query": {"id": str(self._chats.number()), **query}})

    def press(
        self,
        chat_id: int,
        message_id: int,
        data: str,
        *,
        user_id: int | None = None,
        topic_id: int = 0,
        ephemeral: EphemeralMessage | None = None,
    ) -> None:
        """A person presses an inline button under a message of ours; under an ephemeral one, who sees it."""
        person = user_id or (abs(chat_id) if ephemeral is None else ephemeral.receiver)
        if ephemeral is not None and person != ephemeral.receiver:
            raise ValueError("nobody else sees the message")
        press = str(self._chats.number())
        self._chats.ephemeral.note_press(press, person)
        self.push(
            {
                "callback_query": {
                    "id": press,
                    "from": self._chats.person(person),
                    "chat_instance": "1",
                    "data": data,
                    "message": self._chats.ours(chat_id, message_id, topic_id, ephemeral),
                }
            }
        )

    def member(self, chat_id: int, old: str, new: str, *, user_id: int | None = None) -> None:
        """Our own membership of a chat changes: member, kicked, left, administrator."""
        self.push(
            {
                "my_chat_member": {
                    "chat": self._chats.chat(chat_id),
                    "from": self._chats.person(user_id or abs(chat_id)),
                    "date": int(time.time()),
                    "old_chat_member": _membership(old),
                    "new_chat_member": _membership(new),
                }
            }
        )


def _membership(status: str) -> dict[str, Any]:
    extra: dict[str, dict[str, Any]] = {"administrator": RIGHTS, "kicked": {"until_date": 0}}
    return {"status": status, "user": BOT, **extra.get(status, {})}
