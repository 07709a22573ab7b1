"""What a text corrects of the question before it, in five languages."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import RECKONED, CommandRequest
from bot.mining.parsing.follow_up import CommandDone
from bot.mining.parsing.offered_commands import likely
from bot.mining.parsing.understanding import understand
from bot.mining.question import Question
from bot.mining.whatif import WhatIf
from tests.mining.parsing.readings import said

CATALOGUE = load_machines()


def _corrected(first: str, text: str, language: str) -> str:
    """What a text is read as behind a question; with "? " before it when it is asked about."""
    asker = Asker(language)
    before = understand(first, CATALOGUE, asker)
    assert isinstance(before, Question | WhatIf)
    try:
        return said(understand(text, CATALOGUE, asker, before=before), CATALOGUE)
    except InvalidQuestion as failure:
        return f"? {failure.sentence}"


@pytest.mark.parametrize(
    ("language", "first", "text", "reading"),
    [
        ("en", "s21 7c", "no wait 7.9", "S21 200T, power_price=0.079 USD"),
        ("en", "s19 8c", "sorry, 9 cents", "S19 95T, power_price=0.09 USD"),
        ("en", "s21 7c", "ok and 4.5", "S21 200T, power_price=0.045 USD"),
        ("en", "s21 7c", "s19 xp but not at 7c", "? I don't understand “but not” in that question."),
        (
            "de",
            "s21 7 ct",
            "s19 xp aber nicht bei 7 ct",
            "? I don't understand “aber nicht bei” in that question.",
        ),
        ("es", "s21 7 usct", "s19 xp pero no a 7 usct", "? I don't understand “pero no a” in that question."),
        (
            "ru",
            "s21 7 центов",
            "s19 xp но не по 7 центов",
            "? I don't understand “но не по” in that question.",
        ),
        ("en", "s21 7c hosting 30$/month", "without the hosting", "S21 200T, power_price=0.07 USD"),
        ("de", "s21 7 ct hosting 30 €/monat", "ohne hosting?", "S21 200T, power_price=0.07 EUR"),
        ("es", "s21 7 usct hosting 30 usd al mes", "sin el hosting", "S21 200T, power_price=0.07 USD"),
        ("ru", "s21 7 центов хостинг 30$ в месяц", "без хостинга", "S21 200T, power_price=0.07 USD"),
        (
            "en",
            "s21 hosting 190$/month power included",
            "without the hosting",
            "? The power was included; what does a kWh cost without it?",
        ),
        (
            "en",
            "s21 7c hosting 30$/month loan 50$/month",
            "without the hosting",
            "? I don't understand “without hosting” in that question.",
        ),
        ("en", "s21 7c", "not 7, 8", "S21 200T, power_price=0.08 USD"),
        ("en", "s21 7c", "8, not 7", "S21 200T, power_price=0.08 USD"),
        ("en", "s21 7c", "not 7c but 8", "S21 200T, power_price=0.08 USD"),
        ("en", "s21 7c", "no, make that 8.5", "S21 200T, power_price=0.085 USD"),
        ("en", "s21 0.07", "sorry 0.08", "S21 200T, power_price=0.08 USD"),
        ("en", "s21 7c", "oops I meant the s21 xp", "S21 XP 270T, power_price=0.07 USD"),
        ("en", "s21 7c fee 2%", "no, s19", "S19 95T, power_price=0.07 USD, pool_fee=0.02"),
        ("en", "s21 7c fee 2%", "no, 3%", "S21 200T, power_price=0.07 USD, pool_fee=0.03"),
        ("en", "20 s19 at 7c", "no wait 25", "S19 95T, power_price=0.07 USD, count=25"),
        ("en", "20 s19 at 7c", "not 20, 30", "S19 95T, power_price=0.07 USD, count=30"),
        ("en", "s21 7c", "actually per month", "S21 200T, power_price=0.07 USD, period=month"),
        ("en", "s21 7c", "no, in euro", "S21 200T, power_price=0.07 USD, currency=EUR"),
        (
            "en",
            "s21 7c what if btc drops 20%",
            "no, 30%",
            "what if price -0.300: S21 200T, power_price=0.07 USD",
        ),
        ("en", "s21 at 7c, btc at 40k", "no, 50k", "S21 200T, power_price=0.07 USD, btc_price=50000 USD"),
        (
            "en",
            "s21 7c what if difficulty rises 10%",
            "no, falls 10%",
            "what if difficulty -0.100: S21 200T, power_price=0.07 USD",
        ),
        ("en", "s21 7c", "how much is that in a month", "S21 200T, power_price=0.07 USD, period=month"),
        ("de", "s21 bei 7 ct", "wie viel ist das im Monat", "S21 200T, power_price=0.07 EUR, period=month"),
        ("zh", "s21 0.45元", "0.5呢", "S21 200T, power_price=0.5 CNY"),
        ("en", "s19 6c", "what about 7?", "S19 95T, power_price=0.07 USD"),
        ("en", "s19 6c", "how about 7", "S19 95T, power_price=0.07 USD"),
        ("en", "s19 6c", "and 7?", "S19 95T, power_price=0.07 USD"),
        ("en", "s19 $0.06", "and 7?", "S19 95T, power_price=0.07 USD"),
        ("de", "s19 6 ct", "und 7?", "S19 95T, power_price=0.07 EUR"),
        ("de", "s19 6 ct", "was ist mit 7?", "S19 95T, power_price=0.07 EUR"),
        ("de", "s19 6 ct", "wie sieht es mit 7 aus?", "S19 95T, power_price=0.07 EUR"),
        ("es", "s19 a 6 centavos", "¿y 7?", "S19 95T, power_price=0.07 USD"),
        ("es", "s19 a 6 centavos", "qué tal 7?", "S19 95T, power_price=0.07 USD"),
        ("es", "s19 a 6 centavos", "y con 7?", "S19 95T, power_price=0.07 USD"),
        ("ru", "s19 6 центов", "а 7?", "S19 95T, power_price=0.07 USD"),
        ("ru", "s19 6 центов", "а если 7?", "S19 95T, power_price=0.07 USD"),
        ("ru", "s19 6 центов", "а при 7?", "S19 95T, power_price=0.07 USD"),
        ("zh", "s19 6美分", "7呢？", "S19 95T, power_price=0.07 USD"),
        ("zh", "s19 6美分", "那7呢？", "S19 95T, power_price=0.07 USD"),
        (
            "en",
            "s19 7c fee 2%",
            "oops I meant 0.6 percent",
            "S19 95T, power_price=0.07 USD, pool_fee=0.006",
        ),
        (
            "de",
            "s19 7 ct poolgebühr 2%",
            "ups, ich meinte 0,6 prozent",
            "S19 95T, power_price=0.07 EUR, pool_fee=0.006",
        ),
        (
            "es",
            "s19 a 7 centavos comisión del pool 2%",
            "perdón, quise decir 0,6 por ciento",
            "S19 95T, power_price=0.07 USD, pool_fee=0.006",
        ),
        (
            "ru",
            "s19 7 центов комиссия пула 2%",
            "ой, я имел в виду 0,6 процента",
            "S19 95T, power_price=0.07 USD, pool_fee=0.006",
        ),
        ("zh", "s19 7美分 矿池费2%", "我是说百分之0.6", "S19 95T, power_price=0.07 USD, pool_fee=0.006"),
        ("de", "s21 bei 7 ct", "ich meinte 8", "S21 200T, power_price=0.08 EUR"),
        ("de", "s21 bei 7 ct", "nicht 7, sondern 7,9", "S21 200T, power_price=0.079 EUR"),
        ("de", "s21 bei 7 ct", "quatsch, 8,5", "S21 200T, power_price=0.085 EUR"),
        ("de", "s21 bei 7 ct", "ach nein, ein S19", "S19 95T, power_price=0.07 EUR"),
        ("es", "s21 a 8 céntimos", "perdón, 9 céntimos", "S21 200T, power_price=0.09 EUR"),
        ("es", "s21 a 8 céntimos", "no 8 sino 9", "S21 200T, power_price=0.09 EUR"),
        ("es", "s21 a 8 céntimos", "me refería al s19", "S19 95T, power_price=0.08 EUR"),
        ("en", "s21 7c", "instead of 7 take 8", "S21 200T, power_price=0.08 USD"),
        ("en", "s21 7c", "i pay 8 not 7", "S21 200T, power_price=0.08 USD"),
        ("de", "s21 bei 7 ct", "stimmt nicht, ich zahle 8", "S21 200T, power_price=0.08 EUR"),
        ("es", "s21 a 8 céntimos", "en vez de 8, 9", "S21 200T, power_price=0.09 EUR"),
        ("ru", "s21 7 центов", "вместо 7 8", "S21 200T, power_price=0.08 USD"),
        ("ru", "s21 7 центов", "не 7, а 8", "S21 200T, power_price=0.08 USD"),
        ("ru", "s21 7 центов", "точнее 7,5", "S21 200T, power_price=0.075 USD"),
        ("ru", "s21 7 центов", "ой, s19", "S19 95T, power_price=0.07 USD"),
        ("zh", "s21 电费0.5元", "不对，是0.45", "S21 200T, power_price=0.45 CNY"),
        ("zh", "s21 电费0.5元", "不是0.5，是0.45", "S21 200T, power_price=0.45 CNY"),
        ("zh", "s21 7美分", "我是说s19", "S19 95T, power_price=0.07 USD"),
    ],
)
def test_a_correction_changes_what_it_corrects_and_nothing_else(
    language: str, first: str, text: str, reading: str
) -> None:
    assert _corrected(first, text, language) == reading


@pytest.mark.parametrize(
    ("first", "text"),
    [
        ("20 s19 at 7c", "no wait 8"),  # machines or cents
        ("s21 7c", "no, 120"),
        ("20 s21 7c", "and 8?"),  # machines or cents
        ("s21 7c", "and 20?"),
        ("s21 7c", "8"),
        ("s21 7c fee 4%", "and 6?"),
        ("s21 7c if btc drops 10%", "and 8?"),
        ("s21 7c hosting 5$/day", "and 8?"),
        ("s21 7c uptime 95%", "oops I meant 0.6 percent"),
        ("s21 7c fee 2% uptime 95%", "oops I meant 0.6 percent"),
        ("s21 7c", "not 9, 8"),  # nobody said 9
        ("s21 7c hosting 5$/day", "no wait 6"),
    ],
)
def test_a_number_that_may_stand_for_several_is_asked_about(first: str, text: str) -> None:
    assert _corrected(first, text, "en").startswith("? ")


@pytest.mark.parametrize(
    ("language", "text", "reading"),
    [
        ("en", "no, price", "/price"),
        ("en", "no thanks", "/thanks"),
        ("en", "actually, thanks", "/thanks"),
        ("de", "doch nicht", "/nothing_asked"),
        ("es", "no", "/nothing_asked"),
        ("en", "wait", "-"),
    ],
)
def test_what_corrects_no_figure_is_read_for_itself(language: str, text: str, reading: str) -> None:
    assert _corrected("s21 7c", text, language) == reading


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "mejor minero a 9 céntimos"), ("de", "beste Maschine bei 9 ct"), ("en", "best miner at 9 cents")],
)
def test_the_best_machine_is_no_correction(language: str, text: str) -> None:
    assert " vs " in _corrected("s21 7c", text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "how did you get that?"),
        ("en", "show me the math"),
        ("de", "wie kommst du darauf?"),
        ("es", "¿cómo lo calculaste?"),
        ("ru", "как ты это посчитал?"),
        ("zh", "怎么算出来的"),
    ],
)
def test_how_an_answer_was_reckoned_may_be_asked(language: str, text: str) -> None:
    question = understand("s21 7c", CATALOGUE)
    assert isinstance(question, Question)
    asked = understand(text, CATALOGUE, Asker(language), before=question)
    assert asked == CommandRequest(RECKONED)
    behind_price = understand(
        text, CATALOGUE, Asker(language), before=CommandDone(CommandRequest("price"), question)
    )
    assert behind_price != CommandRequest(RECKONED)


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "with hosting", "hosting"),
        ("de", "und mit Hosting?", "hosting"),
        ("es", "con hosting", "hosting"),
        ("ru", "с хостингом", "хостингом"),
        ("zh", "加上托管呢", "托管"),
        ("en", "and with a pool fee?", "pool fee"),
    ],
)
def test_a_cost_without_its_figure_is_asked_for(language: str, text: str, word: str) -> None:
    assert _corrected("s21 7c", text, language).startswith(f"? How much is the “{word}”?")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "without the fee"),
        ("de", "und ohne Gebühr?"),
        ("es", "sin comisión"),
        ("ru", "без комиссии"),
        ("zh", "不算矿池费呢"),
    ],
)
def test_a_fee_is_left_away(language: str, text: str) -> None:
    assert "pool_fee" not in _corrected("s21 7 usd cents fee 2%", text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "and for 20?"), ("de", "und für 20?"), ("es", "lo mismo para 20"), ("ru", "а для 20?")],
)
def test_for_so_many_is_no_price_unasked(language: str, text: str) -> None:
    assert _corrected("s21 7c", text, language) == "? 20 machines, or 20 c/kWh?"


def test_what_is_supposed_together_keeps_what_was_supposed_before() -> None:
    first = "s21 7c what if difficulty rises 10%"
    both = "what if price +1.000, difficulty +0.100: S21 200T, power_price=0.07 USD"
    assert _corrected(first, "and if btc doubles at the same time", "en") == both
    assert _corrected("s21 0.07美元 难度涨10%", "要是币价同时翻倍", "zh") == both
    assert "difficulty" not in _corrected(first, "and if btc doubles", "en")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "a year ago"),
        ("de", "und vor einem Jahr?"),
        ("es", "¿y hace un año?"),
        ("ru", "а год назад?"),
        ("zh", "一年前呢"),
    ],
)
def test_a_time_gone_by_is_of_what_was_answered_last(language: str, text: str) -> None:
    assert _corrected("s21 7c", text, language).startswith("in month 12 ago: S21 200T")
    question = understand("s21 7c", CATALOGUE)
    assert isinstance(question, Question)
    before = CommandDone(CommandRequest("price"), question)
    asker = Asker(language)
    read = understand(text, CATALOGUE, asker, before=before)
    assert read in (None, CommandRequest("chart", "price 1y"))
    assert read is not None or likely(text, CATALOGUE, asker, before) == [CommandRequest("chart", "price 2y")]


def test_behind_the_machines_nothing_that_ends_messages_is_offered() -> None:
    for text, language in (("and if I kill the ten worst", "en"), ("schalt die schlechtesten ab", "de")):
        before = CommandDone(CommandRequest("fleet"))
        names = {request.name for request in likely(text, CATALOGUE, Asker(language), before)}
        assert names
        assert names.isdisjoint(("unsubscribe", "watches", "mute", "forget"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "compare it with an s19"),
        ("de", "im Vergleich zum S19"),
        ("es", "comparado con el s19"),
        ("ru", "сравни с s19"),
        ("zh", "跟s19比呢"),
    ],
)
def test_a_machine_is_compared_with_the_one_before(language: str, text: str) -> None:
    both = "S21 200T, power_price=0.07 USD vs S19 95T, power_price=0.07 USD"
    assert _corrected("s21 0.07$", text, language) == both


def test_two_machines_behind_a_question_are_a_comparison_of_their_own() -> None:
    both = "S19 95T, power_price=0.07 USD vs M50S 126T, power_price=0.07 USD"
    assert _corrected("s21 7c", "and s19 vs m50s", "en") == both


@pytest.mark.parametrize(
    ("language", "first", "text", "currency"),
    [
        ("es", "s21 a 8 céntimos", "vale, y a 9?", "EUR"),
        ("de", "s21 $0.08", "und bei 9?", "USD"),
        ("en", "s21 8 eurocent", "and at 9c?", "EUR"),
        ("en", "s21 8 eurocent", "and at $0.09?", "USD"),
    ],
)
def test_cents_behind_a_tariff_are_of_its_currency(
    language: str, first: str, text: str, currency: str
) -> None:
    assert _corrected(first, text, language) == f"S21 200T, power_price=0.09 {currency}"
