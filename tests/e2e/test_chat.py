"""The chat's buttons over real HTTP: in private, in a group with topics, in a channel."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.program import Program
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram, Sent

ADA, BOB, CYD = 101, 102, 104
GROUP, CHANNEL = -1001, -1002
SECOND = -1000  # added to a group or channel: another one; Telegram takes only 20 messages a minute in each
TOPIC = 17

ONLY_ADMINS = "Only this chat's admins"
TOUCHED = "Bitcoin touched 60 % below its record today"  # no day has closed there yet
BERUEHRT = "Bitcoin stand heute zeitweise 60\N{NO-BREAK SPACE}% unter seinem Rekord"


class Person:
    """Somebody in a chat who says things, presses buttons and waits for what follows."""

    def __init__(self, telegram: FakeTelegram, chat: int, topic: int = 0, user: int = ADA) -> None:
        self._telegram = telegram
        self._chat, self._topic, self._user = chat, topic, user

    async def say(self, text: str) -> Sent:
        """Say something; gives the first message that follows."""
        before = len(self._telegram.sent)
        self._telegram.say(self._chat, text, user_id=self._user, topic_id=self._topic)
        return await self._next(before)

    async def press(self, under: Sent, label: str) -> Sent:
        """A button that makes or changes a message, in the same chat and topic; the press is answered too."""
        before, answered = len(self._telegram.sent), len(self._telegram.answered)
        self._press(under, label)
        changed = await self._next(before, under.message_id)
        await self._telegram.until(lambda: len(self._telegram.answered) > answered)
        assert changed.method.startswith("edit") or changed.topic_id == self._topic
        return changed

    async def notice(self, under: Sent, label: str) -> str:
        """What a press on a button is answered with."""
        before = len(self._telegram.answered)
        self._press(under, label)
        await self._telegram.until(lambda: len(self._telegram.answered) > before)
        return self._telegram.answered[before].get("text", "")

    async def hears(self, word: str) -> Sent:
        """The first message in the chat that says this."""

        def found() -> list[Sent]:
            return [each for each in self._telegram.sent if each.chat_id == self._chat and word in each.text]

        await self._telegram.until(lambda: bool(found()), seconds=30)
        return found()[0]

    async def sees_changed(self, message: Sent) -> None:
        """Wait until a message was edited, by whatever made it change."""
        edits = ("editMessageText", "editMessageMedia")
        await self._telegram.until(
            lambda: any(
                each.method in edits and each.message_id == message.message_id for each in self._telegram.sent
            ),
            seconds=30,
        )

    def _press(self, under: Sent, label: str) -> None:
        data = next(each["callback_data"] for each in under.buttons if label in each["text"])
        self._telegram.press(
            self._chat,
            under.message_id,
            data,
            user_id=self._user,
            topic_id=self._topic,
            ephemeral=under.ephemeral,
        )

    async def _next(self, before: int, under: int | None = None) -> Sent:
        """The first message since: a new one, or `under` changed; the pinned one may change meanwhile."""

        def here() -> list[Sent]:
            return [
                each
                for each in self._telegram.sent[before:]
                if each.chat_id == self._chat
                and (each.message_id == under or not each.method.startswith("edit"))
            ]

        await self._telegram.until(lambda: bool(here()))
        return here()[0]


def labels(sent: Sent) -> list[str]:
    return [each["text"] for each in sent.buttons]


def crash(providers: Providers) -> None:
    """The price falls, and everyone who is asked says so."""
    providers.world.price = lambda _at: 50_000.0
    providers.world.now = datetime.now(UTC)


async def looked(telegram: FakeTelegram, providers: Providers) -> None:
    """Wait until the program has looked at the data."""
    stranger = Person(telegram, 999, user=999)
    while True:
        result = providers.calls["mempool"]
        status = await stranger.say("/status")
        if "Last looked: not yet" not in status.text:
            return
        while providers.calls["mempool"] < result + 2:  # noqa: ASYNC110 - the providers alone know
            await asyncio.sleep(0.05)


async def chooses(ada: Person) -> None:
    """Subscribe to one signal by buttons, and from which severity on; then the language."""
    menu = await ada.say("/subscribe energy_price")
    taken = await ada.press(menu, "Price drawdown")
    assert {"✓ Price drawdown", "✓ Energy price", "Hashrate decline"} <= set(labels(taken))
    graver = await ada.press(taken, "from warning")
    every = await ada.press(graver, "critical only")
    dropped = await ada.press(every, "✓ Energy price")
    assert "You will hear about: <b>Price drawdown (all)</b>" in dropped.text
    settings = await ada.say("/settings")
    assert "Sprache: Deutsch" in (await ada.press(settings, "Deutsch")).text
    assert "abonniert: <b>Kursrückgang (alle" in (await ada.say("/subscribe price_drawdown info")).text


async def uses(ada: Person, alert: Sent) -> None:
    """Every button under an alert, those under the chart it gives, refreshing the status, muting."""
    noted = await ada.press(alert, "Acknowledge")
    assert ("✓ Ada" if alert.chat_id < 0 else "✓ Acknowledged") in labels(noted), "others see whose it is"
    assert "Fires ≤ −50.0 %" in (await ada.press(alert, "Why?")).text
    chart = await ada.press(alert, "Chart")
    assert chart.uploads["photo"].startswith(b"\x89PNG")
    wider = await ada.press(chart, "4y")
    method = "editMessageMedia" if chart.ephemeral is None else "editEphemeralMessageMedia"
    assert (wider.method, wider.message_id, wider.ephemeral) == (method, chart.message_id, chart.ephemeral)
    assert "Light" in labels(await ada.press(wider, "Dark"))
    status = await ada.press(alert, "Status")
    assert "🟡 <b>Price drawdown</b> – pending: −60.4 %" in status.text
    renewed = await ada.say("/status")
    assert await ada.notice(renewed, "Refresh") == ""
    muted = await ada.press(alert, "8 h")
    assert any("Unmute" in label for label in labels(muted))
    assert not any("Unmute" in label for label in labels(await ada.press(muted, "Unmute")))


async def test_in_private(tmp_path: Path, telegram: FakeTelegram, providers: Providers) -> None:
    ada, other = Person(telegram, ADA), Person(telegram, CYD, user=CYD)
    async with Program(tmp_path, telegram, providers, POLL_INTERVAL_SECONDS="3"):
        await chooses(other)
        welcome = await ada.say("/start drawdown")
        assert "You will now hear about: <b>Price drawdown</b>" in welcome.text
        pinned = await ada.say("/pin")
        await looked(telegram, providers)
        crash(providers)
        alert = await ada.hears(TOUCHED)
        assert "Quelle: " in (await other.hears(BERUEHRT)).text
        await uses(ada, alert)
        await ada.sees_changed(pinned)
        asked = await other.say("/forget")
        assert "gelöscht" in (await other.press(asked, "Alles löschen")).text


async def test_in_a_group_with_topics(tmp_path: Path, telegram: FakeTelegram, providers: Providers) -> None:
    telegram.strangers.add(BOB)
    ada, bob = Person(telegram, GROUP, TOPIC), Person(telegram, GROUP, TOPIC, BOB)
    elsewhere, stranger = (Person(telegram, GROUP + SECOND, TOPIC, each) for each in (ADA, BOB))
    async with Program(tmp_path, telegram, providers, POLL_INTERVAL_SECONDS="3"):
        telegram.member(GROUP, "left", "member", user_id=ADA)
        assert "/subscribe" in (await ada.hears("Hello!")).text
        offered = await stranger.say("/start")
        assert offered.topic_id == TOPIC
        settings = await stranger.say("/settings")
        for menu, label in ((offered, "Price drawdown"), (offered, "Everything"), (settings, "Deutsch")):
            assert ONLY_ADMINS in await stranger.notice(menu, label)
        assert ONLY_ADMINS in (await stranger.say("/mute 1h")).text
        await chooses(elsewhere)

        await ada.say("/subscribe price_drawdown")
        pinned = await ada.say("/pin")
        assert pinned.topic_id == TOPIC
        await looked(telegram, providers)
        crash(providers)
        alert = await ada.hears(TOUCHED)
        assert alert.topic_id == TOPIC
        assert (await elsewhere.hears(BERUEHRT)).topic_id == TOPIC
        for label in ("Acknowledge", "8 h"):
            assert ONLY_ADMINS in await bob.notice(alert, label)
        assert "Fires" in (await bob.press(alert, "Why?")).text
        await uses(ada, alert)
        await ada.sees_changed(pinned)


async def test_in_a_channel(tmp_path: Path, telegram: FakeTelegram, providers: Providers) -> None:
    telegram.channels |= {CHANNEL, CHANNEL + SECOND}
    telegram.strangers.add(BOB)
    ada = Person(telegram, CHANNEL)
    elsewhere, other_reader = (Person(telegram, CHANNEL + SECOND, user=each) for each in (ADA, BOB))
    async with Program(tmp_path, telegram, providers, POLL_INTERVAL_SECONDS="3"):
        telegram.member(CHANNEL, "left", "administrator", user_id=ADA)
        await telegram.until(lambda: any("/pin" in text for text in telegram.texts(ADA)))
        await chooses(elsewhere)
        await ada.say("/subscribe price_drawdown")
        pinned = await ada.say("/pin")
        await looked(telegram, providers)
        answer = await elsewhere.say("/breakeven s19 7c")
        for label in ("6 €c", "Diagramm", "Halving"):
            assert "Admins" in await other_reader.notice(answer, label)
        assert "(6 Eurocent)" in (await elsewhere.press(answer, "6 €c")).text
        crash(providers)
        alert = await ada.hears(TOUCHED)
        await elsewhere.hears(BERUEHRT)
        links = {button["text"]: button.get("url", "") for button in alert.buttons}
        assert set(links) == {"Why?", "Status"}, "a reader's press must never post into the channel"
        assert all("?start=" in link for link in links.values())
        assert not any("callback_data" in button for button in alert.buttons)
        await ada.sees_changed(pinned)
