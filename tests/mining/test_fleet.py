"""Fleets: what they earn, what to switch off first, the hours that cost more than they mine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.economics import MiningSite, Rig, economics
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet, Tariff
from bot.mining.fleet_alerts import check_fleet, dump, parse
from bot.mining.fleet_hours import day_ahead
from bot.mining.fleet_report import FleetReport, below_cost, fleet_report
from bot.mining.market import Market
from bot.mining.network import Network
from bot.mining.parsing.fleet_parser import parse_fleet
from tests.mining.market import AT, NOVEMBER_2026, fact, slots

CATALOGUE = load_machines()
ZONES = ("DE-LU", "FR", "NO2")
NETWORK = Network(132.757e12, 3.125, 0.0188)
START = datetime(2026, 11, 20, 23, tzinfo=UTC)
END = START + timedelta(days=1)


def _fleet(*commands: str) -> Fleet:
    fleet = Fleet()
    for command in commands:
        fleet = parse_fleet(command, CATALOGUE, ZONES).applied(fleet)
    return fleet


def _market(prices: list[float], **changes: object) -> Market:
    return replace(NOVEMBER_2026, day_ahead={"DE-LU": slots(START, prices)}, **changes)  # type: ignore[arg-type] # each test names one


MIXED = _fleet("add 10 s19, 5 s21, 2 s9 power 5c fee 2%")


def test_sums_are_those_of_the_machines() -> None:
    report = fleet_report(MIXED, NOVEMBER_2026)
    singly = [
        (count, economics(CATALOGUE.pick(model).rig(), MiningSite(0.05, 0.02), NETWORK, 81_445))
        for count, model in ((10, "Antminer S19"), (5, "Antminer S21"), (2, "Antminer S9"))
    ]
    assert report.profit_usd_per_day == pytest.approx(sum(n * each.profit_usd_per_day for n, each in singly))
    assert report.btc_per_day == pytest.approx(sum(n * each.btc_per_day for n, each in singly))
    assert report.hashrate_ths == pytest.approx(950 + 1000 + 27)
    assert report.breakeven_btc_price_usd == pytest.approx(
        sum(n * each.power_cost_usd_per_day for n, each in singly)
        / sum(n * each.btc_per_day for n, each in singly)
    )


def test_the_least_efficient_goes_first() -> None:
    report = fleet_report(MIXED, NOVEMBER_2026)
    assert [each.kind.label for each in report.kinds] == [
        "Antminer S9 13.5T",
        "Antminer S19 95T",
        "Antminer S21 200T",
    ]
    prices = [each.each.breakeven_btc_price_usd or 0.0 for each in report.kinds]
    assert prices == sorted(prices, reverse=True)
    assert report.switched_off_profit_usd_per_day == pytest.approx(report.kinds[2].profit_usd_per_day)


def test_a_day_ahead_tariff_takes_the_mean_of_the_next_24_hours() -> None:
    fleet = _fleet("add s21 power DE-LU + 2c")
    market = replace(NOVEMBER_2026, day_ahead={"DE-LU": slots(AT, [40.0] * 12 + [80.0] * 12 + [900.0] * 5)})
    report = fleet_report(fleet, market)
    assert report.power_price_usd_per_kwh == pytest.approx((0.06 + 0.02) * 1.15)


def test_without_a_tariff_the_usual_price_holds() -> None:
    assert fleet_report(_fleet("add s21"), NOVEMBER_2026).power_price_usd_per_kwh == 0.07


@pytest.mark.parametrize(
    ("fleet", "market", "named"),
    [
        (Fleet(), NOVEMBER_2026, "empty"),
        (_fleet("add s21"), replace(NOVEMBER_2026, btc_price_usd=None), "bitcoin price"),
        (_fleet("add s21"), replace(NOVEMBER_2026, difficulty=None), "difficulty"),
        (_fleet("add s21 power DE-LU"), NOVEMBER_2026, "day-ahead prices for DE-LU"),
        (_fleet("add s21 power DE-LU"), replace(_market([50.0] * 24), eur_usd=None), "euro rate"),
    ],
)
def test_what_is_missing_is_named(fleet: Fleet, market: Market, named: str) -> None:
    with pytest.raises(InvalidQuestion, match=named):
        fleet_report(fleet, market)


def test_losing_hours_are_those_dearer_than_a_machines_breakeven() -> None:
    fleet = _fleet("add 10 s19, 5 s21 power DE-LU fee 0%")
    # an S19 breaks even at 4.7 c (41 EUR/MWh), an S21 at 9.2 c (80 EUR/MWh)
    result = day_ahead(
        fleet, _market([30.0] * 6 + [60.0] * 6 + [100.0] * 2 + [-20.0] * 4 + [60.0] * 6), START, END
    )
    assert result is not None
    assert [loss.label for loss in result.losses] == ["Antminer S19 95T", "Antminer S21 200T"]
    hour = timedelta(hours=1)
    assert result.losses[0].spans == ((START + 6 * hour, START + 14 * hour), (START + 18 * hour, END))
    assert result.losses[0].hours == 14
    assert result.losses[1].spans == ((START + 12 * hour, START + 14 * hour),)
    assert result.lowest_usd_per_kwh == pytest.approx(-0.023)
    assert result.saved_usd > 0


def test_switching_off_saves_what_the_hours_would_have_lost() -> None:
    fleet = _fleet("add 3 s21 power DE-LU")
    result = day_ahead(fleet, _market([100.0] * 24), START, END)
    assert result is not None
    each = economics(
        CATALOGUE.pick("Antminer S21").rig(), MiningSite(0.115), Network(132.757e12, 3.125, 0.0188), 81_445
    )
    assert result.saved_usd == pytest.approx(-3 * each.profit_usd_per_day)


def test_quarter_hours_and_short_days_are_weighed_by_their_length() -> None:
    quarter = timedelta(minutes=15)
    first = [replace(slot, end=slot.start + quarter) for slot in slots(START, [400.0])]
    rest = slots(START + quarter, [20.0] * 22)
    market = replace(NOVEMBER_2026, day_ahead={"DE-LU": (*first, *rest)})
    result = day_ahead(_fleet("add s21 power DE-LU"), market, START, START + timedelta(hours=22.25))
    assert result is not None
    assert result.mean_usd_per_kwh == pytest.approx((400 * 0.25 + 20 * 22) / 22.25 / 1000 * 1.15)
    assert not result.losses  # stopping for a quarter of an hour isn't worth it


@pytest.mark.parametrize("missing", [0, 11, 23])
def test_a_day_with_a_gap_is_not_told(missing: int) -> None:
    whole = slots(START, [50.0] * 24)
    market = replace(NOVEMBER_2026, day_ahead={"DE-LU": whole[:missing] + whole[missing + 1 :]})
    assert day_ahead(_fleet("add s21 power DE-LU"), market, START, END) is None


def test_a_fixed_tariff_has_no_losing_hours() -> None:
    assert day_ahead(_fleet("add s21 power 5c"), _market([50.0] * 24), START, END) is None


@settings(deadline=None)
@given(st.lists(st.floats(-500, 4000), min_size=24, max_size=24))
def test_a_kind_loses_in_just_the_hours_above_its_breakeven(prices: list[float]) -> None:
    result = day_ahead(_fleet("add s21 power DE-LU"), _market(prices), START, END)
    assert result is not None
    rig = CATALOGUE.pick("Antminer S21").rig()
    network = Network(132.757e12, 3.125, 0.0188)
    dear = sum(
        price * 1.15 / 1000
        > (economics(rig, MiningSite(0), network, 81_445).breakeven_power_price_usd_per_kwh or 0)
        for price in prices
    )
    assert sum(loss.hours for loss in result.losses) == pytest.approx(dear)
    assert result.saved_usd >= 0


def _at_price(price: float) -> FleetReport:
    return fleet_report(_fleet("add s21 power 5c"), replace(NOVEMBER_2026, btc_price_usd=fact(price)))


def test_below_cost_needs_a_margin_to_come_back() -> None:
    even = _at_price(81_445).breakeven_btc_price_usd
    assert even is not None
    assert not below_cost(None, _at_price(even * 1.001))
    assert below_cost(False, _at_price(even * 0.999))
    assert below_cost(True, _at_price(even * 1.01))
    assert not below_cost(True, _at_price(even * 1.03))


class TestLook:
    TOMORROW = (START, END)
    FLEET = _fleet("add 10 s19, 5 s21 power 7c")

    def test_the_first_look_tells_nothing_of_the_cost(self) -> None:
        check = check_fleet(self.FLEET, None, None, NOVEMBER_2026, self.TOMORROW)
        assert check.below is True
        assert check.crossing is None

    def test_a_crossing_is_told_once(self) -> None:
        check = check_fleet(self.FLEET, False, None, NOVEMBER_2026, self.TOMORROW)
        assert check.crossing is not None
        assert check.crossing.below
        assert check_fleet(self.FLEET, check.below, None, NOVEMBER_2026, self.TOMORROW).crossing is None

    def test_coming_back_is_told(self) -> None:
        market = replace(NOVEMBER_2026, btc_price_usd=fact(150_000.0))
        check = check_fleet(self.FLEET, True, None, market, self.TOMORROW)
        assert check.crossing is not None
        assert not check.crossing.below

    @pytest.mark.parametrize(
        "market",
        [
            replace(NOVEMBER_2026, btc_price_usd=None),
            replace(NOVEMBER_2026, difficulty=None),
            replace(NOVEMBER_2026, btc_price_usd=fact(150_000.0, age=timedelta(hours=7))),
        ],
    )
    def test_nothing_is_told_on_missing_or_old_figures(self, market: Market) -> None:
        assert check_fleet(self.FLEET, True, None, market, self.TOMORROW).below is None

    def test_tomorrows_hours_are_told_once(self) -> None:
        fleet = _fleet("add s21 power DE-LU")
        market = _market([100.0] * 24)
        check = check_fleet(fleet, None, None, market, self.TOMORROW)
        assert check.looked_ahead
        assert check.hours is not None
        assert not check_fleet(fleet, None, END, market, self.TOMORROW).looked_ahead

    def test_a_good_day_is_noted_and_not_told(self) -> None:
        check = check_fleet(_fleet("add s21 power DE-LU"), None, None, _market([10.0] * 24), self.TOMORROW)
        assert check.looked_ahead
        assert check.hours is None

    def test_notices_survive_being_kept(self) -> None:
        check = check_fleet(
            _fleet("add s21, s19 power DE-LU"), False, None, _market([100.0] * 24), self.TOMORROW
        )
        assert check.crossing is not None
        assert check.hours is not None
        assert parse(dump(check.crossing)) == check.crossing
        assert parse(dump(check.hours)) == check.hours


@pytest.mark.parametrize(
    ("commands", "kinds", "tariff"),
    [
        (
            ["add 10 s19j pro, 5 m30s++ power 6.5c"],
            {"Antminer S19j Pro 104T": 10, "Whatsminer M30S++ 112T": 5},
            0.065,
        ),
        (["10 x s19"], {"Antminer S19 95T": 10}, None),
        (["10x s19 @ 6c"], {"Antminer S19 95T": 10}, 0.06),
        (["add s19"], {"Antminer S19 95T": 1}, None),
        (["add s19", "add 2 s19"], {"Antminer S19 95T": 3}, None),
        (["add 5 s19 90T and 5 s19 95T"], {"Antminer S19 90T": 5, "Antminer S19 95T": 5}, None),
        (["add 4 x 270TH 3645W"], {"270TH 3645W": 4}, None),
        (["add 10 s19", "remove 3 s19"], {"Antminer S19 95T": 7}, None),
        (["add 10 s19, 2 s9", "remove s19"], {"Antminer S9 13.5T": 2}, None),
        (["add 10 s19", "sell 10 s19"], {}, None),
        (["add 10 s19 power 0.06", "power 7"], {"Antminer S19 95T": 10}, 0.07),
        (["add 10 s19 power=65 usd/mwh"], {"Antminer S19 95T": 10}, 0.065),
    ],
)
def test_fleet_commands(commands: list[str], kinds: dict[str, int], tariff: float | None) -> None:
    fleet = _fleet(*commands)
    assert {kind.label: kind.count for kind in fleet.kinds} == kinds
    assert (fleet.tariff.fixed_per_kwh if fleet.tariff else None) == (
        None if tariff is None else pytest.approx(tariff)
    )


@pytest.mark.parametrize(
    ("text", "tariff"),
    [
        ("power DE-LU", Tariff(zone="DE-LU")),
        ("power de-lu + 2c", Tariff(zone="DE-LU", surcharge_eur_per_kwh=0.02)),
        ("power NO2 +1,5 ct", Tariff(zone="NO2", surcharge_eur_per_kwh=0.015)),
        ("power FR + 20 EUR/MWh", Tariff(zone="FR", surcharge_eur_per_kwh=0.02)),
        ("power FR - 0.5c", Tariff(zone="FR", surcharge_eur_per_kwh=-0.005)),
        ("power DE-LU + 0.02 €/kWh", Tariff(zone="DE-LU", surcharge_eur_per_kwh=0.02)),
    ],
)
def test_day_ahead_tariffs(text: str, tariff: Tariff) -> None:
    assert parse_fleet(text, CATALOGUE, ZONES).tariff == tariff


def test_clear_show_and_hours() -> None:
    assert parse_fleet("clear", CATALOGUE, ZONES).applied(MIXED) == Fleet()
    assert not parse_fleet("", CATALOGUE, ZONES).changes
    assert not parse_fleet("show", CATALOGUE, ZONES).changes
    assert parse_fleet("hours", CATALOGUE, ZONES).hours
    assert parse_fleet("fee 1.5%", CATALOGUE, ZONES).applied(MIXED).pool_fee == pytest.approx(0.015)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("add s20", "did you mean"),
        ("add 0 s19", "number of machines"),
        ("add 9999999 s19", "1,000,000"),
        ("remove m50", "no Whatsminer M50"),
        ("add 10 s19 blah", "blah"),
        ("add 5 s19 m30s", "comma"),
        ("add 110TH", "power at the wall"),
        ("add 110TH 3250W and some", "some"),
        ("power cheap", "cheap"),
        ("power MARS", "mars"),
        ("power DE-LU + 2 USD/kWh", "no surcharge"),
        ("power DE-LU later", "later"),
        ("fee 101%", "pool fee"),
        ("fee 2", "pool fee"),
        ("🤖", "🤖"),
        ("add 10 s19 7c peak 12c 17-21", "0.07833 USD/kWh on average"),
        ("power 7c peak 12c 7-9 peak 15c 17-21", "0.0875 USD/kWh on average"),
        ("power 7c, peak 12c 17-21", "0.07833 USD/kWh on average"),
        ("power 7c day, 4c night", "one price of power"),
        ("power 12c from 17 to 21", "one price of power"),
        ("10 s19 power 6c, 5 s21 power 7c", "one price of power"),
        ("add " + "s19, " * 900, "too long"),
    ],
)
def test_fleet_refusals(text: str, named: str) -> None:
    with pytest.raises(InvalidQuestion, match=named):
        parse_fleet(text, CATALOGUE, ZONES).applied(MIXED)


def test_a_fleet_has_an_end() -> None:
    fleet = Fleet()
    for number in range(20):
        fleet = fleet.plus(f"{number}", Rig(100, 3000), 1)
    with pytest.raises(InvalidQuestion, match="at most 20"):
        fleet.plus("one more", Rig(100, 3000), 1)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_command_or_one_clear_sentence(text: str) -> None:
    try:
        command = parse_fleet(text, CATALOGUE, ZONES)
        command.applied(MIXED)
    except InvalidQuestion:
        pass
