"""The API: what it answers, and how it says what it can't."""

import csv
import json
import random
from datetime import date, timedelta
from html import unescape
from io import StringIO
from typing import Any

import aiohttp
import pytest

from bot.cli import breakeven as breakeven_command
from bot.cli.main import parser as command_line
from bot.i18n.translator import translator_for
from bot.mining import answer_lines, formatting
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from bot.mining.projection import payback_month, projection
from bot.signals.forecast import FALLS
from bot.signals.series import Reading, end_of_day
from storage.signals import readings
from tests.web.site import PageWorld

V1 = "/api/v1"


async def _json(client: aiohttp.ClientSession, path: str) -> Any:
    async with client.get(f"{V1}{path}") as answered:
        assert answered.status == 200, await answered.text()
        assert answered.content_type == "application/json"
        return await answered.json()


async def _problem(client: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with client.get(f"{V1}{path}") as answered:
        assert answered.content_type == "application/problem+json"
        problem = await answered.json()
        assert problem["status"] == answered.status
        return answered.status, problem["detail"]


async def test_status_says_what_the_rules_say(page: PageWorld, client: aiohttp.ClientSession) -> None:
    told = await _json(client, "/status")
    view = page.snapshot.status()
    assert told["phase"] == view.standing.phase.phase == "capitulation"
    assert told["polled_at"] == page.now.isoformat()
    drawdown = next(one for one in told["signals"] if one["signal"] == "price_drawdown")
    assert (drawdown["state"], drawdown["severity"], drawdown["threshold"]) == ("firing", "critical", -0.7)
    assert drawdown["value"] == pytest.approx(-0.707, abs=1e-3)
    assert {one["name"] for one in told["forecasts"]} == set(FALLS)
    assert all(0 < one["probability"] < 1 for one in told["forecasts"])
    assert told["forecasts"] == (await _json(client, "/forecasts"))["forecasts"]
    assert 0 <= told["stress"]["value"] <= 100
    network, cost = await _json(client, "/network"), told["production_cost"]
    assert cost["low_usd_per_btc"] == network["cost_low_usd_per_btc"]
    assert cost["high_usd_per_btc"] == network["cost_high_usd_per_btc"]
    assert cost["btc_price_usd"] == network["btc_price_usd"]
    assert cost["low_power_price_usd_per_kwh"] < cost["high_power_price_usd_per_kwh"]
    assert told["signals"] == (await _json(client, "/signals"))["signals"]


def _as_in_the_chat(name: str, value: str) -> str:
    """A field as people write it in the chat: shares in per cent."""
    words = {"btc_price": "price", "pool_fee": "fee", "overhead": "pue", "fixed_cost": "fixed"}
    shown = f"{100 * float(value):g}%" if name in ("pool_fee", "uptime") else value
    return f"{words.get(name, name)}={shown}"


async def test_breakeven_is_the_command_lines_answer_to_the_last_digit(
    page: PageWorld, client: aiohttp.ClientSession
) -> None:
    """1,000 random questions: API, command line, core and chat give the same figures."""
    draw = random.Random(20)
    market = page.snapshot.market()
    models = page.context.catalogue.models
    parser = command_line()
    for _ in range(1000):
        model = draw.choice(models)
        power_price = f"{draw.uniform(0.01, 0.2):.3f}"
        fields = {
            "btc_price": f"{draw.uniform(5_000, 200_000):.0f}",
            "pool_fee": f"{draw.uniform(0, 0.04):.3f}",
            "uptime": f"{draw.uniform(0.5, 1):.2f}",
            "overhead": f"{draw.uniform(1, 1.3):.2f}",
            "fixed_cost": f"{draw.uniform(0, 3):.2f}",
            "difficulty": f"{draw.uniform(2e13, 2e14):.0f}",
        }
        chosen = {name: fields[name] for name in draw.sample(sorted(fields), draw.randint(0, len(fields)))}
        async with client.get(
            f"{V1}/breakeven", params={"machine": model, "power_price": power_price, **chosen}
        ) as answered:
            text = await answered.text()
        flags = [part for name, value in chosen.items() for part in (f"--{name.replace('_', '-')}", value)]
        args = parser.parse_args(["breakeven", model, power_price, *flags, "--json"])
        assert text == breakeven_command.run(args, market, page.context.catalogue)
        in_chat = " ".join(_as_in_the_chat(name, value) for name, value in chosen.items())
        question = parse_command(f"{model} {power_price} USD/kWh {in_chat}", page.context.catalogue)
        figures = answer(question, market).now.as_json()
        for name, value in json.loads(text).items():
            same = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
            assert figures[name] == same, name


async def test_the_page_shows_the_chats_figures_to_the_cent(
    page: PageWorld, client: aiohttp.ClientSession
) -> None:
    draw = random.Random(7)
    t = translator_for("en")
    for _ in range(100):
        model, cents = draw.choice(page.context.catalogue.models), draw.randint(10, 150) / 10
        params = {"machine": model, "power": f"{cents / 100:.3f}", "part": "answer", "lang": "en"}
        async with client.get("/breakeven", params=params) as answered:
            html = unescape(await answered.text())
        told = answer(parse_command(f"{model} {cents} c/kWh", page.context.catalogue), page.snapshot.market())
        assert answer_lines.headline(told, t) in html
        assert f"<td>{formatting.usd(told.now.profit_usd_per_day, t)}</td>" in html
        price = answer_lines.breakeven_btc_price(told.now, t).replace(" (", "\n(")
        assert f"<td>{price}</td>" in html


async def test_what_if_is_the_cores_answer(page: PageWorld, client: aiohttp.ClientSession) -> None:
    told = await _json(client, "/whatif?machine=s19&power_price=0.05&if_price=-20%25&if_hashrate=-10%25")
    assert told["then"]["btc_price_usd"] == pytest.approx(0.8 * told["now"]["btc_price_usd"])
    assert told["retarget_change"] == pytest.approx(-0.1)
    assert told["after_retarget"]["difficulty"] == pytest.approx(0.9 * told["now"]["difficulty"])
    assert (await _json(client, "/whatif?if_halving=yes"))["then"]["machine"] == "Antminer S21"


async def test_months_ahead_are_the_cores(page: PageWorld, client: aiohttp.ClientSession) -> None:
    asked = "machine=s19&power_price=0.05&difficulty_growth=0.03&price_growth=-0.01&machine_price=900"
    told = await _json(client, f"/projection?{asked}&months=24")
    question = parse_command("s19 0.05 USD/kWh", page.context.catalogue)
    path = projection(question, page.snapshot.market(), 24, 0.03, -0.01)
    assert [month["total_profit_usd"] for month in told["months"]] == [
        month.total_profit_usd for month in path
    ]
    assert [month["day"] for month in told["months"] if month["halved"]] == ["2024-05-05"]
    paid = payback_month(path, 900.0)
    assert told["payback_day"] == (None if paid is None else paid.day.isoformat())


async def test_network(client: aiohttp.ClientSession) -> None:
    told = await _json(client, "/network")
    assert told["cost_low_usd_per_btc"] < told["cost_high_usd_per_btc"]
    assert told["next_halving"] == "2024-04-20"
    assert [one["power_price_usd_per_kwh"] for one in told["unprofitable"]] == [
        0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1,
    ]  # fmt: skip


async def test_series_with_source_and_licence(page: PageWorld, client: aiohttp.ClientSession) -> None:
    told = await _json(client, "/series/power.DE-LU?from=2022-06-01&to=2022-06-30")
    assert (told["unit"], len(told["values"])) == ("EUR/MWh", 30)
    assert told["sources"] == [
        {
            "source": "ember (bundled)",
            "title": "Ember, from ENTSO-E",
            "home": "https://ember-energy.org",
            "licence": "CC BY 4.0",
        }
    ]
    async with client.get(f"{V1}/series/power.DE-LU?from=2022-06-01&to=2022-06-30&format=csv") as answered:
        assert answered.content_type == "text/csv"
        rows = list(csv.DictReader(StringIO(await answered.text())))
    assert [float(row["value"]) for row in rows] == [one["value"] for one in told["values"]]
    assert {row["licence"] for row in rows} == {"CC BY 4.0"}
    listed = {one["series"]: one for one in (await _json(client, "/series"))["series"]}
    assert listed["btc.price"]["last_day"] == "2022-07-04"


async def test_figures_whose_terms_forbid_it_are_not_passed_on(
    page: PageWorld, client: aiohttp.ClientSession
) -> None:
    day = date(2022, 7, 1)
    secret = Reading("btc.miner_outflow", 4321.5, end_of_day(day), "cryptoquant", page.now, day)
    await page.store.write(lambda db: readings.save(db, [secret]))
    page.poller.history.add(secret)
    told = await _json(client, "/series/btc.miner_outflow?from=2022-06-01")
    assert (told["withheld"], told["values"]) == (1, [])
    assert "4321.5" not in json.dumps(await _json(client, "/series"))


async def test_at_most_ten_years_at_once(client: aiohttp.ClientSession) -> None:
    status, detail = await _problem(client, "/series/btc.price?from=2009-01-03&to=2022-01-01")
    assert (status, detail) == (400, "At most 3653 days at once; ask for the rest with from and to.")


async def test_episodes(client: aiohttp.ClientSession) -> None:
    told = await _json(client, "/episodes?signal=price_drawdown&severity=critical")
    assert {one["rule"] for one in told["rules"]} == {"price_drawdown.critical"}
    assert told["rules"][0]["cleared"] is None
    assert told["phases"][0]["phase"] == "capitulation"
    assert told["phases"][0]["end"] is None


async def test_alerts_page_by_page_and_filtered(page: PageWorld, client: aiohttp.ClientSession) -> None:
    await page.pass_time(timedelta(days=50))
    everything = (await _json(client, "/alerts?limit=200"))["alerts"]
    assert len(everything) >= 3
    first = await _json(client, "/alerts?limit=2")
    rest = await _json(client, f"/alerts?limit=200&before={first['next']}")
    assert first["alerts"] + rest["alerts"] == everything
    assert rest["next"] is None
    critical = (await _json(client, "/alerts?severity=critical"))["alerts"]
    assert critical == [one for one in everything if one["severity"] == "critical"]
    outflow = (await _json(client, "/alerts?signal=energy_price"))["alerts"]
    assert outflow == [one for one in everything if one["signal"] == "energy_price"]


async def test_machines(client: aiohttp.ClientSession) -> None:
    told = (await _json(client, "/machines?q=s19%20pro"))["machines"]
    assert "Antminer S19 Pro 110T" in {one["machine"] for one in told}
    assert all("s19" in one["machine"].lower() for one in told)


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("/breakeven?machine=s19&power_price=abc", 422, "“abc” is no power price"),
        ("/breakeven?machine=s19&uptime=7", 422, "uptime can't be 7"),
        ("/breakeven?machine=s1999", 422, "did you mean"),
        ("/breakeven", 422, "Name a machine"),
        ("/breakeven?machine=s19&tariff=7", 400, "There is no parameter “tariff” here"),
        ("/breakeven?machine=s19&machine=s9", 400, "Give machine once."),
        (f"/machines?q={'x' * 101}", 400, "q is too long"),
        ("/whatif?machine=s19", 400, "What should be different?"),
        ("/whatif?if_price=cheap", 422, "price: “cheap” is no value"),
        ("/series/btc.nothing", 404, "There is no series “btc.nothing”"),
        ("/series/btc.price?from=yesterday", 400, "from must be a day such as"),
        ("/series/btc.price?from=2022-02-02&to=2022-01-01", 400, "is later than"),
        ("/series/btc.price?format=xml", 400, "format can't be “xml”"),
        ("/projection?machine=s19&price_growth=0.6", 400, "price_growth must be a number from -0.5 to 0.5."),
        ("/projection?machine=s19&months=61", 400, "months must be a whole number from 1 to 60"),
        ("/alerts?limit=0", 400, "limit must be a whole number from 1 to 200"),
        ("/alerts?limit=1e3", 400, "limit must be a whole number"),
        ("/alerts?signal=weather", 400, "signal can't be “weather”"),
        ("/nothing", 404, "There is nothing at this address."),
    ],
)
async def test_bad_input_is_told_in_one_sentence(
    client: aiohttp.ClientSession, path: str, status: int, part: str
) -> None:
    told, detail = await _problem(client, path)
    assert told == status
    assert part in detail
    assert "Traceback" not in detail


async def test_other_methods_are_refused_with_those_that_work(client: aiohttp.ClientSession) -> None:
    async with client.delete(f"{V1}/status") as answered:
        assert answered.status == 405
        assert answered.content_type == "application/problem+json"
        assert "GET" in answered.headers["Allow"]


async def test_unchanged_is_304_until_a_poll_changes_it(
    page: PageWorld, client: aiohttp.ClientSession
) -> None:
    async with client.get(f"{V1}/status") as answered:
        etag = answered.headers["ETag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        async with client.get(f"{V1}/status", headers={"If-None-Match": known}) as answered:
            assert (answered.status, await answered.read()) == (304, b"")
            assert answered.headers["ETag"] == etag
    async with client.get(f"{V1}/status", headers={"If-None-Match": '"other"'}) as answered:
        assert answered.status == 200
    await page.pass_time(timedelta(days=1))
    async with client.get(f"{V1}/status", headers={"If-None-Match": etag}) as answered:
        assert answered.status == 200
        assert answered.headers["ETag"] != etag


async def test_pages_of_others_may_ask(client: aiohttp.ClientSession) -> None:
    async with client.options(f"{V1}/status", headers={"Origin": "https://desk.example"}) as answered:
        assert answered.status == 204
        assert answered.headers["Access-Control-Allow-Origin"] == "*"
        assert "GET" in answered.headers["Access-Control-Allow-Methods"]
    async with client.get(f"{V1}/status") as answered:
        assert answered.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in answered.headers["Access-Control-Expose-Headers"]
