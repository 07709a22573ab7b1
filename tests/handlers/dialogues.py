"""Walks through the chat: everything that can be asked, pressed and told, for the transcripts."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from pydantic_core import to_json

from bot.i18n.message import NOTHING, NumberValue, message
from bot.i18n.translator import translator_for
from bot.ledger.flows import SAT_PER_BTC, PoolFlow, SeenMovement
from bot.ledger.pool_table import pool_rows
from bot.signals.alert import Alert, AlertKind
from bot.signals.indicators import Measured, history_so_far
from bot.signals.outflow_stats import ReserveChange, WarmingUp
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import COMPOSITE, SIGNALS, Rule, Severity
from bot.signals.series import Reading, end_of_day
from bot.sources.consensus import value_text
from bot.sources.source_error import joined, with_source
from bot.sources.types import SourceReport
from handlers.views import outflow
from handlers.views.outflow import OutflowEvidence
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database
from storage.outbox.notices import NoticeKind
from tests.fakes.telegram import BOT, Reset
from tests.handlers.program_client import ADA, ADMIN, BOB, CHANNEL, GROUP, NOON, ProgramClient
from tests.handlers.transcript import Transcript

DAY = timedelta(days=1)

Dialogue = Callable[[Transcript], Awaitable[None]]


async def own_topics(x: Transcript) -> None:
    """First contact, settings and everything else that is about the chat itself; eleven days of alerts."""
    client = x.client
    await x.ask("/start", "/start drawdown", "/start watch", "/subscribe", "/subscribe nonsense", chat=ADA)
    x.note("/help", [await client.ask("/help", BOB)])
    await x.ask("/status", "/mute", "/mute 8h", "/mute x", chat=ADA)
    await x.ask("/quiet", "/quiet x", chat=4710)
    (quiet,) = await x.ask("/quiet 22-7 Berlin", chat=4710)
    await x.press(quiet, "q1:c")
    await x.ask("/digest", "/digest weekly", "/digest x", "/digest off", "/settings", chat=4710)
    await x.ask("/pin", "/pin off")
    await x.ask("/privacy", "/export", "/chart", "/chart x", "/chart power.SE4", "/statsu", "/xyzzy", "hm")
    (asked,) = await x.ask("/forget", chat=4711)
    await x.press(asked, "f1:no", "f1:yes")
    for content in (
        {"photo": [{"file_id": "a", "file_unique_id": "a", "width": 9, "height": 9}]},
        {"voice": {"file_id": "a", "file_unique_id": "a", "duration": 9}},
        {"text": "hello", "forward_origin": {"type": "user", "date": 1, "sender_user": BOT}},
        {"location": {"latitude": 52.5, "longitude": 13.4}},
    ):
        before = len(client.api.sent)
        client.api.send(4712, content)
        await client.settled(4712)
        x.note(f"({next(iter(content))})", client.api.sent[before : before + 1])
    before = len(client.api.sent)
    client.api.send(4712, {"text": "/status"}, edited=True)
    await client.settled(4712)
    x.note("(edited)", client.api.sent[before : before + 1])
    await x.ask("/subscribe", "/digest weekly", chat=BOB)
    await x.ask("/mute off", "/mute 10d", chat=ADA)
    before = len(client.api.sent)
    for _ in range(11):
        await client.pass_time(DAY)
        await client.delivered()
        client.now += timedelta(minutes=1)  # two messages to one chat keep their distance
        await client.program.digests()
        await client.delivered()
    messages = sorted(client.api.sent[before:], key=lambda sent: (sent.chat_id, sent.message_id))
    x.note("eleven days", messages)


async def sampler(x: Transcript) -> None:
    """The texts that people read most, short enough to be read in every language."""
    await x.ask("/start", "/status", "/breakeven s19 7c", "/watch price below 15000", "/settings", chat=ADA)
    await subscribed(x, BOB)
    rules = {rule.id: rule for rule in x.client.program.poller.rules}
    for kind in (AlertKind.FIRED, AlertKind.REMINDER, AlertKind.CLEARED):
        x.client.now += timedelta(minutes=1)
        await x.tell(_alert(x.client, rules["price_drawdown.critical"], kind), BOB)
    x.client.now += timedelta(minutes=1)
    await x.tell(_phase_change(x.client, Phase.STRESS, Phase.CAPITULATION), BOB)
    await x.ask("/history price_drawdown", "/network", "/nonsense", chat=ADA)


async def subscribed(x: Transcript, chat: int) -> None:
    """Somebody whose language is known, and who hears of everything."""
    await x.client.ask("/start", chat)

    def work(db: Database) -> None:
        chats.subscribe(db, Address(chat), (*SIGNALS, COMPOSITE), Severity.INFO)

    await x.client.store.write(work)


async def alarms(x: Transcript) -> None:
    """Every rule's alerts of every kind, every change of phase, and the buttons under them."""
    await subscribed(x, BOB)
    x.client.now += timedelta(hours=1)
    history = x.client.program.poller.history
    for index in range(400):
        day = date(2021, 6, 1) + index * DAY
        for series, value in (
            ("btc.miner_outflow", 900.0 + index % 7),
            ("btc.miner_reserve", 40_000.0 - index),
        ):
            history.add(Reading(series, value, end_of_day(day), "ledger:mempool.space", x.client.now, day))
    await x.client.program.context.rule_history()
    rules = x.client.program.poller.rules
    for rule in rules:
        kinds = (
            AlertKind.FIRED,
            AlertKind.CLEARED,
            AlertKind.REMINDER,
            AlertKind.NO_DATA,
            AlertKind.DATA_BACK,
        )
        for kind in kinds if rule.id.startswith("price_drawdown.critical") else kinds[:1]:
            x.client.now += timedelta(minutes=1)
            sent = await x.tell(_alert(x.client, rule, kind), BOB)
    await x.press(sent, "k1:", "c2:", "y1:", "r1:", "m1:3600", "m1:604800")
    await x.ask("/mute off", chat=BOB)
    phases = (Phase.CALM, Phase.STRESS, Phase.CAPITULATION, Phase.RECOVERY, Phase.UNKNOWN)
    for before, after in zip((Phase.UNKNOWN, *phases), phases, strict=False):
        x.client.now += timedelta(minutes=1)
        sent = await x.tell(_phase_change(x.client, before, after), BOB)
    await x.press(sent, "y1:")
    await x.press_data(sent, "y1:999999")
    await x.press_data(sent, "k1:x")
    first = rules[0]
    await x.tell(
        _alert(x.client, first, AlertKind.REMINDER), BOB, queued_at=x.client.now - timedelta(hours=3)
    )
    x.client.now += timedelta(hours=1)
    x.client.api.script(BOB, Reset(after=True))
    again = _alert(
        x.client, next(each for each in rules if each.severity is Severity.CRITICAL), AlertKind.FIRED
    )
    before_all = len(x.client.api.sent)
    await x.tell(again, BOB)
    x.client.now += timedelta(hours=1)
    await x.client.delivered()
    x.note("the same once more, since no answer came", x.client.api.sent[before_all + 1 :])


def _alert(client: ProgramClient, rule: Rule, kind: AlertKind) -> Alert:
    result = rule.indicator(client.program.poller.history, NOON)
    detail = result.detail if isinstance(result, Measured) else result.reason
    over = kind is AlertKind.CLEARED
    level = rule.clear if over else rule.fire
    return Alert(
        rule.id, rule.signal, rule.severity, kind, client.now, rule.title,
        level, threshold=level, clears=rule.clear, quantity=rule.quantity, began=client.now - 5 * DAY,
        lasted=5 * DAY if over else None, worst=1.1 * rule.fire, source="bundled",
        as_of=client.now - timedelta(hours=1), detail=detail,
    )  # fmt: skip


def _phase_change(client: ProgramClient, before: Phase, after: Phase) -> Alert:
    """A change of phase that two signals bear out and one without data doesn't."""
    since, as_of = client.now - 3 * DAY, client.now - DAY
    titles = {rule.signal: rule.title for rule in client.program.poller.rules}
    missing = (
        message("no {series} known yet", series=message("bitcoin price")),
        history_so_far(12, 60),
        message("only {held} of the last {days} days are known", held=NumberValue(12), days=NumberValue(60)),
    )
    legs = (
        SignalEvidence(
            "price_drawdown", True, True, Severity.WARNING, since, as_of, titles["price_drawdown"], missing[0]
        ),
        SignalEvidence(
            "hashrate_decline", False, True, None, None, as_of, titles["hashrate_decline"], missing[1]
        ),
        SignalEvidence("energy_price", False, False, None, None, None, NOTHING, missing[2]),
    )
    return Alert(
        COMPOSITE, COMPOSITE, Severity.CRITICAL, AlertKind.PHASE, client.now, message("phase"),
        began=client.now - 9 * DAY, lasted=9 * DAY, before=before, after=after, evidence=legs,
    )  # fmt: skip


async def past(x: Transcript) -> None:
    """/why and /history of everything, before and after there were alerts."""
    await x.ask("/why", "/why 7", "/why nonsense", "/history nonsense", "/history")
    await x.ask(*(f"/why {signal}" for signal in (*SIGNALS, COMPOSITE)))
    await x.ask(*(f"/history {signal}" for signal in (*SIGNALS, COMPOSITE)))
    await subscribed(x, BOB)
    for rule in x.client.program.poller.rules[:3]:
        x.client.now += timedelta(minutes=1)
        await x.tell(_alert(x.client, rule, AlertKind.FIRED), BOB)
    await x.ask("/why", "/why 1", "/history")
    t = translator_for(x.client.api.language)
    x.write("the ledger's evidence", outflow.outflow_text(*_evidence(), t, [_reading("glassnode")]))
    x.write("the ledger's evidence, hardly begun", outflow.outflow_text(_begun(), t))


def _reading(source: str) -> Reading:
    day = date(2022, 7, 4)
    return Reading("btc.miner_outflow_gross", 8_123.0, end_of_day(day), source, end_of_day(day), day)


def _evidence() -> tuple[OutflowEvidence]:
    day = date(2022, 7, 4)
    pools = [
        PoolFlow(name, 1, mined * SAT_PER_BTC, net * SAT_PER_BTC, each * SAT_PER_BTC, ())
        for name, mined, net, each in (
            [("Foundry USA", 950, 1_210, 2_300), ("MARA Pool", 150, -140, 52_000)]
            + [(f"Pool {number}", 10, 5, 100) for number in range(9)]
        )
    ]
    ways = ((890, False, False), (890, True, False), (890, True, True), (90, False, False))
    movements = [
        SeenMovement(
            "ab" * 32, day, 743_000, "F2Pool", 900 * SAT_PER_BTC, "x", item * SAT_PER_BTC,
            seen_before=row, registered=registered,
        )
        for item, row, registered in ways
    ]  # fmt: skip
    reserve = [ReserveChange(day, 7, 43_000.0, -900.0), ReserveChange(day, 30, 43_000.0, 10_000.0)]
    apart = [("OCEAN", 9), ("Unknown", 3)]
    return (OutflowEvidence(day, pool_rows(pools), movements, apart, True, reserve, 1.42, -0.3),)


def _begun() -> OutflowEvidence:
    day = date(2022, 7, 4)
    warming = WarmingUp(35, 365)
    return OutflowEvidence(day, [], [], [], complete=False, mpi_ratio=warming, mpi_z_score=None)


async def personal(x: Transcript) -> None:
    """/watch and /watches, their buttons, and what a watch tells."""
    await x.ask("/watches", "/watch")
    for line in ("price below 15000", "hashrate drops 10% in 30d for 2d once", "drawdown > 80% every 1d"):
        (offer,) = await x.ask(f"/watch {line}", chat=BOB)
        await x.press(offer, "w1:take")
    (noisy,) = await x.ask("/watch price crosses ma2", chat=BOB)
    await x.press(noisy, "w1:take")
    listed = (await x.ask("/watches", chat=BOB))[0]
    await x.press(listed, "w1:pause")
    (listed,) = await x.ask("/watches", chat=BOB)
    await x.press(listed, "w1:on", "w1:drop")
    (noisy,) = await x.ask("/watch price crosses ma3")
    await x.press(noisy, "w1:gone")
    await x.press_data(noisy, "w1:pause:99999:0")
    await x.press_data(noisy, "w1:pause:")
    for line in (
        "prise belw 60k",
        "price below cheap",
        "power XX above 100",
        "drawdown > 155%",
        "<b>x</b> > 3",
        "price below 60k for ever",
        "price",
    ):
        await x.ask(f"/watch {line}")
    x.client.api.strangers.add(BOB)
    await x.ask("/watch price below 15000", chat=GROUP, user=BOB)
    for line in (
        "price below 15001",
        "price between 10000 and 16000 once",
        "price above 14000 for 10m",
        "price leaves 13500-30000",
        "drawdown > 80%",
    ):
        (offer,) = await x.ask(f"/watch {line}", chat=ADA)
        await x.press(offer, "w1:take")
    before = len(x.client.api.sent)
    for price in (14_900.0, 13_000.0, 17_000.0):
        x.client.now += timedelta(minutes=5)
        x.client.program.poller.history.add(Reading("btc.price", price, x.client.now, "test", x.client.now))
        await x.client.program.poll()
        await x.client.delivered()
    messages = sorted(x.client.api.sent[before:], key=lambda sent: (sent.chat_id, sent.message_id))
    assert messages
    x.note("the watches tell", messages)
    await x.ask("/watches", chat=ADA)
    await x.press(messages[0], "w2:why", "w2:pause", "w2:drop")


async def operators(x: Transcript) -> None:
    """/sources, /stats and /broadcast, and every notice."""
    await x.ask("/sources", "/stats", "/broadcast x")
    await x.ask("/start", "/sources", chat=ADMIN)
    supervisor = x.client.program.supervisor
    await supervisor.polled(x.client.program.poll)
    for name, error in (
        (
            "coinbase",
            joined(
                [
                    message("answered {code} ({words})", code="503", words="service unavailable"),
                    message("sent an empty answer"),
                    message("no key"),
                    message("no key"),
                ],
                2,
            ),
        ),
        (
            "kraken",
            message(
                "rests until {clock} UTC; it {reason}",
                clock="13:00",
                reason=message("gave no answer within {seconds} s", seconds="10"),
            ),
        ),
        (
            "mempool",
            message(
                "{reason}: not believed",
                reason=message(
                    "says {mine} where {source} says {theirs}",
                    mine=value_text("btc.price", 20_100.0),
                    source="kraken",
                    theirs=value_text("btc.price", 19_000.0),
                ),
            ),
        ),
    ):
        supervisor._reports[name] = SourceReport(
            name, False, error, x.client.now - timedelta(hours=5), 12, True
        )
    await x.ask("/sources", "/broadcast", f"/broadcast {'x' * 3600}", chat=ADMIN)
    hooks = ("https://10.0.0.1/x", "http://127.0.0.1:9/x", "http://127.0.0.1:9/y energy_price critical")
    await x.ask("/hook", *(f"/hook {address}" for address in hooks), "/hook rotate 1", chat=ADMIN)
    await x.ask("/hook", "/hook test 3", "/hook secret 2", "/hook remove 1", "/hook remove 2", chat=ADMIN)
    x.lines[:] = [re.sub(r"whsec_[A-Za-z0-9+/=]+", "whsec_#", line) for line in x.lines]
    (_stats,) = await x.ask("/stats", chat=ADMIN)
    version, *lines, sizes = x.lines[-1].split("\n")
    x.lines[-1] = "\n".join(
        [
            re.sub(r"minerwatch .*", "minerwatch #</b>, up #", version),
            *lines,
            re.sub(r"\d[\d.,]*", "#", sizes),
        ]
    )
    (draft,) = await x.ask("/broadcast Back at <18:00>", chat=ADMIN)
    await x.press(draft, "a1:drop")
    (draft,) = await x.ask("/broadcast Back at <18:00>", chat=ADMIN)
    await x.press(draft, "a1:send")
    await x.client.delivered()
    await x.press(draft, "a1:send")
    x.client.now += timedelta(hours=2)
    await x.press(draft, "a1:send")
    now = x.client.now
    since = (now - timedelta(hours=3)).isoformat()
    holding = {"symbol": "CORZ", "name": "Core Scientific", "before_btc": 9618.0, "after_btc": 1959.0}
    jumped = message(
        "{reason}, and no second provider confirms it",
        reason=with_source(
            "kraken",
            message(
                "jumped from {before} to {after}",
                before=value_text("btc.price", 20_000),
                after=value_text("btc.price", 40_000),
            ),
        ),
    )
    silent = joined(
        [
            with_source("energy_charts", message("gave no answer within {seconds} s", seconds="10")),
            with_source("awattar", message("can't be reached")),
        ]
    )
    failed = message("the poll failed: {error}", error="OSError")
    refused = [["btc.price", "kraken, coinbase", jumped], ["power.DE-LU", "energy_charts", silent]]
    why = [
        with_source("kraken", message("answered {code} ({words})", code="503", words="service unavailable")),
        with_source("coinbase", message("can't be reached: the connection failed")),
    ]
    for kind, facts in (
        (NoticeKind.BROADCAST, {"text": "Back at <18:00>"}),
        (NoticeKind.OUTAGE_STARTED, {"since": since, "polls": 36, "why": why}),
        (
            NoticeKind.OUTAGE_STARTED,
            {"since": since, "polls": 3, "why": [failed]},
        ),
        (NoticeKind.OUTAGE_ENDED, {"since": since}),
        (NoticeKind.UNCLEAN_STOP, {"seen": since, "now": now.isoformat()}),
        (NoticeKind.SERIES_REJECTED, {"series": refused}),
        (NoticeKind.SERIES_ACCEPTED, {"series": refused}),
        (NoticeKind.HOLDINGS_FELL, holding | {"read_at": since}),
    ):
        await x.notify(kind, to_json(facts).decode(), ADMIN)


async def trouble(x: Transcript) -> None:
    """Errors, buttons nobody may press, floods, groups, channels, and questions in any chat."""
    client = x.client
    (menu,) = await x.ask("/subscribe", chat=GROUP)
    client.api.strangers.add(BOB)
    await x.ask("/subscribe", "/mute 1h", "/quiet 22-7", "/digest 8:00", "/pin", chat=GROUP, user=BOB)
    before = len(client.api.answered)
    for data in ("s1:all", "m1:3600", "q1:c", "d1:x", "r1:new", "c1:price:365:0:", "zz:1"):
        client.api.press(GROUP, menu.message_id, data, user_id=BOB)
    await client.api.until(lambda: len(client.api.answered) >= before + 7)
    x.note_answers("a stranger presses the buttons", client.api.answered[before:])
    await client.settled(GROUP)
    await x.press_data(menu, "s1:weather")
    await x.press_data(menu, "m1:forever")
    await x.press_data(menu, "c1:weather:365:0:")
    client.api.channels.add(CHANNEL)
    for chat in (-1011, CHANNEL):
        sent = len(client.api.sent)
        client.api.member(chat, "left", "member" if chat != CHANNEL else "administrator", user_id=ADA)
        await client.api.until_sent(sent + 1)
        x.note("added to a group" if chat != CHANNEL else "added to a channel", client.api.sent[sent:])
    questions = ("s19 7c", "status", "", "what is this")
    answered = len(client.api.answered)
    for question in questions:
        client.api.ask_inline(ADA, question)
    await client.api.until(lambda: len(client.api.answered) >= answered + len(questions))
    answers = sorted(client.api.answered[answered:], key=lambda one: int(one["inline_query_id"]))
    for question, answer in zip(questions, answers, strict=True):
        for result in json.loads(answer["results"]):
            x.write(f"@bot {question}", f"{result['title']} · {result['description']}")
            x.write("it would send", result["input_message_content"]["message_text"])
    poller = client.program.poller
    newest, poller.answers = poller.answers, None  # type: ignore[assignment]  # so that the next question fails
    await x.ask("/breakeven s19 7c")
    poller.answers = newest
    for _ in range(60):
        client.api.say(4242, "/nonsense")

    def floods() -> list[str]:
        return [text for text in client.api.texts(4242) if "nonsense" not in text]  # else that is answered

    await client.api.until(lambda: bool(floods()))
    x.write("too much at once", floods()[0])
