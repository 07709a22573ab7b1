"""Killed in the middle of a thousand edits, a real process leaves no message saying what is no longer so."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.i18n.message import NOTHING
from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import Severity
from storage import outbox
from storage.migrations import migrate
from storage.outbox.suppression import REPEAT_INTERVAL
from storage.sqlite.file_engine import connect, transaction
from tests.delivery.crash_loop import sender_process
from tests.delivery.delivery_fixture import add_chats
from tests.fakes.telegram import FakeTelegram, Sent

CHATS = 1000
KILLED_AFTER = (150, 500, 850)  # edits


def _queue(path: Path, kind: AlertKind, now: datetime) -> None:
    alert = Alert(
        "price_drawdown.warning",
        "price_drawdown",
        Severity.WARNING,
        kind,
        now,
        NOTHING,
        began=_BEGAN,
        as_of=now,
    )
    database = connect(path)
    with transaction(database) as db:
        outbox.queue_alerts(db, [alert], now)
    database.close()


_BEGAN = datetime(2022, 6, 1, tzinfo=UTC)


async def test_killed_during_a_thousand_edits_every_chat_reads_the_end(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    database = connect(path)
    migrate(database)
    with transaction(database) as db:
        add_chats(db, range(1, CHATS + 1))
    database.close()
    async with FakeTelegram() as api:

        async def deliver(kill_after_edits: int | None = None) -> None:
            sender = await sender_process(path, api.url, 5000, 5.0)
            if kill_after_edits is not None:
                await api.until(lambda: api.calls["editMessageText"] >= kill_after_edits, 60)
                sender.kill()
            await sender.communicate()
            assert sender.returncode == (0 if kill_after_edits is None else -9)

        _queue(path, AlertKind.FIRED, datetime.now(UTC) - REPEAT_INTERVAL)
        await deliver()
        _queue(path, AlertKind.CLEARED, datetime.now(UTC))
        for edits in KILLED_AFTER:
            await deliver(edits)
        await deliver()
        sent = list(api.sent)
    firsts = {message.chat_id: message.message_id for message in sent[:CHATS]}
    last = {(message.chat_id, message.message_id): message.text for message in sent}
    assert len(firsts) == CHATS
    assert {last[chat, message] for chat, message in firsts.items()} == {"over"}
    ends = [message for message in sent[CHATS:] if message.method == "sendMessage"]
    assert {message.chat_id for message in ends} == set(firsts)
    assert all(_reply_to(message) == firsts[message.chat_id] for message in ends)


def _reply_to(message: Sent) -> int:
    target: int = json.loads(message.fields["reply_parameters"])["message_id"]
    return target
