"""/fleet in chat, and the notices about fleets."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.i18n.translator import translator_for
from bot.mining.fleet_alerts import parse
from handlers.views import fleet
from storage.chats import fleet_notices
from storage.database import Database
from storage.outbox import NoticeKind, claim
from tests.fakes.connections import write_now
from tests.handlers.handler_client import GROUP, HandlerClient
from tests.mining.market import AT, NOVEMBER_2026, fact, slots

MIDNIGHT = datetime(2026, 11, 20, 23, tzinfo=UTC)
PRICES = [30.0] * 6 + [60.0] * 6 + [120.0] * 6 + [40.0] * 6


async def test_building_a_fleet(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    assert (await chat.ask("/fleet")).text == snapshot
    assert (await chat.ask("/fleet add 10 s19j pro, 5 m30s++, 20 s21 power 6.5c fee 2%")).text == snapshot
    assert (await chat.ask("/fleet add 4 x 270TH 3645W")).text == snapshot
    assert (await chat.ask("/fleet remove m30s++")).text == snapshot
    assert (await chat.ask("/fleet")).text == snapshot
    assert (await chat.ask("/fleet clear")).text == snapshot


async def test_day_ahead(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    assert (
        "no day-ahead prices for DE-LU yet"
        in (await chat.ask("/fleet add 5 s21, 5 s19 power DE-LU + 1c")).text
    )
    chat.market = replace(NOVEMBER_2026, day_ahead={"DE-LU": slots(MIDNIGHT, PRICES)})
    assert (await chat.ask("/fleet")).text == snapshot
    assert (await chat.ask("/fleet hours")).text == snapshot


async def test_the_hours_of_a_zone_are_told_without_machines(chat: HandlerClient) -> None:
    assert "no day-ahead prices for DE-LU yet" in (await chat.ask("/fleet hours")).text
    assert "no day-ahead prices for FR yet" in (await chat.ask("/fleet hours FR")).text
    chat.market = replace(NOVEMBER_2026, day_ahead={"DE-LU": slots(MIDNIGHT, PRICES)})
    told = (await chat.ask("/fleet hours")).text
    assert "mean 62.5 EUR/MWh; cheapest 00:00–01:00 with 30, dearest 12:00–13:00 with 120" in told
    assert "/fleet add" in told
    assert "no day-ahead prices for FR yet" in (await chat.ask("/fleet hours FR")).text


async def test_refusals_keep_the_fleet(chat: HandlerClient) -> None:
    before = (await chat.ask("/fleet add 10 s21 power 5c")).text
    assert "did you mean" in (await chat.ask("/fleet add 3 s20")).text
    assert "fixed" in (await chat.ask("/fleet hours")).text
    assert (await chat.ask("/fleet")).text == before


async def test_each_chat_has_its_own(chat: HandlerClient) -> None:
    await chat.ask("/fleet add 10 s21 power 5c")
    assert "empty" in (await chat.ask("/fleet", GROUP)).text
    assert "Antminer S19" not in (await chat.ask("/fleet")).text


@pytest.mark.both_engines
async def test_an_owner_is_told_once_of_tomorrow_and_of_each_crossing(
    chat: HandlerClient, snapshot: SnapshotAssertion
) -> None:
    await chat.ask("/fleet add 5 s21, 5 s19 power DE-LU")
    market = replace(NOVEMBER_2026, day_ahead={"DE-LU": slots(MIDNIGHT, PRICES)})
    dear = replace(market, day_ahead={"DE-LU": slots(AT, [200.0] * 35)})

    def look(at_market: object) -> int:
        assert isinstance(at_market, type(market))
        return write_now(chat.store, lambda db: fleet_notices.queue_notices(db, at_market, AT))

    cheap = replace(market, btc_price_usd=fact(300_000.0))
    assert look(cheap) == 0  # the first look notes, and tomorrow has no losing hour at that price
    assert look(dear) == 1  # below cost; tomorrow was told already
    assert look(dear) == 0
    assert look(replace(dear, btc_price_usd=None)) == 0
    assert look(cheap) == 1  # back

    def told(db: Database) -> list[str]:
        messages = claim(db, AT, 10)
        return [
            fleet.notice(parse(subject.body), AT, translator_for("en"))
            for message in messages
            for subject in message.content.subjects
        ]

    assert write_now(chat.store, told) == snapshot


async def test_tomorrows_losing_hours_are_told_once(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    await chat.ask("/fleet add 5 s21, 5 s19 power DE-LU")
    market = replace(NOVEMBER_2026, day_ahead={"DE-LU": slots(MIDNIGHT, PRICES)})
    assert write_now(chat.store, lambda db: fleet_notices.queue_notices(db, market, AT)) == 1
    assert write_now(chat.store, lambda db: fleet_notices.queue_notices(db, market, AT)) == 0
    (message,) = write_now(chat.store, lambda db: claim(db, AT, 10))
    assert message.content.kind == NoticeKind.FLEET
    assert fleet.notice(parse(message.content.subjects[0].body), AT, translator_for("en")) == snapshot


async def test_machines_just_added_can_be_taken_back(chat: HandlerClient) -> None:
    await chat.ask("/fleet add 3 s21")
    added = await chat.ask("/fleet add 10 s19j pro")
    after = await chat.press_for_message(added, "↩ Undo")
    assert "S21" in after.text
    assert "S19j" not in after.text
    assert (await chat.ask("/fleet add 2 s19 power 5c")).buttons == []  # the tariff would stay


async def test_machines_just_taken_away_can_be_had_back(chat: HandlerClient) -> None:
    await chat.ask("/fleet add 3 s21, 5 s9")
    after = await chat.press_for_message(await chat.ask("/fleet remove 2 s9"), "↩ Undo")
    assert "8 machines" in after.text
    after = await chat.press_for_message(await chat.ask("/fleet remove s9"), "↩ Undo")
    assert "8 machines" in after.text
    after = await chat.press_for_message(await chat.ask("/fleet remove 9 s9"), "↩ Undo")
    assert "8 machines" in after.text  # no more than there were


async def test_a_sites_power_adds_as_many_machines_as_it_feeds(chat: HandlerClient) -> None:
    assert "28 machines" in (await chat.ask("/fleet add 100 kW of s21")).text


@pytest.mark.parametrize(
    "text", ["/fleet whatif price=60000", "/fleet whatif btc 60k", "/fleet what if btc -20%"]
)
async def test_a_supposition_about_the_fleet(chat: HandlerClient, text: str) -> None:
    await chat.ask("/fleet add 3 s21")
    said = (await chat.ask(text)).text
    assert "What if" in said
    assert "3 " in said
