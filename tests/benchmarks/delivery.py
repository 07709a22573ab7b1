"""Delivery against an enforcing Bot API server, beside the libraries' own ways, in the same run."""

import json
import math
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage import outbox
from storage.database import Database, Store
from tests.benchmarks._server import Server, play, serving, table
from tests.delivery.delivery_fixture import add_alert, add_chats
from tests.fakes.connections import write_now

BROADCAST = 600
PAID = 20_000
UNLIMITED = 20_000
REPLIES = (500, 8)  # chats, messages of each
ASKING_S = 30


def _now() -> datetime:
    return datetime.now(UTC)


def queueing() -> None:
    """How long the poll's transaction is held up by a large fan-out."""
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "m.db") as store:

        def subscribe(db: Database) -> None:
            add_chats(db, range(1, 100_001))
            add_alert(db, 1)

        write_now(store, subscribe)
        started = time.perf_counter()
        count = write_now(store, lambda db: outbox.enqueue(db, 1, _now()))
        rows.append(["alert to 100,000 subscribers", count, time.perf_counter() - started, 2.0])
    table("Queueing", ["what", "rows", "seconds", "at most"], rows)


def _broadcast(
    server: Server, count: int, limit: float | None, name: str, *arguments: object
) -> list[object]:
    player = play(name, server.url, count, *arguments)
    text, _ = player.communicate()
    if player.returncode != 0:
        return [name, "failed"]
    own = json.loads(text)
    figures = server.figures()
    taken = figures["taken"]
    rate = (taken - 1) / (figures["last_at"] - figures["first_at"])
    return [
        " ".join([name, *map(str, arguments)]),
        figures["chats"],
        count - figures["chats"],
        figures["doubled"],
        figures["refused"].get("429", 0),
        rate,
        rate / limit if limit else "",
        own["rss_mib"],
    ]


_HEADS = ["who", "delivered", "lost", "doubled", "429s", "per second", "of limit", "RSS MiB"]


def broadcast() -> None:
    """To 600 chats under an enforced 30/s."""
    contestants: list[tuple[object, ...]] = [
        ("ptb",), ("ptb", 0), ("ptb", 5), ("aiogram3",), ("minerwatch", 30),
    ]  # fmt: skip
    rows = []
    for name, *arguments in contestants:
        with serving(per_second=30, burst=30, strict=False) as server:
            rows.append(_broadcast(server, BROADCAST, 30, str(name), *arguments))
    table(
        f"Broadcast to {BROADCAST} chats, 30/s enforced, burst of 30 (ptb N: AIORateLimiter, N retries)",
        _HEADS,
        rows,
    )
    with serving(per_second=30) as server:
        rows = [_broadcast(server, BROADCAST, 30, "minerwatch", 30)]
    table("The same without burst: every gap enforced, a 429 closes the door", _HEADS, rows)


def paid() -> None:
    """A paid broadcast, then no limit at all."""
    with serving(per_second=1000, window=True, latency_s=0.05) as server:
        rows = [_broadcast(server, PAID, 1000, "minerwatch", 1000)]
    table(f"Paid broadcast to {PAID:,} chats, 1,000/s enforced, 50 ms latency", _HEADS, rows)
    rows = []
    for latency_s in (0.0, 0.05):
        with serving(latency_s=latency_s) as server:
            rows.append(
                [f"{latency_s * 1000:.0f} ms", *_broadcast(server, UNLIMITED, None, "minerwatch", math.inf)]
            )
        with serving(latency_s=latency_s) as server:
            rows.append([f"{latency_s * 1000:.0f} ms", *_broadcast(server, UNLIMITED // 10, None, "ptb")])
    table("No limit at all", ["latency", *_HEADS], rows)


def _replies(name: str, *arguments: object) -> float:
    """Replies a second to a crowd, 50 ms latency; 0 when not all were answered, or out of order."""
    chats, each = REPLIES
    with serving(forgetful=False, latency_s=0.05) as server:
        player = play(name, server.url, *arguments)
        try:
            assert player.stdout is not None
            player.stdout.readline()
            server.wait(lambda figures: figures["calls"].get("getUpdates", 0) > 0, 20)
            server.tell("crowd", chats=chats, each=each)
            figures = server.wait(lambda figures: figures["taken"] >= chats * each, 120)
            sent = server.ask("sent")
        finally:
            player.kill()
            player.communicate()
    if figures["taken"] < chats * each:
        return 0.0
    return float((figures["taken"] - 1) / (figures["last_at"] - figures["first_at"])) * _in_order(sent)


def _in_order(sent: list[dict[str, Any]]) -> int:
    values: dict[int, int] = {}
    for each in sent:
        if int(each["text"]) < values.get(each["chat_id"], -1):
            return -1
        values[each["chat_id"]] = int(each["text"])
    return 1


def replies() -> None:
    """Throughput of replies; a rate below zero was out of order within some chat."""
    chats, each = REPLIES
    rates = {
        "aiogram 3": _replies("aiogram_replies"),
        "ptb, 256 at once": _replies("ptb_replies", 256),
        "ptb, 24 at once": _replies("ptb_replies", 24),
        "minerwatch": _replies("minerwatch_replies"),
    }
    base = abs(rates["aiogram 3"])
    rows: list[list[object]] = [
        [name, abs(rate), abs(rate) / base, "yes" if rate > 0 else "no"] for name, rate in rates.items()
    ]
    table(
        f"Replies to {chats} chats of {each} messages each, 50 ms latency",
        ["who", "per second", "of aiogram", "in order"],
        rows,
    )


def waiting() -> None:
    """How long a person waits for an answer in the middle of a broadcast to 10,000 at 30/s."""
    with serving(forgetful=False, per_second=30, window=True, latency_s=0.05) as server:
        player = play("minerwatch_replies", server.url, 30, 10_000)
        try:
            assert player.stdout is not None
            player.stdout.readline()
            server.wait(lambda figures: figures["taken"] > 30, 20)
            asked = {}
            for number in range(ASKING_S * 5):
                chat = 1_000_000 + number
                asked[chat] = time.monotonic()
                server.tell("say", chat_id=chat, text="/status")
                time.sleep(0.2)
            time.sleep(2)
            sent = server.ask("sent")
            figures = server.figures()
        finally:
            player.kill()
            player.communicate()
    waits = sorted(each["at"] - asked[each["chat_id"]] for each in sent if each["chat_id"] in asked)
    table(
        "Answers while 10,000 messages go out at 30/s, 5 questions a second, 50 ms latency",
        ["asked", "answered", "p50 ms", "p99 ms", "worst ms", "per second", "429s"],
        [[
            len(asked), len(waits), waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000,
            waits[-1] * 1000, (len(sent) - 1) / (sent[-1]["at"] - sent[0]["at"]),
            figures["refused"].get("429", 0),
        ]],
    )  # fmt: skip


def main() -> None:
    """All of it, about five minutes."""
    queueing()
    broadcast()
    paid()
    replies()
    waiting()
