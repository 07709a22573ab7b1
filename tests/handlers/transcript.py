"""What was said to the bot and what it said: a conversation with the whole program, written down."""

from collections.abc import Sequence
from datetime import datetime

from bot.signals.alert import Alert
from bot.signals.rules import Severity
from storage import outbox
from storage.database import Database
from storage.outbox import NoticeKind, notices
from storage.signals import alerts
from tests.fakes.telegram import Sent
from tests.fakes.telegram_html import utf16, visible
from tests.handlers.program_client import ADA, ProgramClient

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_NOTICE, LONGEST_LABEL, LONGEST_DATA = 4096, 1024, 200, 64, 64
"""Telegram's limits: of text, a picture's caption and a press's answer in UTF-16 units; labels are ours."""

_SOMEBODY = ADA + 100


class Transcript:
    """Talks in a client and writes down every message, keyboard and notice, checked against the limits."""

    def __init__(self, client: ProgramClient, language: str) -> None:
        client.api.language = language
        self.client = client
        self.lines: list[str] = []
        for group in client.program.application.handlers.values():
            for handler in group:
                handler.block = True  # pictures too come in their turn, so that every run reads the same

    async def ask(self, *questions: str, chat: int = _SOMEBODY, user: int | None = None) -> list[Sent]:
        """Say each thing in a chat; gives all that was answered."""
        sent: list[Sent] = []
        for question in questions:
            before = len(self.client.api.sent)
            self.client.api.say(chat, question, user_id=user)
            await self.client.settled(chat)
            sent += self._note(question, before)
        return sent

    async def press(self, under: Sent, *labels: str) -> list[Sent]:
        """Press the buttons under a message whose data begin like this, one after the other."""
        sent: list[Sent] = []
        for beginning in labels:
            button = next(each for each in under.buttons if each["callback_data"].startswith(beginning))
            sent += await self.press_data(under, button["callback_data"], f"[{button['text']}]")
        return sent

    async def press_data(self, under: Sent, data: str, label: str = "") -> list[Sent]:
        """Press a button with this data, an old one perhaps."""
        before = len(self.client.api.sent)
        answer = await self.client.press_data(under, data)
        await self.client.settled(under.chat_id)
        await self.client.delivered()
        label = label or f"[… {data}]"
        if answer:
            assert utf16(answer) <= LONGEST_NOTICE
            label = f"{label} → ({answer})"
        return self._note(label, before)

    async def tell(self, alert: Alert, chat: int, queued_at: datetime | None = None) -> Sent:
        """An alert through the outbox, as if a poll had brought it."""

        def work(db: Database) -> None:
            group = alerts.add(db, [alert])
            assert group is not None
            assert outbox.enqueue(db, group.id, queued_at or self.client.now)

        before = len(self.client.api.sent)
        await self.client.store.write(work)
        await self.client.delivered()
        messages = self._note(f"{alert.rule} {alert.kind}", before)
        return next(message for message in messages if _is_alert(message))

    async def notify(self, kind: NoticeKind, body: str, chat: int) -> Sent:
        """A notice through the outbox."""
        before, now = len(self.client.api.sent), self.client.now
        await self.client.store.write(
            lambda db: notices.notify(db, [chat], kind, Severity.WARNING, body, now)
        )
        await self.client.delivered()
        return _first_text(self._note(f"notice: {kind}", before))

    def note(self, title: str, sent: Sequence[Sent]) -> None:
        """Write down messages that came unasked."""
        texts = [
            self._read(message) for message in sent
        ]  # pictures are drawn meanwhile and come when they do
        self.lines += [f"> {title}", *(text for text in texts if not text.startswith("(picture) "))]

    def write(self, title: str, text: str) -> None:
        """Write down a text that is part of an answer."""
        assert utf16(visible(text)) <= LONGEST_TEXT
        self.lines += [f"> {title}", text]

    def note_answers(self, title: str, answers: Sequence[dict[str, str]]) -> None:
        """Write down what presses were answered with."""
        self.lines.append(f"> {title}")
        for answer in answers:
            text = answer.get("text", "")
            assert utf16(text) <= LONGEST_NOTICE
            self.lines.append(f"({text})")

    def _note(self, title: str, before: int) -> list[Sent]:
        self.client.flood_limit_ahead_s += 3_600  # nobody is to be told here that they ask too much
        sent = [each for each in self.client.api.sent[before:] if "/help – " not in each.text]
        sent.sort(key=lambda each: each.message_id)  # a message changed first, then those that came
        self.note(title, sent)
        return sent

    def _read(self, sent: Sent) -> str:
        is_caption = sent.uploads or sent.method in ("sendPhoto", "editMessageCaption")
        assert utf16(visible(sent.text)) <= (LONGEST_CAPTION if is_caption else LONGEST_TEXT)
        rows = []
        for button in sent.buttons:
            assert 0 < len(button["text"]) <= LONGEST_LABEL
            assert len(button.get("callback_data", "x").encode()) <= LONGEST_DATA
            rows.append(f"[{button['text']}]")
        if _is_alert(sent):
            _check_alert(sent.text)
            kind = "(with a picture) " if is_caption else ""
            return f"{kind}{sent.text}\n{' '.join(rows)}".strip()
        kind = {"sendDocument": "(file) "}.get(sent.method, "(picture) ") if sent.uploads else ""
        return f"{kind}{sent.text}\n{' '.join(rows)}".strip()


def _is_alert(sent: Sent) -> bool:
    return any(button.get("callback_data", "").startswith("y1:") for button in sent.buttons)


def _check_alert(text: str) -> None:
    """An alert is six lines and 600 characters at most before its fold, so that a phone shows it whole."""
    alert, _, _watches = text.partition("\n\n")
    before_fold = visible(alert.partition("<blockquote expandable>")[0])
    assert len(before_fold.strip().split("\n")) <= 6, before_fold
    assert utf16(before_fold) <= 600, before_fold


def _first_text(messages: Sequence[Sent]) -> Sent:
    """The message itself: a picture asked for before may come in between."""
    return next(message for message in messages if not message.uploads)
