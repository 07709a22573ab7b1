"""Follow-ups, comparisons, intents, and questions that are asked back with choices that work."""

from dataclasses import replace

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import understand
from bot.mining.parsing.units import Currency, Money
from bot.mining.projection import ProjectionRequest
from bot.mining.question import Focus, MachineComparison, Question
from bot.mining.whatif import WhatIf

CATALOGUE = load_machines()
BEFORE = parse_command("s19 8c fee=2%", CATALOGUE)


def _next(text: str, language: str = "en") -> Question | WhatIf:
    asked = understand(text, CATALOGUE, Asker(language), before=BEFORE)
    assert isinstance(asked, Question | WhatIf)
    return asked


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("and at 5 cents?", "en"),
        ("what about 5c", "en"),
        ("y a 5 centavos", "es"),
        ("а при 5 центах?", "ru"),
        ("那5美分呢", "zh"),
    ],
)
def test_another_price_keeps_the_rest(text: str, language: str) -> None:
    asked = _next(text, language)
    assert isinstance(asked, Question)
    assert (asked.rig.name, asked.pool_fee, asked.power_price) == ("Antminer S19", 0.02, Money(0.05))


@pytest.mark.parametrize("text", ["6?", "6？", "and 6?", "or 6"])
def test_a_number_near_the_only_figure_is_another_price(text: str) -> None:
    before = understand("s19 at 8c", CATALOGUE)
    assert isinstance(before, Question)
    asked = understand(text, CATALOGUE, before=before)
    assert isinstance(asked, Question)
    assert asked.power_price == Money(0.06)


def test_another_machine_keeps_the_site() -> None:
    asked = _next("and an S21?")
    assert isinstance(asked, Question)
    assert (asked.rig.name, asked.pool_fee, asked.power_price) == ("Antminer S21", 0.02, Money(0.08))


def test_another_currency_and_the_halving() -> None:
    euro = _next("in euro?")
    assert isinstance(euro, Question)
    assert (euro.currency, euro.power_price) == (Currency.EUR, Money(0.08))
    halved = _next("and after the halving?")
    assert isinstance(halved, WhatIf)
    assert halved.scenario.halving
    assert halved.question.rig.name == "Antminer S19"


def test_a_whole_question_does_not_go_on_from_the_one_before() -> None:
    asked = _next("s21 6c")
    assert isinstance(asked, Question)
    assert (asked.pool_fee, asked.power_price) == (0.0, Money(0.06))


def test_the_best_machine_at_a_price_is_no_follow_up() -> None:
    asked = understand("best miner at 9 cents", CATALOGUE, before=BEFORE)
    assert isinstance(asked, MachineComparison)
    assert asked == understand("best miner at 9 cents", CATALOGUE)


def test_several_machines_are_compared() -> None:
    asked = understand("s19 vs s21 vs s21 xp at 6c", CATALOGUE)
    assert isinstance(asked, MachineComparison)
    assert [question.rig.name for question in asked.questions] == [
        "Antminer S19",
        "Antminer S21",
        "Antminer S21 XP",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "s21 pro max 7c", "s19 hydro 7c fee=2%", "s19 0.07¢", "s19 34.5W 7c", "s19 3250J/TH 7c",
        "s19 7c fee=1", "s19 power=7", "s19 0.7", "s19 7 $/kWh", "s19 $3000 7c",
        "s19 eco mode 7c", "s19 7c price=20k yesterday",
        "s19 texas", "s21 2.5 kr/kWh", "s19 7c 2%", "is mining worth it at 6c?",
    ],
)  # fmt: skip
def test_every_choice_of_a_refusal_is_understood(text: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        understand(text, CATALOGUE)
    assert caught.value.choices
    for choice in caught.value.choices:
        assert isinstance(understand(choice.text, CATALOGUE, strict=True), Question | WhatIf)


@pytest.mark.parametrize("language", ["en", "de", "es", "ru", "zh"])
def test_a_bare_command_is_none_of_the_calculators(language: str) -> None:
    assert understand("hashprice", CATALOGUE, Asker(language)) == CommandRequest("hashprice")


@pytest.mark.parametrize("text", ["price=40000 " * 200, "s19 7c " * 200, "电费多少" * 400])
def test_a_text_of_hundreds_of_words_is_no_question(text: str) -> None:
    with pytest.raises(InvalidQuestion, match="too long for a question"):
        understand(text, CATALOGUE)


def test_a_run_of_marks_is_one_mark() -> None:
    assert understand("s19 7c ????!!!", CATALOGUE) == understand("s19 7c?", CATALOGUE)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("and 20 of them?", "en"),
        ("und mit 20 Geräten?", "de"),
        ("¿y 20 de ellos?", "es"),
        ("а 20 таких?", "ru"),
        ("20台呢", "zh"),
    ],
)
def test_a_number_of_the_same_machines_keeps_the_rest(text: str, language: str) -> None:
    asked = _next(text, language)
    assert isinstance(asked, Question)
    assert (asked.rig.name, asked.count, asked.power_price) == ("Antminer S19", 20, Money(0.08))


@pytest.mark.parametrize(
    ("text", "language", "period"),
    [
        ("and per month?", "en", "month"),
        ("per year?", "en", "year"),
        ("und im Monat?", "de", "month"),
        ("¿y al mes?", "es", "month"),
        ("а в месяц?", "ru", "month"),
        ("每月呢", "zh", "month"),
        ("ok and per month", "en", "month"),
        ("thanks, and a year?", "en", "year"),
        ("ок а в месяц", "ru", "month"),
        ("好的 一个月呢", "zh", "month"),
    ],
)
def test_another_span_of_time_keeps_the_rest(text: str, language: str, period: str) -> None:
    asked = _next(text, language)
    assert isinstance(asked, Question)
    assert (asked.rig.name, asked.period, asked.power_price) == ("Antminer S19", period, Money(0.08))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("whats the limit then", "en"),
        ("und wo ist die grenze?", "de"),
        ("y cuál es el límite", "es"),
        ("а где предел", "ru"),
        ("上限是多少", "zh"),
    ],
)
def test_a_limit_of_nothing_is_asked_about_with_choices_that_are_answered(text: str, language: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        _next(text, language)
    asked = [_next(choice.text, language) for choice in caught.value.choices]
    assert [each.focus for each in asked if isinstance(each, Question)] == [
        Focus.POWER_PRICE,
        Focus.BTC_PRICE,
    ]


def test_the_zones_offered_for_a_market_price_are_answered() -> None:
    with pytest.raises(InvalidQuestion) as failure:
        understand("s21 at epex spot plus 3 cents", CATALOGUE)
    asked = [understand(choice.text, CATALOGUE) for choice in failure.value.choices]
    assert [each.zone for each in asked if isinstance(each, Question)] == ["DE-LU", "AT", "NL", "FR"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("s21 for $2900 at 6c, difficulty grows 3% a month, payback?", "en"),
        ("S21 für 2.900 €, Strom 6 ct, Difficulty steigt 3% im Monat, wann amortisiert?", "de"),
        ("S21 de 2900 dólares a 6 centavos, la dificultad sube 3% al mes, ¿cuándo lo recupero?", "es"),
        ("s21 за 2900$ по 6 центов, сложность растёт на 3% в месяц, когда окупится", "ru"),
        ("S21 2900美元 6美分 难度每月涨3% 多久回本", "zh"),
    ],
)
def test_payback_under_a_growth_goes_on_until_the_machine_is_paid(text: str, language: str) -> None:
    asked = understand(text, CATALOGUE, Asker(language))
    assert isinstance(asked, ProjectionRequest)
    assert asked.until_paid
    assert asked.difficulty_growth == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("s21 for $2900 at 6c, difficulty grows 3% a month, profit?", "en"),
        ("S21 für 2.900 €, Strom 6 ct, Difficulty steigt 3% im Monat, welcher Gewinn?", "de"),
        ("S21 a 6 centavos, la dificultad sube 3% al mes, ¿ganancia?", "es"),
        ("s21 за 2900$ по 6 центов, сложность растёт на 3% в месяц, прибыль?", "ru"),
        ("S21 6美分 难度每月涨3% 利润", "zh"),
    ],
)
def test_a_growth_without_an_end_is_asked_about_with_spans_that_are_answered(
    text: str, language: str
) -> None:
    with pytest.raises(InvalidQuestion) as failure:
        understand(text, CATALOGUE, Asker(language))
    asked = [understand(choice.text, CATALOGUE, Asker(language)) for choice in failure.value.choices]
    requests = [each for each in asked if isinstance(each, ProjectionRequest)]
    assert [each.months for each in requests] == [12, 24, 36]
    assert all(each.difficulty_growth == pytest.approx(0.03) for each in requests)


def test_dear_hosting_of_several_machines_is_each_ones_or_all_of_theirs() -> None:
    with pytest.raises(InvalidQuestion) as failure:
        understand("25 s21 pros at 7c, hosting $12k/month", CATALOGUE)
    asked = [understand(choice.text, CATALOGUE) for choice in failure.value.choices]
    costs = [each.fixed_cost.amount for each in asked if isinstance(each, Question) and each.fixed_cost]
    assert costs == [pytest.approx(12_000 / 30.4375), pytest.approx(12_000 / 30.4375 / 25)]


def test_a_rent_that_follows_is_shared_by_the_machines_asked_about_before() -> None:
    before = understand("4 s19 at 6c", CATALOGUE)
    assert isinstance(before, Question)
    asked = understand("and with a rent of 120 usd a month?", CATALOGUE, before=before)
    assert isinstance(asked, Question)
    assert asked == replace(before, shared_cost=Money(120 / 30.4375))
    fleet = understand("30 s19 and 10 m20s at 6c", CATALOGUE)
    assert isinstance(fleet, MachineComparison)
    asked = understand("and with a rent of 120 usd a month?", CATALOGUE, before=fleet)
    assert isinstance(asked, MachineComparison)
    shares = [each.shared_cost.amount for each in asked.questions if each.shared_cost is not None]
    assert shares == [pytest.approx(90 / 30.4375), pytest.approx(30 / 30.4375)]
    with pytest.raises(InvalidQuestion):
        understand("and with hosting for 1200 usd a month?", CATALOGUE, before=before)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("and with an s21?", "en"),
        ("what about an s21", "en"),
        ("und mit einem s21?", "de"),
        ("¿y con un s21?", "es"),
        ("а с s21?", "ru"),
        ("那s21呢", "zh"),
        ("换成s21呢", "zh"),
    ],
)
def test_another_machine_keeps_all_of_the_site_in_every_language(text: str, language: str) -> None:
    asked = _next(text, language)
    assert isinstance(asked, Question)
    assert (asked.rig.name, asked.power_price, asked.pool_fee) == ("Antminer S21", Money(0.08), 0.02)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how much does an s21 make a day", "en"),
        ("was verdient ein s21 am tag", "de"),
        ("cuánto gana un s21 al día", "es"),
        ("сколько зарабатывает s21 в день", "ru"),
        ("s21一天赚多少", "zh"),
    ],
)
def test_a_question_without_a_tariff_is_reckoned_at_the_last_one(text: str, language: str) -> None:
    asked = _next(text, language)
    assert isinstance(asked, Question)
    assert (asked.rig.name, asked.power_price, asked.pool_fee) == ("Antminer S21", Money(0.08), 0.0)


def test_a_comparison_is_gone_on_from() -> None:
    before = understand("s19 vs s21 at 6c", CATALOGUE)
    assert isinstance(before, MachineComparison)
    cheaper = understand("and at 5 cents?", CATALOGUE, before=before)
    assert isinstance(cheaper, MachineComparison)
    assert [question.power_price for question in cheaper.questions] == [Money(0.05)] * 2
    in_euro = understand("in euro", CATALOGUE, before=before)
    assert isinstance(in_euro, MachineComparison)
    assert [question.currency for question in in_euro.questions] == [Currency.EUR] * 2


def test_machines_compared_have_prices_of_their_own() -> None:
    asked = understand("s19 at $420 vs s21 200T for 2600 usd, 6c, which pays back first", CATALOGUE)
    assert isinstance(asked, MachineComparison)
    assert [question.machine_price for question in asked.questions] == [Money(420.0), Money(2600.0)]
    with pytest.raises(InvalidQuestion, match="What does each machine cost"):
        understand("s19 or s21 for 2500$ at 6c", CATALOGUE)
