"""The year 2022 through the whole program: what chats still say at its end, and what their ends reply to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.app import Program
from bot.charts.job import Drawing, Job
from bot.cli.replay_feed import ReplayFeed
from bot.data.bundle import bundled_readings
from bot.delivery.pacer import Pacer
from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch, FleetSite, Tariff
from bot.settings import Settings
from bot.signals.alert import Alert, AlertKind
from bot.signals.incident import is_open
from storage.chats import chats, fleets
from storage.chats.chats import Address
from storage.database import Database, Store
from storage.signals import alerts
from tests.fakes.connections import read_now, write_now
from tests.fakes.telegram import FakeTelegram, Sent

EVERYTHING, CRITICAL_ONLY, GROUP, CHANNEL = 1, 2, 3, 4  # above 0: nobody counts what groups get
SIGNALS = ("price_drawdown", "hashrate_decline", "miner_outflow", "miner_income", "capitulation")
BEGINNING = datetime(2022, 1, 1, 0, 5, tzinfo=UTC)
_WAITING = """
    SELECT (SELECT count(*) FROM outbox WHERE state = 'leased' OR (state = 'pending' AND next_try_at <= ?)),
        (SELECT count(*) FROM sent_messages WHERE edit_due <= ?)
"""


async def _no_picture(_job: Job) -> Drawing:
    return Drawing(b"\x89PNG")


def _subscribe(db: Database) -> None:
    for chat, kind, severity in (
        (EVERYTHING, "private", 0),
        (CRITICAL_ONLY, "private", 2),
        (GROUP, "supergroup", 1),
        (CHANNEL, "channel", 1),
    ):
        chats.remember(db, Address(chat), kind, BEGINNING)
        chats.subscribe(db, Address(chat), SIGNALS, severity)
    for chat, count in ((EVERYTHING, 1), (GROUP, 40)):
        machine = FleetBatch("Antminer S19 95T", Rig(95, 3250, "Antminer S19"), count)
        fleets.save(db, Address(chat), Fleet((machine,), (FleetSite(tariff=Tariff(0.05)),)))


class Year:
    """The program on the figures of 2022, a day at a time."""

    def __init__(self, api: FakeTelegram, store: Store) -> None:
        self.api = api
        self.store = store
        self.now = BEGINNING
        readings = [
            reading
            for reading in bundled_readings()
            if reading.day is not None and date(2019, 6, 1) <= reading.day <= date(2022, 12, 31)
        ]
        known = [reading for reading in readings if reading.read_at <= self.now]
        self.program = Program(
            Settings(_env_file=None, telegram_api_url=api.url, poll_interval_seconds=86_400),
            store,
            ReplayFeed(readings[len(known) :]),
            token=api.token,
            clock=lambda: self.now,
            bundle=lambda: known,
            pacer=Pacer(float("inf"), chat_gap_s=0.0),
            draw=_no_picture,
        )

    async def pass_day(self) -> None:
        """Poll a day later, and wait until all is sent and edited."""
        self.now += timedelta(days=1)
        await self.program.poll()
        while True:
            sends, edits = await self.store.read(
                lambda db: db.execute(_WAITING, [self.now.isoformat()] * 2).fetchone()
            )
            if not sends and not edits:
                return
            if not sends:
                self.program.editor.wake()
            await asyncio.sleep(0.002)

    def incidents(self) -> dict[int, list[Alert]]:
        """The alerts of every incident."""
        rows = read_now(
            self.store, lambda db: db.execute("SELECT incident, body FROM alerts ORDER BY id").fetchall()
        )
        values: dict[int, list[Alert]] = {}
        for incident, body in rows:
            values.setdefault(incident, []).append(alerts.parse(body))
        return values


@asynccontextmanager
async def _year(folder: Path) -> AsyncIterator[Year]:
    with Store(folder / "test.db") as store:
        async with FakeTelegram() as api:
            api.channels.add(CHANNEL)
            year = Year(api, store)
            await year.program.poll()
            write_now(store, _subscribe)
            async with year.program.running():
                yield year


async def test_at_the_end_of_2022_no_message_says_that_something_fires_which_is_over(tmp_path: Path) -> None:
    async with _year(tmp_path) as year:
        for _ in range(364):
            await year.pass_day()
        incidents = year.incidents()
        shown = read_now(
            year.store,
            lambda db: db.execute(
                "SELECT s.chat_id, s.message_id, a.incident FROM sent_alerts s JOIN alerts a "
                "ON a.id = s.alert_id WHERE s.is_shown"
            ).fetchall(),
        )
        replies = read_now(
            year.store,
            lambda db: db.execute(
                "SELECT o.chat_id, o.message_id, a.incident, a.id FROM outbox o "
                "JOIN alerts a ON a.id = o.alert_id WHERE o.state = 'sent' AND a.incident <> a.id"
            ).fetchall(),
        )
        sent = list(year.api.sent)
    standing = {(message.chat_id, message.message_id): message for message in sent}
    over = {number for number, members in incidents.items() if not is_open(members)}
    told_of: dict[tuple[int, int], set[int]] = {}
    for chat, message, incident in shown:
        told_of.setdefault((chat, message), set()).add(incident)
    assert len(over) > 5
    assert len(told_of) > 40
    for key, about in told_of.items():
        if about <= over:
            assert not _says_that_it_fires(standing[key]), standing[key].text
    firsts = {
        (chat, incident): min(
            number for (where, number), about in told_of.items() if where == chat and incident in about
        )
        for chat, _, incident, _ in replies
        if any(where == chat and incident in about for (where, _), about in told_of.items())
    }
    answered = {
        (message.chat_id, message.message_id): _reply_to(message)
        for message in sent
        if "edit" not in message.method
    }
    for chat, message, incident, _ in replies:
        first = firsts.get((chat, incident))
        if first is not None and first != message:
            assert answered[chat, message] is not None, standing[chat, message].text
    ends = [row for row in replies if incidents[row[2]][-1].kind in (AlertKind.CLEARED, AlertKind.PHASE)]
    assert len(ends) > 10
    assert {message.chat_id for message in sent if "Your S19 " in message.text} == {EVERYTHING}
    assert {message.chat_id for message in sent if "Your 40 machines " in message.text} == {GROUP}
    assert {message.chat_id for message in sent if "An S19 " in message.text} == {CRITICAL_ONLY, CHANNEL}


def _says_that_it_fires(message: Sent) -> bool:
    return message.text.startswith(("🔴", "🟠")) or any(
        button.get("callback_data", "").startswith("k1:") for button in message.buttons
    )


def _reply_to(message: Sent) -> int | None:
    target = json.loads(message.fields.get("reply_parameters", "{}"))
    number = target.get("message_id")
    return number if isinstance(number, int) else None
