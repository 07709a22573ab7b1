"""The chat's buttons over real HTTP: in private, in a group with topics, in a channel."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from tests.end_to_end.program import Program
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram, Sent

ADA, BOB = 101, 102
GROUP, CHANNEL = -1001, -1002
TOPIC = 17


class Person:
    """Somebody in a chat who says things, presses buttons and waits for what follows."""

    def __init__(self, telegram: FakeTelegram, chat: int, topic: int = 0, user: int = ADA) -> None:
        self._telegram = telegram
        self._chat, self._topic, self._user = chat, topic, user

    async def say(self, text: str) -> Sent:
        before = len(self._telegram.sent)
        self._telegram.say(self._chat, text, user_id=self._user, topic_id=self._topic)
        return await self._next(before)

    async def press(self, under: Sent, label: str) -> Sent:
        """A button that makes or changes a message; the press itself is answered too."""
        before, answered = len(self._telegram.sent), len(self._telegram.answered)
        self._press(under, label)
        changed = await self._next(before)
        await self._telegram.until(lambda: len(self._telegram.answered) > answered)
        return changed

    async def press_in_vain(self, under: Sent, label: str) -> str:
        """A button that is answered only."""
        before = len(self._telegram.answered)
        self._press(under, label)
        await self._telegram.until(lambda: len(self._telegram.answered) > before)
        return self._telegram.answered[before].get("text", "")

    async def hears(self, word: str) -> Sent:
        """The first message in the chat that says this."""

        def found() -> list[Sent]:
            return [one for one in self._telegram.sent if one.chat_id == self._chat and word in one.text]

        await self._telegram.until(lambda: bool(found()), seconds=30)
        return found()[0]

    def _press(self, under: Sent, label: str) -> None:
        data = next(one["callback_data"] for one in under.buttons if label in one["text"])
        self._telegram.press(self._chat, under.message_id, data, user_id=self._user, topic_id=under.topic_id)

    async def _next(self, before: int) -> Sent:
        def here() -> list[Sent]:
            return [one for one in self._telegram.sent[before:] if one.chat_id == self._chat]

        await self._telegram.until(lambda: bool(here()))
        return here()[0]


def crash(providers: Providers) -> None:
    """The price falls, and everyone who is asked says so."""
    providers.world.price = lambda _at: 50_000.0
    providers.world.now = datetime.now(UTC)


async def looked(telegram: FakeTelegram, providers: Providers) -> None:
    """Wait until the program has looked at the data."""
    stranger = Person(telegram, 999, user=999)
    while True:
        seen = providers.calls["mempool"]
        status = await stranger.say("/status")
        if "Last looked: not yet" not in status.text:
            return
        while providers.calls["mempool"] < seen + 2:  # noqa: ASYNC110 - the providers alone know
            await asyncio.sleep(0.05)


async def test_in_private(tmp_path: Path, telegram: FakeTelegram, providers: Providers) -> None:
    ada = Person(telegram, ADA)
    async with Program(tmp_path, telegram, providers):
        welcome = await ada.say("/start drawdown")
        assert "You now hear of: <b>Price drawdown</b>" in welcome.text
        await looked(telegram, providers)
        chart = await ada.say("/chart price 90d dark")
        assert chart.uploads["photo"].startswith(b"\x89PNG")
        wider = await ada.press(chart, "1y")
        assert (wider.method, wider.message_id) == ("editMessageMedia", chart.message_id)
        status = await ada.say("/status")
        assert "Price" in (await ada.press(status, "Chart")).text

        crash(providers)
        alert = await ada.hears("Warning · Price drawdown")
        assert [one["text"] for one in alert.buttons][:2] == ["Acknowledge", "Chart"]
        noted = await ada.press(alert, "Acknowledge")
        assert "✓ Acknowledged · Ada" in [one["text"] for one in noted.buttons]
        assert (await ada.press(alert, "Chart")).method == "sendPhoto"
        muted = await ada.press(alert, "8 h")
        assert "Unmute" in muted.fields["reply_markup"]

        settings = await ada.say("/settings")
        assert "Muted until" in settings.text
        assert "Stumm bis" in (await ada.press(settings, "Deutsch")).text
        assert "Unmute" not in (await ada.press(muted, "Unmute")).fields["reply_markup"]
        assert "Nicht stumm" in (await ada.say("/mute")).text

        asked = await ada.say("/forget")
        assert "gelöscht" in (await ada.press(asked, "Alles löschen")).text


async def test_in_a_group_with_topics(tmp_path: Path, telegram: FakeTelegram, providers: Providers) -> None:
    telegram.strangers.add(BOB)
    ada, bob = Person(telegram, GROUP, TOPIC), Person(telegram, GROUP, TOPIC, BOB)
    async with Program(tmp_path, telegram, providers):
        telegram.member(GROUP, "left", "member", user_id=ADA)
        assert "/subscribe" in (await ada.hears("Hello!")).text
        offered = await bob.say("/start")
        assert offered.topic_id == TOPIC
        assert "Only this chat's admins" in await bob.press_in_vain(offered, "Price drawdown")
        assert "Price drawdown" in (await ada.press(offered, "Price drawdown")).text
        assert "Only this chat's admins" in (await bob.say("/mute 1h")).text
        pinned = await ada.say("/pin")
        assert pinned.topic_id == TOPIC

        await looked(telegram, providers)
        crash(providers)
        alert = await ada.hears("Warning · Price drawdown")
        assert alert.topic_id == TOPIC
        assert "Only this chat's admins" in await bob.press_in_vain(alert, "Acknowledge")
        assert (await bob.press(alert, "Status")).topic_id == TOPIC
        await telegram.until(
            lambda: any(
                one.method == "editMessageText" and one.message_id == pinned.message_id
                for one in telegram.sent
            ),
            seconds=30,
        )


async def test_in_a_channel(tmp_path: Path, telegram: FakeTelegram, providers: Providers) -> None:
    telegram.channels.add(CHANNEL)
    telegram.strangers.add(BOB)
    ada, reader = Person(telegram, CHANNEL), Person(telegram, CHANNEL, user=BOB)
    async with Program(tmp_path, telegram, providers):
        telegram.member(CHANNEL, "left", "administrator", user_id=ADA)
        await telegram.until(lambda: any("/pin" in text for text in telegram.texts(ADA)))
        await ada.say("/subscribe price_drawdown")
        await looked(telegram, providers)
        crash(providers)
        alert = await ada.hears("Warning · Price drawdown")
        for label in ("Acknowledge", "Chart", "Status", "1 week"):
            assert "Only this chat's admins" in await reader.press_in_vain(alert, label)
        assert "Unmute" in (await ada.press(alert, "1 week")).fields["reply_markup"]
