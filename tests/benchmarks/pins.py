"""Pinned statuses, 100 to 10,000: the calls that one renewal costs as texts and as shared widgets.

Calls are what Telegram counts: at 30 a second 10,000 edits take five and a half minutes of sending.
The editor runs for real against a transport that answers at once; of the widgets each language has its own.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from bot.charts.picture_cache import ChartCache
from bot.data.catalogue import load_machines
from bot.delivery.destinations.destination_transport import DestinationConfig
from bot.delivery.editor import Editor
from bot.delivery.outcomes import Delivered, EditRequest, Outcome, OutgoingMessage, SendRequest
from bot.delivery.pacer import Pacer
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.market import Market
from bot.settings import WidgetKind
from bot.signals.evaluation import RuleStates
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.snapshot import StatusView
from handlers.commands import pin
from handlers.context import HandlerContext, SentWidget
from storage.chats import shared_widgets
from storage.chats.shared_widgets import SharedWidget
from storage.database import Database, Store
from storage.outbox import EditContent
from tests.fakes.drawing import draw_here
from tests.handlers.handler_client import NoProgram, empty_rule_history

SIZES = (100, 1_000, 10_000)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
BUDGET_PER_S = 30.0


class _Calls:
    """Answers every call at once and counts it: the editor's transport, and what sends widgets."""

    def __init__(self) -> None:
        self.count = 0

    def split(self, request: SendRequest) -> list[SendRequest]:
        return [request]

    async def send(self, request: SendRequest) -> Outcome:
        raise AssertionError("nothing is sent here")

    async def edit(self, request: EditRequest) -> Outcome:
        self.count += 1
        return Delivered(request.message_id)

    def offers(self, kind: WidgetKind) -> bool:
        return True

    async def edit_shared(self, widget_id: str, data: str) -> bool:
        self.count += 1
        return True


class _Widgets(_Calls):
    async def send(self, *_: object, **__: object) -> SentWidget | None:  # type: ignore[override]
        raise AssertionError("nothing is sent here")

    async def create_shared(self, *_: object, **__: object) -> SentWidget | None:
        raise AssertionError("nothing is sent here")

    async def send_shared(self, *_: object, **__: object) -> SentWidget | None:
        raise AssertionError("nothing is sent here")


def main() -> None:
    """Print the table."""
    sys.stdout.write(
        f"{'pins':>7} {'edits':>7} {'budget':>9} {'CPU':>8} {'widget calls':>13} {'budget':>9} {'CPU':>8} "
        f"{'ratio':>8}\n"
    )
    for size in SIZES:
        texts, texts_cpu = asyncio.run(_renewal(size, as_widgets=False))
        widgets, widgets_cpu = asyncio.run(_renewal(size, as_widgets=True))
        sys.stdout.write(
            f"{size:>7,} {texts:>7,} {texts / BUDGET_PER_S:>7.1f} s {texts_cpu:>6.2f} s {widgets:>13} "
            f"{widgets / BUDGET_PER_S:>7.2f} s {widgets_cpu:>6.2f} s {texts / widgets:>8,.0f}\n"
        )
        sys.stdout.flush()


async def _renewal(size: int, *, as_widgets: bool) -> tuple[int, float]:
    """Renew so many pins once; gives the calls and the processor time."""
    widgets = _Widgets()
    with TemporaryDirectory() as folder, Store(Path(folder) / "bench.db") as store:
        context = HandlerContext(
            store=store,
            catalogue=load_machines(),
            market=lambda: Market(NOW),
            status=lambda: StatusView(default_rules(("DE-LU",)), RuleStates(), None),
            history=History,
            rule_history=empty_rule_history,
            clock=lambda: NOW,
            charts=ChartCache(draw_here),
            program=NoProgram(),
            admins=frozenset(),
            max_watches=50,
            wake_relay=lambda: None,
            destinations=DestinationConfig(key=b"", services={}),
            widgets=widgets,
        )

        def render(content: EditContent, _now: datetime) -> OutgoingMessage:
            return pin.board(context, translator_for(content.language))

        await store.write(lambda db: _fill(db, size, as_widgets=as_widgets))
        began = process_time()
        await pin.refresh(context)
        calls = _Calls()
        editor = Editor(store, calls, Pacer(float("inf"), chat_gap_s=0.0), render, lambda: NOW)
        editing = asyncio.create_task(editor.run())
        while await store.read(_is_due):  # noqa: ASYNC110 - the database alone knows
            await asyncio.sleep(0.01)
        editing.cancel()
        return calls.count + widgets.count, process_time() - began


def _fill(db: Database, size: int, *, as_widgets: bool) -> None:
    """So many chats in five languages, each with a pinned status of an hour ago."""
    ago = NOW - timedelta(hours=1)
    languages = dict(zip(range(1, size + 1), cycle(LANGUAGES)))
    db.executemany(
        "INSERT INTO chats (chat_id, topic_id, kind, created_at) VALUES (?, 0, 'private', ?)",
        [(chat, ago.isoformat()) for chat in languages],
    )
    db.executemany(
        "INSERT INTO chat_settings (chat_id, topic_id, language) VALUES (?, 0, ?)", list(languages.items())
    )
    db.executemany(
        "INSERT INTO sent_messages (chat_id, topic_id, message_id, kind, text_digest, edited_at, widget_id) "
        "VALUES (?, 0, 1, 'status', 'old:old', ?, ?)",
        [(chat, ago.isoformat(), code if as_widgets else None) for chat, code in languages.items()],
    )
    for code in LANGUAGES if as_widgets else ():
        shared_widgets.save(db, SharedWidget(code, code, "", ago))


def _is_due(db: Database) -> bool:
    return db.execute("SELECT 1 FROM sent_messages WHERE edit_due IS NOT NULL LIMIT 1").fetchone() is not None
