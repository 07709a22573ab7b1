"""What the server knows of chats and people: descriptions of them, and every message that stands in them."""

import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.telegram_ephemeral import EphemeralMessage, EphemeralMessages, receiver_of
from tests.fakes.telegram_faults import Refuse
from tests.fakes.telegram_html import UnparsableError, utf16, visible

BOT_ID = 4200
BOT = {"id": BOT_ID, "is_bot": True, "first_name": "minerwatch", "username": "minerwatch_test_bot"}

RIGHTS = {
    "can_be_edited": False, "is_anonymous": False, "can_manage_chat": True, "can_delete_messages": True,
    "can_manage_video_chats": True, "can_restrict_members": True, "can_promote_members": False,
    "can_change_info": True, "can_invite_users": True, "can_post_stories": False, "can_edit_stories": False,
    "can_delete_stories": False,
}  # fmt: skip
"""An administrator's, as the Bot API describes one."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the server took: what people see, and when (monotonic seconds)."""

    at: float
    method: str
    chat_id: int
    topic_id: int
    message_id: int
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    uploads: dict[str, bytes] = field(default_factory=dict)
    ephemeral: EphemeralMessage | None = None

    @property
    def seen_by(self) -> int | None:
        """The only person who sees it; None: everybody in the chat does."""
        return None if self.ephemeral is None else self.ephemeral.receiver

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The inline keyboard's buttons, row after row."""
        markup = json.loads(self.fields.get("reply_markup", "{}"))
        return [button for row in markup.get("inline_keyboard", []) for button in row]


class Chats:
    """Chats come to be by being named: ids above 0 are private, others supergroups, or channels if `channels`
    names them.
    """

    def __init__(self, *, keep_sent: bool) -> None:
        self.sent: list[Sent] = []
        self.channels: set[int] = set()
        self.strangers: set[int] = set()  # people who are no chat's admins
        self.language = "en"  # what Telegram says people speak
        self._keep_sent = keep_sent
        self.ephemeral = EphemeralMessages()
        self._standing: dict[_Key, tuple[str, str]] = {}  # text and keyboard by chat and message
        self._numbered = 0
        self._photos: set[str] = set()  # file ids that the bot may send
        self._captioned: set[_Key] = set()  # messages under which there is a caption, not a text

    def number(self) -> int:
        """A number that nothing else has."""
        self._numbered += 1
        return self._numbered

    def person(self, user_id: int, name: str = "Ada") -> dict[str, Any]:
        return {"id": user_id, "is_bot": False, "first_name": name, "language_code": self.language}

    def chat(self, chat_id: int) -> dict[str, Any]:
        if chat_id > 0:
            return {"id": chat_id, "type": "private", "first_name": "Ada"}
        kind = "channel" if chat_id in self.channels else "supergroup"
        return {"id": chat_id, "type": kind, "title": "Miners"}

    def message(self, chat_id: int, topic_id: int, text: str) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": self.number(),
            "date": int(time.time()),
            "chat": self.chat(chat_id),
            "text": text,
        }
        if topic_id:
            message |= {"message_thread_id": topic_id, "is_topic_message": True}
        return message

    def ours(
        self, chat_id: int, message_id: int, topic_id: int, ephemeral: EphemeralMessage | None = None
    ) -> dict[str, Any]:
        """A message of the bot's as it stands now, with its buttons."""
        text, markup = self._standing.get((chat_id, ephemeral or message_id), ("", ""))
        message = self.message(chat_id, topic_id, text) | {"message_id": message_id, "from": BOT}
        if ephemeral is not None:
            message |= self._seen_by_one(ephemeral)
        if chat_id in self.channels:
            message["sender_chat"] = self.chat(chat_id)
        if markup:
            message["reply_markup"] = json.loads(markup)
        return message

    def membership(self, user_id: int) -> dict[str, Any]:
        """What somebody is in a chat."""
        if user_id in self.strangers:
            return {"status": "member", "user": self.person(user_id)}
        return {"status": "administrator", "user": self.person(user_id)} | RIGHTS

    def take(self, method: str, fields: dict[str, str], files: dict[str, bytes]) -> Refuse | dict[str, Any]:
        """Check a message as Telegram does, remember it, and give its description or a refusal."""
        chat_id, topic_id = int(fields.get("chat_id", "0")), int(fields.get("message_thread_id", "0"))
        kind = "caption" if "caption" in fields or "photo" in fields or files else "text"
        text, markup = fields.get(kind, ""), fields.get("reply_markup", "")
        try:
            result = visible(text) if fields.get("parse_mode") == "HTML" else text
        except UnparsableError as error:
            return Refuse(400, str(error))
        wrong = _wrong(method, kind, result, markup)
        if wrong is not None:
            return wrong
        if "photo" in fields and fields["photo"] not in self._photos and "://" not in fields["photo"]:
            return Refuse(400, "Bad Request: wrong file identifier/HTTP URL specified")
        ephemeral: EphemeralMessage | None = None
        if method.startswith("edit"):
            message_id = int(fields.get("message_id", "0"))
            if "Ephemeral" in method:
                ephemeral = EphemeralMessage(
                    int(fields["receiver_user_id"]), int(fields["ephemeral_message_id"])
                )
            key = (chat_id, ephemeral or message_id)
            before = self._standing.get(key)
            if before is None:
                return Refuse(400, "Bad Request: message to edit not found")
            if method.endswith("MessageText") and key in self._captioned:
                return Refuse(400, "Bad Request: there is no text in the message to edit")
            if method.endswith("MessageCaption") and key not in self._captioned:
                return Refuse(400, "Bad Request: there is no caption in the message to edit")
            if method.endswith("MessageReplyMarkup"):
                text = before[0]
            if before == (text, markup):
                return _UNCHANGED
        else:
            receiver = receiver_of(fields) if self.ephemeral.are_known else None
            refusal = self.ephemeral.refusal(
                fields, receiver, self._is_group(chat_id), BOT_ID not in self.strangers
            )
            if refusal is not None:
                return refusal
            message_id = self.number() if receiver is None else 0
            ephemeral = None if receiver is None else EphemeralMessage(receiver, self.number())
            key = (chat_id, ephemeral or message_id)
        sent = Sent(time.monotonic(), method, chat_id, topic_id, message_id, ephemeral=ephemeral)
        if self._keep_sent:
            self._standing[key] = (text, markup)
            sent = replace(sent, text=text, fields=fields, files=tuple(files), uploads=files)
        self.sent.append(sent)
        answer = self.message(chat_id, topic_id, result) | {"message_id": message_id, "from": BOT}
        if ephemeral is not None:
            answer |= self._seen_by_one(ephemeral)
        if method == "sendPhoto":
            self._captioned.add(key)
            file_id = fields.get("photo", f"photo-{self.number()}")
            self._photos.add(file_id)
            answer |= {"caption": answer.pop("text"), "photo": [_size("small-" + file_id), _size(file_id)]}
        return answer

    def _is_group(self, chat_id: int) -> bool:
        return chat_id < 0 and chat_id not in self.channels

    def _seen_by_one(self, ephemeral: EphemeralMessage) -> dict[str, Any]:
        """What a message's description says when only one person sees it."""
        return {
            "message_id": 0,
            "ephemeral_message_id": ephemeral.number,
            "receiver_user": self.person(ephemeral.receiver),
        }

    def forget_ephemeral(self) -> None:
        """Every message that only one person saw is gone, as after a restart of their app."""
        self._standing = {key: value for key, value in self._standing.items() if isinstance(key[1], int)}

    def note_caption(self, message: dict[str, Any]) -> None:
        """A message has no text to be edited, only a caption."""
        self._captioned.add((message["chat"]["id"], message["message_id"]))


_Key = tuple[int, int | EphemeralMessage]
"""A chat, and a message in it."""

_UNCHANGED = Refuse(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup "
    "are exactly the same as a current content and reply markup of the message",
)


def _size(file_id: str) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": file_id, "width": 1200, "height": 675}


def _wrong(method: str, kind: str, seen: str, markup: str) -> Refuse | None:
    """What Telegram would find wrong in a text and its keyboard."""
    if method in ("sendMessage", "editMessageText", "editEphemeralMessageText") and not seen.strip():
        return Refuse(400, "Bad Request: message text is empty")
    if utf16(seen) > (1024 if kind == "caption" else 4096):
        return Refuse(400, "Bad Request: message is too long")
    try:
        rows = json.loads(markup).get("inline_keyboard", []) if markup else []
    except ValueError:
        return Refuse(400, "Bad Request: can't parse reply keyboard markup JSON object")
    if any(len(button.get("callback_data", "").encode()) > 64 for row in rows for button in row):
        return Refuse(400, "Bad Request: BUTTON_DATA_INVALID")
    return None
