"""Walks through what the bot reckons: the calculator, suppositions, the catalogue and the fleet."""

from datetime import UTC, datetime, timedelta

from bot.mining import fleet_alerts
from bot.mining.fleet_alerts import ProfitabilityChange
from bot.mining.fleet_hours import DayAhead, Loss
from storage.outbox import NoticeKind
from tests.handlers.program_client import BOB, GROUP
from tests.handlers.transcript import Transcript

DAY = timedelta(days=1)


async def calculator(x: Transcript) -> None:
    """/breakeven in every kind of question, its buttons, /whatif, /network, /machines."""
    asked = await x.ask("/breakeven s19 0.07", chat=BOB)
    buttons = [each["callback_data"] for each in asked[0].buttons if "callback_data" in each]
    await x.press(asked[0], *buttons)
    await x.ask(
        "/breakeven",
        "/breakeven s19",
        "/breakeven s9 25c fee=2% uptime=95% pue=1.1 fixed=1",
        "/breakeven s19 6 ct€ machine-price=900",
        "/breakeven 270TH 3645W 0.06 difficulty=30e12 fees=0.1",
        "/breakeven s19 7c network-hashrate=220",
        "/breakeven s21 5c fee=100%",
        "what's breakeven for an S19 at 7 cents?",
        "at what BTC price does an S19 at 6c stop paying?",
        "what is the max power price for an S19",
        "at which difficulty does an s19 at 5c break even?",
        "payback of an S19 at 5c if it costs $1000?",
    )
    await x.ask(
        "/breakeven s1999 7c", "/breakeven s19 7x", "/breakeven s19 7c 2%", "/breakeven s19 7c fee=200%"
    )
    await x.ask("/breakeven s19 7c price=-4", "/breakeven <b>", "/breakeven 5TH", "/breakeven s19 7c 8c")
    await x.ask(
        "/whatif", "/whatif s19 price=40000 hashrate=-10%", "/whatif s19 7c price=-20% halving=yes fees=0.5"
    )
    await x.ask(
        "/whatif s19 weather=3", "/whatif s19 price=cheap", "/whatif s19 hashrate=-100%", "/whatif x y z"
    )
    await x.ask(
        "what if the price goes to 40,000 or a tenth of the hashrate leaves?",
        "does an s19 at 7c pay after the halving?",
        "what if fees double for an s19 at 7c",
        "what if the price falls",
    )
    await x.ask("/network", "/machines", "/machines s19", "/machines whatsminer", "/machines zzz")
    await x.press_data(asked[0], "b1:a:nonsense 7c")


async def fleet(x: Transcript) -> None:
    """/fleet and what its owner is told unasked."""
    for question in (
        "/fleet",
        "/fleet add 10 s19, 5 m30s++ power 6.5c fee 2%",
        "/fleet add 4 x 270TH 3645W",
        "/fleet hours",
        "/whatif price=-20%",
        "what if a tenth of the hashrate leaves",
        "what if bitcoin goes to 10k",
        "/whatif s9 price=-20%",
        "/fleet remove 3 s19",
        "/fleet remove s9",
        "/fleet power XX + 2c",
        "/fleet power DE-LU + 2c",
        "/fleet hours",
        "/fleet dance",
    ):
        await x.ask(question)
    await x.ask(
        "/fleet add 10 s19, 5 m30s++ power 6.5c fee 2%",
        "/fleet power 12.5c",
        "/fleet power DE-LU + 2c",
        "/fleet hours",
        "/fleet clear",
        chat=BOB,
    )
    await x.ask("/fleet add 10 s19", chat=GROUP)
    x.client.api.strangers.add(BOB)
    await x.ask("/fleet add 10 s19", chat=GROUP, user=BOB)
    midnight = datetime(2022, 7, 5, 22, tzinfo=UTC)
    for each in (
        ProfitabilityChange(True, -12.5, 80.25, 19_950.0, 23_400.0, 0.125, x.client.now),
        ProfitabilityChange(False, 3.5, 95.25, 22_950.0, 22_400.0, 0.125, x.client.now),
        DayAhead(
            "DE-LU",
            midnight,
            midnight + DAY,
            (
                Loss("10 × S19", ((midnight, midnight + timedelta(hours=2)),), 2.0),
                Loss("5 × M30S++", ((midnight, midnight + DAY),), 24.0),
            ),
            0.21,
            0.05,
            0.45,
            31.5,
        ),
    ):
        await x.notify(NoticeKind.FLEET, fleet_alerts.dump(each), BOB)
