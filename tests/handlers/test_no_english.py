"""In another language than English no English is left, whatever is asked, pressed or told unasked."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from bot.charts.spec import ChartKind
from bot.i18n.message import NumberValue, message
from bot.i18n.translator import translator_for
from bot.mining.fleet_alerts import ProfitabilityChange
from bot.mining.fleet_hours import DayAhead, Loss
from bot.mining.market import Market
from bot.mining.parsing.keyword_table import KEYS
from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.signals.series import SERIES
from bot.sources.source_error import with_source
from bot.watches.metrics import AVERAGED, PLAIN_KEYS
from handlers.commands import breakeven, fleet, machines, network, pin, whatif
from handlers.events import free_text
from handlers.html import html
from handlers.registry import COMMANDS
from handlers.views import fleet as fleet_view
from handlers.views import notices
from storage.outbox.notices import NoticeKind
from tests.fakes.telegram import BOT, Sent
from tests.handlers.handler_client import HandlerClient, handlers_running
from tests.handlers.program_client import ADMIN, BOB, CHANNEL, GROUP, NOON, ProgramClient, running_program
from tests.handlers.pseudo_locale import CODE, english, spoken
from tests.mining.market import AT, NOVEMBER_2026, fact, slots

ASKED = {
    "start": ("/start", "/start drawdown", "/start watch", "/start watch-price-below-60000"),
    "help": (),
    "price": ("/price",),
    "hashprice": ("/hashprice",),
    "difficulty": ("/difficulty",),
    "retarget": ("/retarget",),
    "halving": ("/halving",),
    "fees": ("/fees",),
    "about": ("/about", "/about price"),
    "holdings": ("/holdings", "/holdings riot"),
    "hashrate": ("/hashrate",),
    "currency": ("/currency", "/currency moon", "/currency EUR", "/price"),
    "unmute": ("/unmute",),
    "test": ("/test",),
    "share": ("/share", "/share fleet", "/share s19 7c", "/share s19 vs s21 7c"),
    "keyboard": ("/keyboard", "/keyboard off", "/keyboard blue"),
    "subscribe": (
        "/subscribe",
        "/subscribe nonsense",
        "/subscribe price_drawdown critical",
        "/subscribe only energy_price",
    ),
    "unsubscribe": ("/unsubscribe", "/unsubscribe price_drawdown"),
    "status": ("/status",),
    "history": (
        "/history",
        "/history price_drawdown",
        "/history energy_price",
        "/history nonsense",
        "/history 2022",
        "/history 2012-06",
    ),
    "why": (
        "/why",
        "/why 999",
        "/why nonsense",
        *(f"/why {name}" for name in ("capitulation", "price_drawdown", "hashrate_decline")),
        *(f"/why {name}" for name in ("energy_price", "miner_outflow")),
    ),
    "watch": (
        "/watch",
        "/watch price below 15000",
        "/watch power FR above 100",
        "/watch price crosses ma2",
        "/watch nonsense",
        "/watch nonsense > 1",
        "/watch hashrate drops 5% in 1h",
        "/watch record",
        "/watch power XX above 100",
        "/watch price below -5",
        "/watch price below 5 EUR",
        "/watch difficulty below 5 EUR",
        "/watch price below 1e300",
        "/watch price below 99999999999999999999",
        "/watch drawdown above 200%",
        "/watch nonsense drops 5% in 7d",
        "/watch hashrate drops 500% in 7d",
        "/watch gas above ma200",
        "/watch price above ma9999",
        "/watch gas record high",
        "/watch price leaves 9-5",
        "/watch price > 10k and price > 20k",
        "/watch price > 20k and price < 10k",
        "/watch price > 10k and price > 20k and price > 30k",
        "/watch price leaves 10k-20k and price > 10k",
        "/watch price < 10k for 99d",
        "/watch price < 10k for 0d",
        "/watch price < 10k every 1m",
        "/watch price < 10k every 1d once",
        "/watch price < 10k until nonsense",
        "/watch price < 10k until 2020-01-01",
        f"/watch {'1' * 300}",
    ),
    "watches": ("/watch price below 15000", "/watch fees > 1 for 2d once", "/watches"),
    "chart": ("/chart", "/chart nonsense", "/chart power.SE4", "/chart hashprice 90d dark"),
    "mute": ("/mute", "/mute 8h", "/mute nonsense", "/mute off"),
    "quiet": ("/quiet", "/quiet 22-7 Europe/Berlin", "/quiet nonsense", "/quiet off"),
    "digest": ("/digest", "/digest 8:00", "/digest monday 9", "/digest nonsense", "/digest off"),
    "settings": ("/settings",),
    "pin": ("/pin", "/pin off"),
    "privacy": ("/privacy",),
    "export": ("/export",),
    "forget": ("/forget",),
    "sources": ("/sources",),
    "stats": ("/stats",),
    "broadcast": ("/broadcast", "/broadcast 123", f"/broadcast {'1' * 3600}"),
    "hook": (
        *("/hook", "/hook https://10.0.0.1/", "/hook https://1:2@1.1.1.1/", "/hook https://1.1.1.1/#1"),
        *("/hook 1", "/hook http://1.1.1.1/", "/hook https://1.1.1.1/ 1", "/hook https://1.invalid/"),
        *("/hook http://127.0.0.1:9/", "/hook http://127.0.0.1:9/1 energy_price", "/hook"),
        *("/hook test 1", "/hook secret 1", "/hook rotate 1", "/hook remove 1", "/hook remove 1"),
    ),
}
"""What is asked of the running program, by command; every button under an answer is pressed too."""

RECKONED = {
    "breakeven": (
        "/breakeven s19 0,07",
        "/breakeven s21 5c fee=2% uptime=95% cost=3000 pue=1,1 fixed=1 price=60.000 difficulty=100T",
        "/breakeven s21 5c fees=0,05",
        "/breakeven s21 5c network=900EH subsidy=3,125",
        "/breakeven S19j Pro 100 6c",
        "/breakeven s21 0",
        "/breakeven s21 5c fee=100%",
        "/breakeven s21 5c fixed=100",
        "/breakeven 110TH 3250W 0,03 €/kWh",
        "/breakeven price at which my s19 dies at 7c",
        "/breakeven price at which my s21 dies at 5c",
        "/breakeven price at which my s21 dies at 0c",
        "/breakeven price at which my s21 dies at 5c fee=100%",
        "/breakeven max power price for s21",
        "/breakeven max power price for s21 fixed=100",
        "/breakeven which difficulty s21 5c",
        "/breakeven which difficulty s21 0",
        "/breakeven payback s21 5c",
        "/breakeven payback s21 5c cost=3000",
        "/breakeven payback s9 9c cost=3000",
        "/breakeven",
        "/breakeven s20 7c",
        "/breakeven toaster 7c",
        "/breakeven s19 m30s 7c",
        "/breakeven s19 300T 7c",
        "/breakeven 10 s19 7c",
        "/breakeven s19 7c 8c",
        "/breakeven s19 500",
        "/breakeven s19 7c 2%",
        "/breakeven s19 7c colour=red",
        "/breakeven s19 7c price=abc",
        "/breakeven s19 7c pue=0",
        "/breakeven s19 7c fee=2",
        "/breakeven s19 7c subsidy=99",
        "/breakeven 1e309TH 3250W 7c",
        "/breakeven 0TH 3250W 7c",
        "/breakeven s19 cheap",
        "/breakeven 110TH 7c",
        "/breakeven 3250W 7c",
        f"/breakeven {'s19 ' * 200}",
        "S19 0,07 $",
        "s19?",
    ),
    "whatif": (
        "/whatif s19 price=40000 hashrate=-10% power=0,05 fees=+50% halving=yes",
        "/whatif price=-20%",
        "what if a tenth of the hashrate leaves",
        "what if the price goes to 40k, s19 at 7c",
        "what if the price falls",
        "/whatif s21 5c hashrate=+25%",
        "/whatif s21 5c hashrate=900EH fees=0,1 difficulty=100T",
        "/whatif s21 5c fee=100% difficulty=+5%",
        "/whatif halving=no",
        "/whatif halving=x",
        "/whatif",
        "/whatif price=x",
        "/whatif power=x",
        "/whatif fees=1 fees=2",
        "/whatif s19 7c hashrate=-100%",
        f"/whatif {'s19 ' * 200}",
    ),
    "fleet": (
        "/fleet",
        "/fleet hours",
        "/fleet add 10 s19j pro, 5 m30s++, 20 s21 power 6,5c fee 2%",
        "/fleet hours",
        "/fleet add 4 x 270,5TH 3.645W",
        "/fleet remove m30s++",
        "/fleet remove m30s++",
        "/fleet remove s19j pro",
        "/fleet power DE-LU + 1c",
        "/fleet hours",
        "/fleet power DE-LU",
        "/fleet power FR",
        "/fleet add 0 s19",
        "/fleet add s19 s21",
        "/fleet add toaster",
        "/fleet add s20",
        "/fleet add 270TH",
        "/fleet add 9999999 s19",
        "/fleet power cheap",
        "/fleet power DE-LU + cheap",
        "/fleet fee 101%",
        f"/fleet {'s19 ' * 400}",
        "/fleet clear",
        "/fleet add 1 s9 power 50c",
        "/fleet clear",
        "/fleet add 1 s21 power 0c",
        "/fleet clear",
        "/fleet add 1 s21",
    ),
    "network": ("/network",),
    "machines": ("/machines", "/machines s19", "/machines m", "/machines s20", "/machines toaster"),
}
"""What is asked of the calculator, on a market in which everything is known."""

MIDNIGHT = datetime(2026, 11, 20, 23, tzinfo=UTC)
KNOWN = replace(
    NOVEMBER_2026, day_ahead={"DE-LU": slots(MIDNIGHT, [30.0] * 6 + [60.0] * 6 + [120.0] * 6 + [40.0] * 6)}
)
FIGURES = ((*PLAIN_KEYS,), ("price", "hashrate", "difficulty", "gas"), ("price", "hashrate", "difficulty"))
TRADED = tuple(zone for zone in ZONES if zone not in ENDED_ZONES)
LISTS = tuple(", ".join(one) for one in (sorted(KEYS), ZONES, TRADED, ChartKind, *FIGURES))
KEYWORDS = (*(f"{key}: " for key in (*KEYS, "halving")), "fees")
PROVIDERS = ("mempool", "frankfurter", "kraken", "coinbase", "CoinGecko")
TYPED = (
    "gone",
    "toaster",
    "nonsense",
    "cheap",
    "colour",
    "red",
    "abc",
    "no such",
    "s20",
    "1e309TH 3250W 7c",
    "falls",
    "sats",
    "moon",
)
WATCH_GRAMMAR = ("above", "below", "drops", "in 30")  # what a button would type, in the words of the command
SAID_BACK = {
    "watch": (*AVERAGED, *WATCH_GRAMMAR, "power", "record", "xx", "5 eur"),
    "about": ("minerwatch", "MIT"),
    "holdings": ("Riot Platforms",),
}
OLD_BUTTONS = ("a1", "c2", "d1", "e1", "k1", "m1", "q1", "r1", "s1", "w1", "w2", "y1", "z9")
PEOPLE = ("Ada", "Miners", "Ada · ")


def test_every_command_is_asked() -> None:
    assert {command.name for command in COMMANDS} == {*ASKED, *RECKONED}


@pytest.fixture
async def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProgramClient]:
    with spoken(monkeypatch):
        async with running_program(tmp_path) as failure:
            failure.api.language = CODE
            yield failure


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HandlerClient]:
    with spoken(monkeypatch):
        topics = (breakeven, whatif, fleet, machines, network, free_text)
        async with handlers_running(tmp_path, KNOWN, topics) as failure:
            failure.api.language = CODE
            yield failure


def words(sent: Sequence[Sent]) -> list[str]:
    """All the text of some messages and of the buttons under them."""
    return [text for each in sent for text in (each.text, *(html(button["text"]) for button in each.buttons))]


def forgotten(said: Sequence[str], echoed: Sequence[str] = ()) -> list[str]:
    """What of it no catalogue could translate."""
    left = (english(text, echoed=(*TYPED, *PEOPLE, *LISTS, *PROVIDERS, *echoed)) for text in said)
    return sorted({item for each in left for item in each})


async def heard(client: ProgramClient, asked: Sequence[str]) -> list[str]:
    """What the program answers, also to the buttons under its answers. An operator may ask without end."""
    texts: list[str] = []
    for text in asked:
        client.api.say(ADMIN, text)
        answers = await client.settled(ADMIN)
        texts += words(answers)
        for answer in answers:
            for button in answer.buttons:
                if button["callback_data"].startswith("e1:l:"):
                    continue  # another language
                texts.append(html(await client.press_data(answer, button["callback_data"])))
                texts += words(await client.settled(ADMIN))
    return texts


def sources(client: ProgramClient) -> set[str]:
    """Who the figures come from: names."""
    history = client.program.poller.history
    values = {newest.source for name in SERIES if (newest := history.newest(name)) is not None}
    return {source.partition(" (")[0] for source in values} - {"computed", "company reports"}


@pytest.mark.parametrize("command", ASKED)
async def test_what_is_asked(client: ProgramClient, command: str) -> None:
    text = (
        words([await client.ask("/help", ADMIN)])
        if command == "help"
        else await heard(client, ASKED[command])
    )
    assert forgotten(text, [*sources(client), *SAID_BACK.get(command, ())]) == []


@pytest.mark.parametrize("command", RECKONED)
async def test_what_is_reckoned(chat: HandlerClient, command: str) -> None:
    reply = words([await chat.ask(text) for text in RECKONED[command]])
    assert forgotten(reply, KEYWORDS) == []


async def test_pressed_under_reckonings(chat: HandlerClient) -> None:
    answer = await chat.ask("/breakeven s21 5c")
    text = words(
        [await chat.press_data_for_message(answer, button["callback_data"]) for button in answer.buttons]
    )
    assert forgotten(text) == []


async def test_reckoned_without_readings(chat: HandlerClient) -> None:
    asked = ("/breakeven s19 7c", "/whatif price=1k", "/fleet add 1 s19", "/network")
    chat.market = Market(AT)
    reply = words([await chat.ask(each) for each in asked])
    chat.market = replace(NOVEMBER_2026, difficulty=None)
    reply += words([await chat.ask(each) for each in asked])
    chat.market = replace(NOVEMBER_2026, eur_usd=None)
    reply += words(
        [
            await chat.ask("/breakeven s19 0,07€"),
            await chat.ask("/fleet power DE-LU + 1c"),
        ]
    )
    chat.market = replace(KNOWN, eur_usd=None)
    reply += words([await chat.ask("/fleet")])
    chat.market = replace(NOVEMBER_2026, btc_price_usd=fact(81_445.0, age=timedelta(hours=5)))
    reply += words([await chat.ask("/breakeven s19 7c")])
    assert forgotten(reply) == []


async def test_asked_in_any_chat(client: ProgramClient) -> None:
    async def ask(words: str) -> list[dict[str, Any]]:
        before = len(client.api.answered)
        client.api.ask_inline(ADMIN, words)
        await client.api.until(lambda: len(client.api.answered) > before)
        body: list[dict[str, Any]] = json.loads(client.api.answered[before]["results"])
        return body

    queries = ("s19 7c", "status", "", "toaster", "what if btc drops 20%")
    results = [each for asked in queries for each in await ask(asked)]
    assert len(results) == 6
    texts = [html(each[part]) for each in results for part in ("title", "description")]
    texts += [each["input_message_content"]["message_text"] for each in results]
    assert forgotten(texts, [*sources(client)]) == []


async def test_what_strangers_hear(client: ProgramClient) -> None:
    """In groups whose admins they aren't, and of buttons of long ago."""
    client.api.strangers.add(BOB)
    client.api.ephemeral.are_known = False  # so that he sees the page
    page = await client.ask("/settings", GROUP, user=ADMIN)
    for number, command in enumerate((*ASKED, *RECKONED), 1):
        client.api.say(GROUP - number, f"/{command}@{BOT['username']} add 3 s19", user_id=BOB)
    text = words(await client.silence())
    for button in page.buttons:
        text.append(html(await client.press_data(page, button["callback_data"], user=BOB)))
    for data in ("b1:a:", "b1:a:gone 9000", "b1:c:x", "b1:w:s19", *(f"{each}:x" for each in OLD_BUTTONS)):
        text.append(html(await client.press_data(page, data, user=ADMIN)))
    assert forgotten(text, [*sources(client)]) == []


async def test_kind_words(client: ProgramClient) -> None:
    """For what is no question: pictures, voices, edits, unknown commands; and the words to a new group."""
    reply = words([await client.ask(text, ADMIN) for text in ("/statsu", "/xyzzy", "hm")])
    before = len(client.api.sent)
    file = {"file_id": "a", "file_unique_id": "a"}
    client.api.send(ADMIN, {"photo": [{**file, "width": 9, "height": 9}]})
    client.api.send(ADMIN, {"voice": {**file, "duration": 9}})
    client.api.send(ADMIN, {"document": file})
    client.api.send(ADMIN, {"contact": {"phone_number": "1", "first_name": "A"}})
    client.api.send(ADMIN, {"text": "/status"}, edited=True)
    client.api.member(GROUP, "left", "member", user_id=ADMIN)
    client.api.channels.add(CHANNEL)
    client.api.member(CHANNEL, "left", "administrator", user_id=ADMIN)
    await client.settled(ADMIN)
    await client.silence()
    reply += words(client.api.sent[before:])
    assert forgotten(reply, ["statsu", "status", "xyzzy"]) == []


async def test_what_is_told_unasked(client: ProgramClient) -> None:
    """Ten weeks of 2022: alerts, reminders, phases, digests, a fleet, a pin, and what was put off."""
    for asked in ("/start all", "/digest monday 9", "/fleet add 10 s19 power 10.5c", "/pin"):
        await client.ask(asked, ADMIN)
    for watched in ("price crosses ma20 every 1d", "hashrate drops 12% in 30d", "power de-lu rises 1% in 1d"):
        offered = await client.ask(f"/watch {watched}", ADMIN)
        await client.press_data(offered, offered.buttons[0]["callback_data"])
    before = len(client.api.sent)
    for day in range(70):
        await client.pass_time(timedelta(days=1))
        if day in (20, 40):
            await client.ask("/mute 3d", ADMIN)
        await client.delivered()
        client.now += timedelta(minutes=1)  # two messages to one chat keep their distance
        await client.program.digests()
        await client.delivered()
        await pin.refresh(client.program.context)
        await client.edited()
    text = words(client.api.sent[before:])
    assert len(text) > 40
    assert forgotten(text, [*sources(client)]) == []


NOTICES: dict[str, object] = {
    NoticeKind.BROADCAST: {"text": "123"},
    NoticeKind.OUTAGE_STARTED: {
        "since": "2022-07-05T06:00:00+00:00",
        "polls": 12,
        "why": [
            to_jsonable_python(with_source("kraken", message("can't be reached: the connection failed"))),
            to_jsonable_python(
                with_source("coinbase", message("answered {code}: the key isn't accepted", code="503"))
            ),
        ],
    },
    NoticeKind.OUTAGE_ENDED: {"since": "2022-07-05T06:00:00+00:00"},
    NoticeKind.UNCLEAN_STOP: {"seen": "2022-07-05T06:00:00+00:00", "now": "2022-07-05T07:00:00+00:00"},
    NoticeKind.HOLDINGS_FELL: {
        "symbol": "CORZ",
        "name": "Core Scientific",
        "before_btc": 9618.0,
        "after_btc": 1959.0,
        "read_at": "2022-07-05T06:00:00+00:00",
    },
    NoticeKind.SERIES_REJECTED: {
        "series": [
            [
                "btc.price",
                "kraken",
                to_jsonable_python(
                    message(
                        "{reason}, and no further provider decides",
                        reason=with_source(
                            "kraken",
                            message(
                                "jumped from {before} to {after}",
                                before=NumberValue(20_176),
                                after=NumberValue(40_000),
                            ),
                        ),
                    )
                ),
            ]
        ]
    },
    NoticeKind.RIGHTS_MISSING: {"chat": 1, "why": "1"},
    NoticeKind.REFUSALS_DOUBTED: {"chat": 1, "why": "1"},
    NoticeKind.DESTINATION_REFUSED: {
        "number": 1,
        "kind": "webhook",
        "where": "1.1.1.1",
        "why": "1",
        "is_gone": False,
        "is_lost": False,
    },
    NoticeKind.CHAT_OUTAGE: {"since": "2022-07-05T07:00:00+00:00", "ended": False},
    NoticeKind.CLOCK_JUMPED: {"seconds": -3600, "now": "2022-07-05T07:00:00+00:00"},
    NoticeKind.SERIES_ACCEPTED: {"series": [["btc.price", "kraken", "kraken jumped from 20,176 to 40,000"]]},
}
"""Every kind of notice, with facts it is made of."""

DAY = timedelta(hours=24)
FLEET = {
    "below cost": ProfitabilityChange(True, -129.07, 57.23, 81_445.0, 265_136.0, 0.23, AT),
    "pays again": ProfitabilityChange(False, 163.51, 210.8, 300_000.0, None, 0.058, AT),
    "losing hours": DayAhead(
        "DE-LU",
        MIDNIGHT,
        MIDNIGHT + DAY,
        (
            Loss("Antminer S19 95T", ((MIDNIGHT, MIDNIGHT + DAY),), 24.0),
            Loss("Antminer S21 200T", ((MIDNIGHT, MIDNIGHT + DAY / 4),), 6.0),
        ),
        0.072,
        0.034,
        0.138,
        15.76,
    ),
    "hours that pay": DayAhead("DE-LU", MIDNIGHT, MIDNIGHT + DAY, (), 0.07, 0.03, 0.1, 0.0),
}


def test_every_kind_of_notice_is_told() -> None:
    elsewhere = {NoticeKind.DIGEST, NoticeKind.FLEET, NoticeKind.WATCH}  # each has a view of its own
    assert set(NoticeKind) - elsewhere - {NoticeKind.DESTINATION_TEST} == {*NOTICES}  # that is no chat's


@pytest.mark.parametrize("kind", NOTICES)
def test_notices(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with spoken(monkeypatch):
        text = notices.text(kind, json.dumps(NOTICES[kind]), NOON, translator_for(CODE), delayed=True)
    assert forgotten([text], ["Core Scientific"]) == []


@pytest.mark.parametrize("expected", FLEET.values(), ids=FLEET)
def test_notices_of_fleets(expected: ProfitabilityChange | DayAhead, monkeypatch: pytest.MonkeyPatch) -> None:
    with spoken(monkeypatch):
        text = fleet_view.notice(expected, AT, translator_for(CODE))
    assert forgotten([text]) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<b>⟦Your fleet⟧</b>: S19j Pro 104T, 3.250 W, <code>/fleet clear</code> /fleet", []),
        ("⟦Price: ⟧45.000 USD a day", ["day"]),
        ("⟦Source: ⟧nobody", ["nobody"]),
        ("⟦cut off", []),
    ],
)
def test_what_is_forgotten_shows(text: str, left: list[str]) -> None:
    assert english(text) == left
